// Both sides of the model's sockets against the official schema. `make_call` checks every text of
// all the calls of this program; here is what that check takes and what it notices.
#include <map>

#include "unit/calls/script.hpp"

namespace voicebridge::test {
namespace {

TEST_CASE("what both sides say in a call is what the schema allows", "[calls_schema]") {
  ScriptedCallOptions options = talk(7);
  std::map<std::string, int> sent, received;
  options.on_model_text = [&](bool from_service, std::string_view text) {
    check_model_text(from_service, text);
    const Json event = Json::parse(text).value();
    ++(from_service ? sent : received)[event["type"].string_or("")];
  };
  auto call = make_call(std::move(options));
  call->dial();
  REQUIRE(call->run(60s));
  for (const char* type :
       {"session.created", "session.updated", "response.output_audio.delta", "response.done",
        "input_audio_buffer.speech_started", "conversation.item.truncated", "rate_limits.updated",
        "conversation.item.input_audio_transcription.completed"}) {
    CAPTURE(type);
    CHECK(sent[type] > 0);
  }
  for (const char* type : {"session.update", "input_audio_buffer.append", "response.create",
                           "conversation.item.truncate"}) {
    CAPTURE(type);
    CHECK(received[type] > 0);
  }
}

TEST_CASE("the check notices what the schema does not allow", "[calls_schema]") {
  CHECK(event_check().client(R"({"type":"response.create"})") == "");
  CHECK(event_check().client(R"({"type":"response.create","now":true})") != "");
  CHECK(event_check().client(R"({"type":"response.truncate"})") != "");
  CHECK(event_check().client(R"({"type":"session.update","session":{"voice":"marin"}})") != "");
  CHECK(event_check().server(R"({"type":"input_audio_buffer.cleared","event_id":"e"})") == "");
  CHECK(event_check().server(R"({"type":"input_audio_buffer.cleared"})") != "");
  CHECK(event_check().server(R"({"type":"response.cancelled","event_id":"e"})") != "");
  CHECK(event_check().server(R"({"type":"response.done",)") != "");
}

}  // namespace
}  // namespace voicebridge::test
