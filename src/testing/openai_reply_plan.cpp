#include "openai_reply_plan.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

using Kind = ReplyStep::Kind;

constexpr Micros kCallTime{20000};  ///< A function call takes the model so long …
constexpr std::size_t kCallPiece =
    24;  ///< … and its arguments come in pieces of so many characters.
constexpr Micros kTextPieceTime{15000};
constexpr double kMinSpeed = 0.01;

class Planner {
 public:
  Planner(const ReplyTiming& timing, const ReplyFault& fault, SeededRandom& random)
      : timing_(timing), fault_(fault), random_(random), now_(timing.first_audio) {}

  void add(std::size_t index, const Item& item) {
    output_ = index;
    step(Kind::open);
    if (item.type == "mcp_approval_request") {
      now_ += kCallTime;
    } else if (item.type == "function_call" || item.type == "mcp_call") {
      add_call(item.arguments);
    } else if (item.is_agent_audio()) {
      add_audio(item.content.front());
    } else {
      add_text(item.content.front().text);
    }
    step(Kind::close);
  }

  std::deque<ReplyStep> finish() {
    step(Kind::finish);
    return std::move(steps_);
  }

 private:
  ReplyStep& step(Kind kind) {
    ReplyStep next;
    next.at = now_;
    next.kind = kind;
    next.output = output_;
    return steps_.emplace_back(std::move(next));
  }

  void add_call(const std::string& arguments) {
    now_ += kCallTime;
    std::size_t sent = 0;
    while (sent < arguments.size()) {
      const std::size_t end = end_of_character(arguments, sent + kCallPiece);
      step(Kind::arguments).text = arguments.substr(sent, end - sent);
      sent = end;
    }
  }

  void add_text(const std::string& text) {
    std::size_t said = 0;
    while (said < text.size()) {
      const std::size_t end = end_of_word(text, said + 1);
      step(Kind::text).text = text.substr(said, end - said);
      said = end;
      now_ += kTextPieceTime;
    }
  }

  /// The words run a little ahead of the audio they belong to, as in the service.
  void add_audio(const ContentPart& part) {
    const std::size_t total = part.audio_bytes;
    const std::string& words = *part.transcript;
    std::size_t sent = 0, said = 0;
    while (sent < total) {
      const std::size_t end = std::min(total, sent + piece_bytes(part.format));
      const std::size_t due =
          end == total ? words.size() : end_of_word(words, words.size() * end / total);
      ReplyStep& next = step(Kind::audio);
      next.begin = sent;
      next.end = end;
      next.text = words.substr(said, due > said ? due - said : 0);
      now_ += Micros(
          static_cast<std::int64_t>(static_cast<double>(part.format.duration(end - sent).count()) /
                                    std::max(timing_.speed, kMinSpeed)));
      sent = end;
      said = std::max(said, due);
      ++pieces_;
      add_fault(end, total);
    }
  }

  /// A chance length that is no multiple of 20 ms, as the service's are not.
  std::size_t piece_bytes(AudioFormat format) {
    const Millis spread_time = std::max(timing_.piece_max - timing_.piece_min, Millis(0));
    const auto spread = static_cast<std::uint64_t>(spread_time.count());
    auto millis = static_cast<std::size_t>(timing_.piece_min.count()) + random_.up_to(spread);
    if (millis % 20 == 0) millis += 7;
    return millis * format.bytes_per_second() / 1000;
  }

  void add_fault(std::size_t sent, std::size_t total) {
    const bool here = pieces_ == fault_.after;
    switch (fault_.kind) {
      case ReplyFault::Kind::malformed_frame:
        if (here) step(Kind::malformed);
        break;
      case ReplyFault::Kind::unknown_event:
        if (here) step(Kind::unknown);
        break;
      case ReplyFault::Kind::cut:
        if (here) step(Kind::cut);
        break;
      case ReplyFault::Kind::incomplete:
        if (sent >= total / 2) step(Kind::incomplete);
        break;
      default:
        break;
    }
  }

  static std::size_t end_of_word(const std::string& text, std::size_t from) {
    const std::size_t space = text.find(' ', std::min(from, text.size()));
    return space == std::string::npos ? text.size() : space + 1;
  }

  static std::size_t end_of_character(const std::string& text, std::size_t from) {
    std::size_t end = std::min(from, text.size());
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    return end;
  }

  const ReplyTiming& timing_;
  const ReplyFault& fault_;
  SeededRandom& random_;
  Micros now_;
  std::size_t output_ = 0;
  unsigned pieces_ = 0;
  std::deque<ReplyStep> steps_;
};

}  // namespace

std::deque<ReplyStep> plan_reply(const std::vector<Item>& outputs, const ReplyTiming& timing,
                                 const ReplyFault& fault, SeededRandom& random) {
  if (fault.kind == ReplyFault::Kind::silent) return {};
  Planner planner(timing, fault, random);
  for (std::size_t i = 0; i < outputs.size(); ++i) planner.add(i, outputs[i]);
  return planner.finish();
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
