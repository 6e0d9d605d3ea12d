#include "voicebridge/testing/openai_call_record.hpp"

#include "testing/record_values.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

void write_webhooks(JsonWriter& out, const std::vector<OpenAiCallRecord::Webhook>& webhooks) {
  out.key("webhooks").array();
  for (const auto& webhook : webhooks) {
    out.object().field("webhook_id", webhook.webhook_id).field("event_id", webhook.event_id);
    out.field("type", webhook.type).field("at_ms", webhook.at.count());
    out.field("status", webhook.status).end();
  }
  out.end();
}

void write_requests(JsonWriter& out, const std::vector<OpenAiCallRecord::Request>& requests) {
  out.key("requests").array();
  for (const auto& request : requests) {
    out.object().field("verb", request.verb).field("at_ms", request.at.count());
    out.field("status", request.status).field("code", request.code);
    out.field("body", request.body).end();
  }
  out.end();
}

void write_sidebands(JsonWriter& out, const std::vector<OpenAiCallRecord::Sideband>& sidebands) {
  out.key("sidebands").array();
  for (const auto& sideband : sidebands) {
    out.object().field("opened_ms", sideband.opened.count());
    out.field("closed_ms", milliseconds(sideband.closed))
        .field("events_sent", sideband.events_sent);
    out.field("events_received", sideband.events_received);
    out.field("closed_by_service", sideband.closed_by_service).end();
  }
  out.end();
}

void write_audio(JsonWriter& out, const OpenAiCallRecord& record) {
  out.key("heard").array();
  for (const auto& heard : record.heard) {
    out.object().field("item_id", heard.item_id).field("response_id", heard.response_id);
    out.field("begin_ms", heard.begin.count()).field("length_ms", heard.length.count());
    out.field("queued_ms", heard.queued.count()).field("cut", heard.cut).end();
  }
  out.end().key("said").array();
  for (const auto& said : record.said) {
    out.object().field("begin_ms", said.begin.count()).field("end_ms", said.end.count());
    out.field("text", said.text).end();
  }
  out.end();
}

}  // namespace

std::string_view to_string(OpenAiCallRecord::State state) noexcept {
  switch (state) {
    case OpenAiCallRecord::State::ringing:
      return "ringing";
    case OpenAiCallRecord::State::connected:
      return "connected";
    case OpenAiCallRecord::State::ended:
      break;
  }
  return "ended";
}

std::string_view to_string(OpenAiCallRecord::End end) noexcept {
  switch (end) {
    case OpenAiCallRecord::End::none:
      return "none";
    case OpenAiCallRecord::End::caller_gave_up:
      return "caller_gave_up";
    case OpenAiCallRecord::End::rejected:
      return "rejected";
    case OpenAiCallRecord::End::caller_hung_up:
      return "caller_hung_up";
    case OpenAiCallRecord::End::hung_up:
      return "hung_up";
    case OpenAiCallRecord::End::referred:
      return "referred";
    case OpenAiCallRecord::End::expired:
      return "expired";
    case OpenAiCallRecord::End::shut_down:
      break;
  }
  return "shut_down";
}

void OpenAiCallRecord::write(JsonWriter& out) const {
  out.object().field("call_id", call_id).field("kind", kind).field("from", from).field("to", to);
  out.field("state", to_string(state)).field("end", to_string(end));
  out.field("sip_status", sip_status).field("refer_to", refer_to);
  out.field("connected_ms", milliseconds(connected_at)).field("ended_ms", milliseconds(ended_at));
  write_webhooks(out, webhooks);
  write_requests(out, requests);
  write_sidebands(out, sidebands);
  write_audio(out, *this);
  out.field("keys", keys).field("script_timeouts", script_timeouts);
  out.field("script_done", script_done);
  if (!accepted_session.empty()) out.key("accepted_session").raw(accepted_session);
  out.key("session");
  session.write(out);
  out.end();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
