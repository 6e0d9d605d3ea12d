#include "voicebridge/web/page_event.hpp"

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {
namespace {

JsonWriter begin(const char* type) {
  JsonWriter json;
  json.object().field("type", type);
  return json;
}

void add_unless_empty(JsonWriter& json, const char* key, const std::string& value) {
  if (!value.empty()) json.field(key, value);
}

}  // namespace

std::string_view to_string(TalkState state) noexcept {
  switch (state) {
    case TalkState::connecting:
      return "connecting";
    case TalkState::listening:
      return "listening";
    case TalkState::thinking:
      return "thinking";
    case TalkState::speaking:
      return "speaking";
    case TalkState::calling:
      return "calling";
    case TalkState::ended:
      return "ended";
  }
  return "ended";
}

std::string to_json(const StateEvent& event) {
  JsonWriter json = begin("state");
  json.field("state", to_string(event.state));
  add_unless_empty(json, "reason", event.reason);
  return json.end().take();
}

std::string to_json(const TranscriptEvent& event) {
  JsonWriter json = begin("transcript");
  json.field("who", event.who == TranscriptEvent::Who::agent ? "agent" : "visitor");
  json.field("turn", event.turn).field("text", event.text).field("final", event.final);
  if (event.cut) json.field("cut", true);
  if (event.heard) json.field("heard_ms", event.heard->count());
  return json.end().take();
}

std::string to_json(const LeadEvent& event) {
  JsonWriter json = begin("lead");
  json.key("lead").object().field("lead_id", event.lead_id).field("first_name", event.first_name);
  json.field("last_name", event.last_name).field("phone", event.phone);
  return json.field("consent", event.consent).end().end().take();
}

std::string to_json(const CallEvent& event) {
  JsonWriter json = begin("call");
  json.field("call_id", event.call_id).field("state", event.state);
  add_unless_empty(json, "reason", event.reason);
  if (!event.transcript) return json.end().take();
  json.key("transcript").array();
  for (const CallEvent::Line& line : *event.transcript) {
    json.object().field("who", line.lead ? "lead" : "agent").field("text", line.text);
    if (line.cut) json.field("cut", true);
    json.end();
  }
  return json.end().end().take();
}

std::string to_json(const ErrorEvent& event) {
  JsonWriter json = begin("error");
  json.field("code", event.code).field("message", event.message).field("fatal", event.fatal);
  return json.end().take();
}

std::string to_json(const ByeEvent& event) {
  return begin("bye").field("reason", event.reason).end().take();
}

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
