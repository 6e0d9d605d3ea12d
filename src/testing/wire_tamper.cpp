#include "testing/wire_tamper.hpp"

#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::size_t kHugeFrame = 512 * 1024;
constexpr std::size_t kDeepFrame = 10000;
constexpr Millis kBadFrameSpacing{100};
constexpr std::string_view kEncoding = "\"encoding\":\"";

bool is_event(std::string_view text, std::string_view name) {
  const std::string key = "\"event\":\"" + std::string(name) + "\"";
  return text.find(key) != std::string_view::npos;
}

}  // namespace

std::string bad_frame(BadFrame kind) {
  switch (kind) {
    case BadFrame::no_json:
      return R"({"event":"media","media":{"payl)";
    case BadFrame::bad_base64:
      return R"({"event":"media","media":{"track":"inbound","payload":"%%%%"}})";
    case BadFrame::no_payload:
      return R"({"event":"media","media":{"track":"inbound"}})";
    case BadFrame::unknown_event:
      return R"({"event":"telepathy","telepathy":{"thought":"none"}})";
    case BadFrame::huge:
      return R"({"event":"media","media":{"payload":")" + std::string(kHugeFrame, 'A') + "\"}}";
    case BadFrame::deep:
      return R"({"event":"media","media":)" + std::string(kDeepFrame, '[') +
             std::string(kDeepFrame, ']') + "}";
  }
  return {};
}

WireTamper::WireTamper(Scheduler& scheduler, WireSink& to_application, MediaTrouble trouble,
                       std::uint64_t seed)
    : scheduler_(scheduler), wire_(to_application), trouble_(std::move(trouble)), random_(seed) {}

SendStatus WireTamper::send_text(std::string_view head, std::string_view payload,
                                 std::string_view tail) {
  std::string text;
  text.append(head).append(payload).append(tail);
  if (trouble_.socket == MediaTrouble::Socket::no_start) return SendStatus::sent;
  if (is_event(text, "start")) return send_start(std::move(text));
  if (is_event(text, "stop") && trouble_.hangs_open) return SendStatus::sent;
  if (is_event(text, "mark")) {
    if (trouble_.lose_marks) return SendStatus::sent;
    const auto jitter = static_cast<std::uint64_t>(trouble_.mark_jitter.count());
    const Millis delay =
        trouble_.mark_delay + Millis(static_cast<std::int64_t>(random_.up_to(jitter)));
    if (delay > Millis(0)) {
      send_later(std::move(text), delay);
      return SendStatus::sent;
    }
  }
  const bool twice = is_event(text, "media") && random_.chance(trouble_.duplicate);
  const SendStatus status = wire_.send_text(text);
  return twice ? wire_.send_text(text) : status;
}

SendStatus WireTamper::send_start(std::string text) {
  const std::size_t encoding = text.find(kEncoding);
  if (trouble_.unknown_codec && encoding != std::string::npos) {
    const std::size_t begin = encoding + kEncoding.size();
    text.replace(begin, text.find('"', begin) - begin, "MORSE");
  }
  start_ = text;
  Millis delay = kBadFrameSpacing;
  for (const BadFrame kind : trouble_.bad_frames) {
    send_later(bad_frame(kind), delay);
    delay += kBadFrameSpacing;
  }
  return wire_.send_text(text);
}

void WireTamper::stop() {
  std::string text = start_;
  // Both the event's name and the key of what it tells.
  for (std::size_t at = text.find("\"start\""); at != std::string::npos;
       at = text.find("\"start\"", at)) {
    text.replace(at, 7, "\"stop\"");
  }
  wire_.send_text(text);
  wire_.close(1000, "");
}

void WireTamper::send_later(std::string text, Millis delay) {
  scheduler_.run_at(scheduler_.now() + delay,
                    [this, alive = std::weak_ptr<const bool>(alive_), text = std::move(text)] {
                      if (!alive.expired()) wire_.send_text(text);
                    });
}

void WireTamper::close(std::uint16_t code, std::string_view reason) {
  if (!trouble_.hangs_open) wire_.close(code, reason);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
