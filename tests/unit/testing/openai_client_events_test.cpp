#include "testing/openai_client_events.hpp"

#include "support/catch.hpp"
#include "support/schema_check.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

struct Refusal {
  const char* event;
  const char* code;
  const char* param;
};

ApiError refusal_of(std::string_view event) {
  const auto json = Json::parse(event);
  REQUIRE(json);
  const auto error = check_client_event(*json);
  return error.value_or(ApiError{"accepted", "", ""});
}

TEST_CASE("each fault of a client event has its code and its path", "[openai_client_events]") {
  const Refusal table[] = {
      {R"({})", "missing_required_parameter", "type"},
      {R"({"type":7})", "invalid_type", "type"},
      {R"({"type":"session.close"})", "invalid_value", "type"},
      {R"({"type":"output_audio_buffer.clear"})", "invalid_value", "type"},
      {R"({"type":"session.update"})", "missing_required_parameter", "session"},
      {R"({"type":"session.update","session":{}})", "missing_required_parameter", "session.type"},
      {R"({"type":"session.update","session":{"type":"transcription"}})", "invalid_value",
       "session.type"},
      {R"({"type":"session.update","extra":1,"session":{"type":"realtime"}})", "unknown_parameter",
       "extra"},
      {R"({"type":"session.update","session":{"type":"realtime","voice":"alloy"}})",
       "unknown_parameter", "session.voice"},
      {R"({"type":"session.update","session":{"type":"realtime","temperature":0.8}})",
       "unknown_parameter", "session.temperature"},
      {R"({"type":"session.update","session":{"type":"realtime","modalities":["audio","text"]}})",
       "unknown_parameter", "session.modalities"},
      {R"({"type":"session.update","session":{"type":"realtime","id":"sess_1"}})",
       "unknown_parameter", "session.id"},
      {R"({"type":"session.update","session":{"type":"realtime","output_modalities":["audio","text"]}})",
       "invalid_value", "session.output_modalities"},
      {R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":"g711_ulaw"}}}})",
       "invalid_type", "session.audio.input.format"},
      {R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcm","rate":16000}}}}})",
       "invalid_value", "session.audio.input.format.rate"},
      {R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcmu","rate":8000}}}}})",
       "unknown_parameter", "session.audio.input.format.rate"},
      {R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"semantic_vad","threshold":0.5}}}}})",
       "unknown_parameter", "session.audio.input.turn_detection.threshold"},
      {R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":4999}}}}})",
       "invalid_value", "session.audio.input.turn_detection.idle_timeout_ms"},
      {R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"threshold":0.5}}}}})",
       "missing_required_parameter", "session.audio.input.turn_detection.type"},
      {R"({"type":"session.update","session":{"type":"realtime","audio":{"output":{"speed":2}}}})",
       "invalid_value", "session.audio.output.speed"},
      {R"({"type":"session.update","session":{"type":"realtime","max_output_tokens":5000}})",
       "invalid_value", "session.max_output_tokens"},
      {R"({"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","function":{"name":"f"}}]}})",
       "unknown_parameter", "session.tools[0].function"},
      {R"({"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","name":"f","strict":true}]}})",
       "unknown_parameter", "session.tools[0].strict"},
      {R"({"type":"session.update","session":{"type":"realtime","tools":[{"type":"function"}]}})",
       "missing_required_parameter", "session.tools[0].name"},
      {R"({"type":"input_audio_buffer.append"})", "missing_required_parameter", "audio"},
      {R"({"type":"input_audio_buffer.append","audio":null})", "invalid_type", "audio"},
      {R"({"type":"conversation.item.create"})", "missing_required_parameter", "item"},
      {R"({"type":"conversation.item.create","item":{"type":"message","content":[]}})",
       "missing_required_parameter", "item.role"},
      {R"({"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_audio","transcript":"x"}]}})",
       "invalid_value", "item.content[0].type"},
      {R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"text","text":"x"}]}})",
       "invalid_value", "item.content[0].type"},
      {R"({"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"c","output":{}}})",
       "invalid_type", "item.output"},
      {R"({"type":"conversation.item.create","item":{"id":"123456789012345678901234567890123","type":"message","role":"user","content":[]}})",
       "invalid_value", "item.id"},
      {R"({"type":"conversation.item.truncate","item_id":"i","content_index":0})",
       "missing_required_parameter", "audio_end_ms"},
      {R"({"type":"conversation.item.truncate","item_id":"i","content_index":1,"audio_end_ms":5})",
       "invalid_value", "content_index"},
      {R"({"type":"conversation.item.truncate","item_id":"i","content_index":0,"audio_end_ms":-1})",
       "invalid_value", "audio_end_ms"},
      {R"({"type":"conversation.item.truncate","item_id":"i","content_index":0,"audio_end_ms":1.5})",
       "invalid_type", "audio_end_ms"},
      {R"({"type":"response.create","response":{"voice":"alloy"}})", "unknown_parameter",
       "response.voice"},
      {R"({"type":"response.create","response":{"modalities":["text"]}})", "unknown_parameter",
       "response.modalities"},
      {R"({"type":"response.create","response":{"metadata":{"a":1}}})", "invalid_type",
       "response.metadata.a"},
      {R"({"type":"response.create","response":{"input":[{"type":"item_reference"}]}})",
       "missing_required_parameter", "response.input[0].id"},
      {R"({"type":"response.create","response":{"input":[{"type":"telepathy"}]}})", "invalid_value",
       "response.input[0].type"},
  };
  for (const auto& row : table) {
    CAPTURE(row.event);
    const ApiError error = refusal_of(row.event);
    CHECK(error.code == row.code);
    CHECK(error.param == row.param);
  }
}

