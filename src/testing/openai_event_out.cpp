#include "openai_event_out.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

void string_or_null(JsonWriter& out, std::string_view key, const std::string& text) {
  out.key(key);
  if (text.empty()) {
    out.null();
  } else {
    out.string(text);
  }
}

}  // namespace

void write_error_fields(JsonWriter& out, const ApiError& error) {
  out.field("type", error.type);
  string_or_null(out, "code", error.code);
  out.field("message", error.message);
  string_or_null(out, "param", error.param);
}

std::string error_event(std::string_view event_id, const ApiError& error,
                        const std::optional<std::string>& client_event_id) {
  JsonWriter out;
  out.object().field("event_id", event_id).field("type", "error").key("error").object();
  write_error_fields(out, error);
  string_or_null(out, "event_id", client_event_id.value_or(""));
  return out.end().end().take();
}

void EventOut::error(const ApiError& error, const std::optional<std::string>& client_event_id) {
  send(error_event(ids_.make("event_"), error, client_event_id));
}

void EventOut::close(unsigned code, std::string_view reason) {
  if (closed_) return;
  closed_ = true;
  sink_.close(static_cast<std::uint16_t>(code), reason);
}

void EventOut::send(const std::string& text) {
  ++record_.server_events;
  put(text);
}

void EventOut::put(std::string_view text) {
  if (closed_) return;
  const SendStatus status = sink_.send_text(text);
  if (status == SendStatus::dropped) ++record_.server_events_dropped;
  if (status == SendStatus::closed) closed_ = true;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
