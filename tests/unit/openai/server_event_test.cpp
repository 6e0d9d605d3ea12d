#include "voicebridge/openai/server_event.hpp"

#include <map>
#include <random>
#include <set>
#include <string>

#include "support/catch.hpp"
#include "unit/openai/official_schema.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using namespace voicebridge::test;

namespace {

/// One example of each event, with all its members: tests/data/openai/server_events.json.
const std::map<std::string, std::string>& examples() {
  static const std::map<std::string, std::string> all = [] {
    std::map<std::string, std::string> events;
    const auto json = Json::parse(test::read_test_data("openai/server_events.json"));
    REQUIRE(json);
    for (JsonView event : json->root().elements())
      events[event["type"].string_or("")] = event.dump();
    return events;
  }();
  return all;
}

template <class Event>
Event parse(const std::string& text) {
  const auto event = parse_server_event(text);
  REQUIRE(event);
  REQUIRE(std::holds_alternative<Event>(event->body));
  return std::get<Event>(event->body);
}

template <class Event>
Event example() {
  return parse<Event>(examples().at(std::string(Event::kType)));
}

template <class... Events>
std::set<std::string> types_of(const std::variant<UnknownEvent, Events...>*) {
  return {std::string(Events::kType)...};
}

}  // namespace

TEST_CASE("the types are those of the official schema") {
  std::set<std::string> official;
  for (const auto& member : schema().root()["x-serverEventTypes"].members())
    official.emplace(member.key);
  CHECK(official.size() == 46);
  CHECK(types_of(static_cast<const ServerEventBody*>(nullptr)) == official);
}

TEST_CASE("every type has an example that the official schema accepts") {
  CHECK(examples().size() == 46);
  for (const auto& [type, text] : examples()) {
    INFO(type);
    const auto json = Json::parse(text);
    REQUIRE(json);
    CHECK(schema().check(*json, "ServerEvent") == "");
    const auto event = parse_server_event(text);
    REQUIRE(event);
    CHECK_FALSE(std::holds_alternative<UnknownEvent>(event->body));
    CHECK(type_name(event->body) == type);
    CHECK(event->event_id == (*json)["event_id"].string_or(""));
    CHECK(event->json.root() == json->root());
  }
}

TEST_CASE("session events") {
  const SessionInfo session = example<SessionCreated>().session;
  CHECK(session.id == "sess_1");
  CHECK(session.type == "realtime");
  CHECK(session.model == "gpt-realtime-2.1");
  CHECK(session.expires_at == 1750290618);
  CHECK(session.instructions == "Be kind.");
  CHECK(session.object == "realtime.session");
  CHECK(session.audio.input.format->type == "audio/pcmu");
  CHECK(session.audio.output.format->rate == 24000);
  CHECK(std::get<std::string>(*session.audio.output.voice) == "marin");
  CHECK(session.audio.input.transcription->model == "gpt-transcribe");
  CHECK(session.audio.input.turn_detection->type == "server_vad");
  CHECK(session.more.empty());
  CHECK(example<SessionUpdated>().session.audio.input.turn_detection.is_null());
  CHECK(example<ConversationCreated>().conversation.id == "conv_1");
}

TEST_CASE("an error event") {
  const ServiceError error = example<ErrorEvent>().error;
  CHECK(error.type == "invalid_request_error");
  CHECK(error.code == "invalid_value");
  CHECK(error.message == "Audio content of 1234ms is already shorter than 2000ms");
  CHECK(error.param == "audio_end_ms");
  CHECK(error.event_id == "vb_cut_1");
}

