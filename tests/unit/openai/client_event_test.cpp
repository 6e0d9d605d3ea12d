#include "voicebridge/openai/client_event.hpp"

#include "support/catch.hpp"
#include "support/schema_check.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;

namespace {

void check_valid(const std::string& text) {
  static const test::SchemaFile schema("openai/realtime-events.schema.json");
  INFO(text);
  const auto event = Json::parse(text);
  REQUIRE(event);
  CHECK(schema.check(*event, "ClientEventStrict") == "");
}

}  // namespace

TEST_CASE("client events are what the official schema wants") {
  CHECK(input_audio_append("AAAA") == R"({"type":"input_audio_buffer.append","audio":"AAAA"})");
  CHECK(input_audio_commit() == R"({"type":"input_audio_buffer.commit"})");
  CHECK(input_audio_commit("e1") == R"({"type":"input_audio_buffer.commit","event_id":"e1"})");
  CHECK(input_audio_clear() == R"({"type":"input_audio_buffer.clear"})");
  CHECK(
      truncate_item("i", Millis(1500)) ==
      R"({"type":"conversation.item.truncate","item_id":"i","content_index":0,"audio_end_ms":1500})");
  CHECK(delete_item("i") == R"({"type":"conversation.item.delete","item_id":"i"})");
  CHECK(retrieve_item("i") == R"({"type":"conversation.item.retrieve","item_id":"i"})");
  CHECK(cancel_response() == R"({"type":"response.cancel"})");
  CHECK(cancel_response("r") == R"({"type":"response.cancel","response_id":"r"})");
  CHECK(create_response({}) == R"({"type":"response.create","response":{}})");
  CHECK(
      create_response({"Say hi.", false, "t1"}, "e1") ==
      R"({"type":"response.create","event_id":"e1","response":{"instructions":"Say hi.","tool_choice":"none",)"
      R"("metadata":{"voicebridge":"t1"}}})");
  CHECK(
      create_function_output("c", R"({"a":"b"})", "i") ==
      R"({"type":"conversation.item.create","item":{"id":"i","type":"function_call_output","call_id":"c",)"
      R"("output":"{\"a\":\"b\"}"}})");
  CHECK(create_message(MessageRole::assistant, "Hi") ==
        R"({"type":"conversation.item.create","item":{"type":"message","role":"assistant",)"
        R"("content":[{"type":"output_text","text":"Hi"}]}})");

  for (const std::string& text :
       {input_audio_append("AAAA"), input_audio_commit("e"), input_audio_clear("e"),
        truncate_item("i", Millis(1), "e"), delete_item("i", "e"), retrieve_item("i", "e"),
        cancel_response("r", "e"), create_response({}, "e"),
        create_response({"x", false, "t"}, "e"), create_function_output("c", "x", "i", "e"),
        create_message(MessageRole::system, "x", "i", "e"), create_message(MessageRole::user, "x"),
        create_message(MessageRole::assistant, "x")}) {
    check_valid(text);
  }
}

TEST_CASE("a session update carries the session, without its model") {
  SessionConfig session;
  session.model = "gpt-realtime-2.1";
  session.instructions = "Hi";
  const std::string text = session_update(session, "e1").value();
  CHECK(
      text ==
      R"({"type":"session.update","event_id":"e1","session":{"type":"realtime","instructions":"Hi"}})");
  check_valid(text);
}