TEST_CASE("limits of client events are exact", "[openai_client_events]") {
  const auto with_event_id = [](std::size_t size) {
    return R"({"type":"response.create","event_id":")" + std::string(size, 'x') + R"("})";
  };
  CHECK(refusal_of(with_event_id(512)).code == "accepted");
  CHECK(refusal_of(with_event_id(513)).param == "event_id");

  const auto with_metadata = [](std::size_t pairs, std::size_t key, std::size_t value) {
    JsonWriter out;
    out.object().field("type", "response.create").key("response").object().key("metadata").object();
    for (std::size_t i = 0; i < pairs; ++i) {
      out.field(std::string(key - 2, 'k') + std::to_string(10 + i), std::string(value, 'v'));
    }
    return out.end().end().end().take();
  };
  CHECK(refusal_of(with_metadata(16, 64, 512)).code == "accepted");
  CHECK(refusal_of(with_metadata(17, 64, 512)).param == "response.metadata");
  CHECK(refusal_of(with_metadata(1, 65, 1)).code == "invalid_value");
  CHECK(refusal_of(with_metadata(1, 64, 513)).code == "invalid_value");
}

TEST_CASE("what the official strict schema allows is accepted", "[openai_client_events]") {
  const test::SchemaFile schema("openai/realtime-events.schema.json");
  const char* const events[] = {
      R"({"type":"session.update","event_id":"e","session":{"type":"realtime","output_modalities":["audio"],"instructions":"Hi","audio":{"input":{"format":{"type":"audio/pcmu"},"noise_reduction":null,"transcription":{"model":"gpt-transcribe"},"turn_detection":{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":500,"create_response":true,"interrupt_response":true,"idle_timeout_ms":null}},"output":{"format":{"type":"audio/pcmu"},"voice":"marin","speed":1.0}},"tools":[],"tool_choice":"auto"}})",
      R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null,"transcription":null,"noise_reduction":{"type":"near_field"}},"output":{"voice":{"id":"voice_1"}}},"tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{}}}],"tool_choice":{"type":"function","name":"f"},"max_output_tokens":"inf","truncation":{"type":"retention_ratio","retention_ratio":0.8},"tracing":{"workflow_name":"w"},"include":["item.input_audio_transcription.logprobs"],"reasoning":{"effort":"low"},"prompt":null}})",
      R"({"type":"input_audio_buffer.append","audio":"/////w=="})",
      R"({"type":"input_audio_buffer.commit"})",
      R"({"type":"input_audio_buffer.clear"})",
      R"({"type":"conversation.item.create","previous_item_id":"root","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"},{"type":"input_image","image_url":"data:image/png;base64,AA=="}]}})",
      R"({"type":"conversation.item.create","item":{"type":"message","role":"system","content":[{"type":"input_text","text":"hi"}]}})",
      R"({"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}]}})",
      R"({"type":"conversation.item.create","item":{"type":"function_call","name":"f","arguments":"{}"}})",
      R"({"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"c","output":"{}"}})",
      R"({"type":"conversation.item.truncate","item_id":"i","content_index":0,"audio_end_ms":1500})",
      R"({"type":"conversation.item.delete","item_id":"i"})",
      R"({"type":"conversation.item.retrieve","item_id":"i"})",
      R"({"type":"response.create"})",
      R"({"type":"response.create","response":{"instructions":"x","conversation":"none","input":[],"metadata":{"a":"b"},"output_modalities":["text"],"audio":{"output":{"voice":"marin"}},"tool_choice":"none"}})",
      R"({"type":"response.cancel","response_id":"r"})"};
  for (const char* event : events) {
    CAPTURE(event);
    CHECK(schema.check(*Json::parse(event), "ClientEventStrict") == "");
    CHECK(refusal_of(event).code == "accepted");
  }
}

}  // namespace
}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