TEST_CASE("item events") {
  const auto added = example<ItemAdded>();
  CHECK(added.previous_item_id == "item_0");
  CHECK(added.item.id == "item_1");
  CHECK(added.item.type == "message");
  CHECK(added.item.role == "user");
  CHECK(added.item.status == "completed");
  REQUIRE(added.item.content.size() == 1);
  CHECK(added.item.content[0].type == "input_audio");
  CHECK(added.item.content[0].transcript.empty());
  CHECK(example<ItemDone>().item.content[0].transcript == "Hello");
  CHECK(example<ItemCreated>().item.role == "system");
  CHECK(example<ItemRetrieved>().item.content[0].audio == "AAAA");
  const auto truncated = example<ItemTruncated>();
  CHECK(truncated.item_id == "item_2");
  CHECK(truncated.content_index == 1);
  CHECK(truncated.audio_end_ms == 1500);
  CHECK(example<ItemDeleted>().item_id == "item_2");
}

TEST_CASE("transcription events") {
  const auto delta = example<InputTranscriptionDelta>();
  CHECK(delta.item_id == "item_1");
  CHECK(delta.delta == "Hel");
  REQUIRE(delta.logprobs.size() == 1);
  CHECK(delta.logprobs[0].token == "Hel");
  CHECK(delta.logprobs[0].logprob == -0.25);
  CHECK(delta.logprobs[0].bytes == std::vector<std::int64_t>{72, 101, 108});
  const auto segment = example<InputTranscriptionSegment>();
  CHECK(segment.text == "Hello");
  CHECK(segment.id == "seg_1");
  CHECK(segment.speaker == "A");
  CHECK(segment.start == 0.5);
  CHECK(segment.end == 1.25);
  const auto completed = example<InputTranscriptionCompleted>();
  CHECK(completed.transcript == "Hello");
  CHECK(completed.usage.type == "tokens");
  CHECK(completed.usage.total_tokens == 22);
  CHECK(completed.usage.input_tokens == 13);
  CHECK(completed.usage.output_tokens == 9);
  CHECK(completed.usage.input_token_details.audio_tokens == 13);
  CHECK(completed.languages.at(0).code == "en");
  CHECK(completed.logprobs.size() == 1);
  const auto failed = example<InputTranscriptionFailed>();
  CHECK(failed.item_id == "item_1");
  CHECK(failed.error.code == "audio_unintelligible");
}

TEST_CASE("input and output buffer events") {
  CHECK(example<InputBufferCommitted>().item_id == "item_1");
  CHECK(example<InputBufferCommitted>().previous_item_id == "item_0");
  example<InputBufferCleared>();
  CHECK(example<SpeechStarted>().audio_start_ms == 120);
  CHECK(example<SpeechStarted>().item_id == "item_1");
  CHECK(example<SpeechStopped>().audio_end_ms == 980);
  CHECK(example<InputTimeoutTriggered>().audio_start_ms == 5);
  CHECK(example<InputTimeoutTriggered>().audio_end_ms == 6005);
  CHECK(example<DtmfReceived>().event == "9");
  CHECK(example<DtmfReceived>().received_at == 1763605109);
  CHECK(example<OutputBufferStarted>().response_id == "resp_1");
  CHECK(example<OutputBufferStopped>().response_id == "resp_1");
  CHECK(example<OutputBufferCleared>().response_id == "resp_1");
}

TEST_CASE("response events") {
  const Response created = example<ResponseCreated>().response;
  CHECK(created.id == "resp_1");
  CHECK(created.status == "in_progress");
  CHECK(created.metadata.at("voicebridge") == "vb_response_1");
  CHECK(*created.conversation_id == "conv_1");
  CHECK_FALSE(created.usage);
  CHECK(created.output_modalities == std::vector<std::string>{"audio"});
  CHECK(std::get<std::string>(*created.audio.output.voice) == "marin");
  CHECK(created.max_output_tokens->tokens == 0);
  CHECK_FALSE(created.status_details);

  const Response done = example<ResponseDone>().response;
  CHECK(done.status == "failed");
  CHECK(done.status_details->reason == "turn_detected");
  CHECK(done.conversation_id.is_null());
  REQUIRE(done.status_details->error);
  CHECK(done.status_details->error->code == "rate_limit_exceeded");
  REQUIRE(done.output.size() == 6);
  CHECK(done.output[0].content[0].transcript == "Hi");
  CHECK(done.output[1].type == "function_call");
  CHECK(done.output[1].call_id == "call_1");
  CHECK(done.output[1].name == "save_lead");
  CHECK(done.output[1].arguments == "{}");
  REQUIRE(done.usage);
  CHECK(done.usage->total_tokens == 300);
  CHECK(done.usage->input_tokens == 200);
  CHECK(done.usage->output_tokens == 100);
  const TokenUsage::Input& input = done.usage->input_token_details;
  CHECK(input.text_tokens == 119);
  CHECK(input.audio_tokens == 13);
  CHECK(input.image_tokens == 4);
  CHECK(input.cached_tokens == 64);
  CHECK(input.cached_tokens_details.text_tokens == 64);
  CHECK(done.usage->output_token_details.text_tokens == 30);
  CHECK(done.usage->output_token_details.audio_tokens == 70);
}

