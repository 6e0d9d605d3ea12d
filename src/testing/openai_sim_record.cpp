#include "voicebridge/testing/openai_sim_record.hpp"

#include "testing/record_values.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

void write_turns(JsonWriter& out, const std::vector<OpenAiSimRecord::Turn>& turns) {
  out.key("turns").array();
  for (const auto& turn : turns) {
    out.object().field("item_id", turn.item_id).field("at_ms", turn.at.count());
    out.field("length_ms", turn.length.count()).field("transcript", turn.transcript).end();
  }
  out.end();
}

void write_utterances(JsonWriter& out, const std::vector<OpenAiSimRecord::Utterance>& utterances) {
  out.key("utterances").array();
  for (const auto& said : utterances) {
    out.object().field("item_id", said.item_id).field("response_id", said.response_id);
    out.field("transcript", said.transcript)
        .field("bytes", said.bytes)
        .field("sent_ms", said.sent.count());
    out.field("complete", said.complete)
        .field("heard_ms", milliseconds(said.heard))
        .field("deleted", said.deleted);
    out.end();
  }
  out.end();
}

void write_responses(JsonWriter& out, const std::vector<OpenAiSimRecord::Response>& responses) {
  out.key("responses").array();
  for (const auto& response : responses) {
    out.object().field("id", response.id).field("cause", to_string(response.cause));
    out.field("status", response.status).field("reason", response.reason);
    out.field("created_ms", response.created.count())
        .field("first_audio_ms", milliseconds(response.first_audio));
    out.field("done_ms", milliseconds(response.done)).end();
  }
  out.end();
}

void write_violations(JsonWriter& out, const std::vector<OpenAiSimRecord::Violation>& violations) {
  out.key("violations").array();
  for (const auto& violation : violations) {
    out.object().field("event_type", violation.event_type).field("code", violation.code);
    out.field("param", violation.param).field("message", violation.message).end();
  }
  out.end();
}

void write_tool_results(JsonWriter& out, const std::vector<OpenAiSimRecord::ToolResult>& results) {
  out.key("tool_results").array();
  for (const auto& result : results) {
    out.object().field("call_id", result.call_id).field("name", result.name);
    out.field("output", result.output).end();
  }
  out.end();
}

}  // namespace

void OpenAiSimRecord::write(JsonWriter& out) const {
  out.object()
      .field("session_id", session_id)
      .field("model", model)
      .field("agent", agent)
      .field("open", open);
  out.key("client_events").object();
  for (const auto& [type, number] : client_events) out.field(type, number);
  out.end();
  out.field("server_events", server_events).field("server_events_dropped", server_events_dropped);
  out.field("audio_received_bytes", audio_received).field("audio_sent_bytes", audio_sent);
  write_turns(out, turns);
  write_utterances(out, utterances);
  write_responses(out, responses);
  write_violations(out, violations);
  write_tool_results(out, tool_results);
  out.key("notes").array();
  for (const auto& note : notes) out.string(note);
  out.end().field("entries_dropped", entries_dropped).end();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
