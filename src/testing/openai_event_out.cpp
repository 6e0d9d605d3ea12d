#include "openai_event_out.hpp"

namespace voicebridge::testing::detail {
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

void EventOut::error(const ApiError& error, const std::optional<std::string>& client_event_id) {
  event("error", [&](JsonWriter& out) {
    out.key("error").object();
    write_error_fields(out, error);
    string_or_null(out, "event_id", client_event_id.value_or(""));
    out.end();
  });
}

void EventOut::malformed() { put(R"({"type":"response.output_audio.delta","delta":)"); }

void EventOut::unknown() {
  put(R"({"event_id":"event_unknown","type":"response.telepathy.delta",)"
      R"("delta":{"thought":[1,null]}})");
}

void EventOut::close(unsigned code, std::string_view reason) {
  if (closed_) return;
  closed_ = true;
  sink_.close(static_cast<std::uint16_t>(code), reason);
}

void EventOut::send(const std::string& text) {
  const std::uint64_t number = ++record_.server_events;
  if (fault_.malformed_at == number) malformed();
  if (fault_.unknown_at == number) unknown();
  put(text);
  if (fault_.cut_after && number >= *fault_.cut_after) {
    close(fault_.close_code, "simulated failure");
  }
}

void EventOut::put(const std::string& text) {
  if (closed_ || (fault_.mute_after && record_.server_events > *fault_.mute_after)) return;
  const SendStatus status = sink_.send_text(text);
  if (status == SendStatus::dropped) ++record_.server_events_dropped;
  if (status == SendStatus::closed) closed_ = true;
}

}  // namespace voicebridge::testing::detail