TEST_CASE("MCP items") {
  const auto items = example<ResponseDone>().response.output;
  REQUIRE(items.size() == 6);
  CHECK(items[2].server_label == "crm");
  REQUIRE(items[2].tools.size() == 2);
  CHECK(items[2].tools[0].name == "find");
  CHECK(items[2].tools[0].description == "Finds.");
  CHECK(items[2].tools[1].input_schema == JsonText{R"({"type":"object"})"});
  CHECK(items[3].approval_request_id == "mcpr_1");
  CHECK(items[3].output == "Ada");
  CHECK_FALSE(items[3].error);
  REQUIRE(items[4].error);
  CHECK(items[4].error->type == "http_error");
  CHECK(items[4].error->code == 503);
  CHECK(items[5].type == "mcp_approval_request");
}

TEST_CASE("output events") {
  CHECK(example<OutputItemAdded>().item.status == "in_progress");
  CHECK(example<OutputItemDone>().output_index == 1);
  CHECK(example<OutputItemDone>().item.call_id == "call_1");
  const auto part = example<ContentPartAdded>();
  CHECK(part.response_id == "resp_1");
  CHECK(part.item_id == "item_2");
  CHECK(part.output_index == 2);
  CHECK(part.content_index == 3);
  CHECK(part.part.type == "audio");
  CHECK(example<ContentPartDone>().part.transcript == "Hi");
  CHECK(example<OutputTextDelta>().delta == "H");
  CHECK(example<OutputTextDone>().text == "Hi");
  CHECK(example<OutputAudioDelta>().delta == "AAAA");
  CHECK(example<OutputAudioDone>().item_id == "item_2");
  CHECK(example<OutputTranscriptDelta>().delta == "H");
  CHECK(example<OutputTranscriptDone>().transcript == "Hi");
}

TEST_CASE("function and MCP events") {
  CHECK(example<FunctionArgumentsDelta>().call_id == "call_1");
  CHECK(example<FunctionArgumentsDelta>().delta == "{");
  CHECK(example<FunctionArgumentsDone>().name == "save_lead");
  CHECK(example<FunctionArgumentsDone>().arguments == "{}");
  CHECK(example<McpArgumentsDelta>().delta == "{");
  CHECK(example<McpArgumentsDone>().arguments == "{}");
  CHECK(example<McpCallInProgress>().output_index == 1);
  CHECK(example<McpCallCompleted>().item_id == "item_3");
  CHECK(example<McpCallFailed>().item_id == "item_3");
  CHECK(example<McpListToolsInProgress>().item_id == "item_4");
  CHECK(example<McpListToolsCompleted>().item_id == "item_4");
  CHECK(example<McpListToolsFailed>().item_id == "item_4");
  const auto limits = example<RateLimitsUpdated>().rate_limits;
  REQUIRE(limits.size() == 2);
  CHECK(limits[1].name == "tokens");
  CHECK(limits[1].limit == 40000);
  CHECK(limits[1].remaining == 39500);
  CHECK(limits[1].reset_seconds == 0.75);
}

TEST_CASE("an unknown type is passed on with its text") {
  const auto event =
      parse_server_event(R"({"type":"response.dance","event_id":"e","steps":[1,2]})");
  REQUIRE(event);
  REQUIRE(std::holds_alternative<UnknownEvent>(event->body));
  CHECK(type_name(event->body) == "response.dance");
  CHECK(event->event_id == "e");
  CHECK(event->more.at("steps").text == "[1,2]");
  CHECK(event->json["steps"].size() == 2);
}

TEST_CASE("the beta's names mean the present types") {
  CHECK(parse<OutputTextDelta>(R"({"type":"response.text.delta","delta":"x"})").delta == "x");
  CHECK(parse<OutputTextDone>(R"({"type":"response.text.done","text":"x"})").text == "x");
  CHECK(parse<OutputAudioDelta>(R"({"type":"response.audio.delta","delta":"AAAA"})").delta ==
        "AAAA");
  CHECK(parse<OutputAudioDone>(R"({"type":"response.audio.done","item_id":"i"})").item_id == "i");
  CHECK(parse<OutputTranscriptDelta>(R"({"type":"response.audio_transcript.delta","delta":"x"})")
            .delta == "x");
  CHECK(parse<OutputTranscriptDone>(R"({"type":"response.audio_transcript.done","transcript":"x"})")
            .transcript == "x");
  const auto item = parse<ItemAdded>(
      R"({"type":"conversation.item.added","item":{"role":"assistant","content":[{"type":"text"},{"type":"audio"}]}})");
  CHECK(item.item.content.at(0).type == "output_text");
  CHECK(item.item.content.at(1).type == "output_audio");
  const auto session = parse<SessionUpdated>(
      R"({"type":"transcription_session.updated","session":{"id":"s","voice":"ash","input_audio_format":"g711_ulaw"}})");
  CHECK(std::get<std::string>(*session.session.audio.output.voice) == "ash");
  CHECK(session.session.audio.input.format->type == "audio/pcmu");
}

TEST_CASE("what is no event is refused") {
  for (const char* text : {"", "x", "{", "[]", "null", "12", R"("type")", "{}", R"({"type":null})",
                           R"({"type":1})", R"({"type":"error"} x)"}) {
    INFO(text);
    const auto event = parse_server_event(text);
    REQUIRE_FALSE(event);
    CHECK(event.error().code == Errc::protocol_error);
  }
}

TEST_CASE("size and depth of an event are bounded") {
  const std::string large = R"({"type":"error","x":")" + std::string(2000, 'x') + "\"}";
  CHECK(parse_server_event(large));
  CHECK_FALSE(parse_server_event(large, JsonLimits{1000, 64}));
  const std::string deep =
      R"({"type":"error","x":)" + std::string(10000, '[') + std::string(10000, ']') + "}";
  CHECK_FALSE(parse_server_event(deep));
}

TEST_CASE("members may be missing, null or of a wrong type") {
  for (const auto& [type, text] : examples()) {
    const auto json = Json::parse(text);
    REQUIRE(json);
    for (const auto& victim : json->root().members()) {
      if (victim.key == "type") continue;
      for (const char* replacement :
           {"", "null", "7", "-1e300", "\"text\"", "true", "[]", "[null,{},7]", "{}"}) {
        JsonWriter writer;
        writer.object();
        for (const auto& member : json->root().members()) {
          if (member.key != victim.key) {
            writer.field(member.key, member.value);
          } else if (*replacement != '\0') {
            writer.key(member.key).raw(replacement);
          }
        }
        const std::string mutated = writer.end().take();
        INFO(mutated);
        const auto event = parse_server_event(mutated);
        REQUIRE(event);
        CHECK(type_name(event->body) == type);
      }
    }
  }
}

TEST_CASE("every truncation of every event is refused") {
  for (const auto& [type, text] : examples()) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      INFO(type << " " << size);
      REQUIRE_FALSE(parse_server_event(std::string_view(text).substr(0, size)));
    }
  }
}
