// The responses of a session, as a client sees them.
#include "testing/openai_response_runner.hpp"

#include <algorithm>

#include "openai_sim_fixture.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

TEST_CASE("a turn of the caller is answered in the documented order", "[openai_response_runner]") {
  SimRig rig(kTalk);
  rig.configure("", kTranscribed);
  speak_turn(rig);
  rig.run(Millis(2000));
  const Types expected = {"session.created",
                          "session.updated",
                          "input_audio_buffer.speech_started",
                          "input_audio_buffer.speech_stopped",
                          "input_audio_buffer.committed",
                          "conversation.item.added",
                          "conversation.item.done",
                          "response.created",
                          "conversation.item.input_audio_transcription.delta",
                          "conversation.item.input_audio_transcription.completed",
                          "response.output_item.added",
                          "conversation.item.added",
                          "response.content_part.added"};
  Types types = squeezed(rig.next_types());
  REQUIRE(types.size() > expected.size());
  CHECK(Types(types.begin(), types.begin() + static_cast<std::ptrdiff_t>(expected.size())) ==
        expected);

  const Types closing = {"response.output_audio.done",
                         "response.output_audio_transcript.done",
                         "response.content_part.done",
                         "conversation.item.done",
                         "response.output_item.done",
                         "rate_limits.updated",
                         "response.done"};
  CHECK(Types(types.end() - static_cast<std::ptrdiff_t>(closing.size()), types.end()) == closing);
  for (auto type = types.begin() + static_cast<std::ptrdiff_t>(expected.size());
       type != types.end() - static_cast<std::ptrdiff_t>(closing.size()); ++type) {
    CHECK((*type == "response.output_audio.delta" ||
           *type == "response.output_audio_transcript.delta"));
  }
}

TEST_CASE("the ids of a turn belong together", "[openai_response_runner]") {
  SimRig rig(kTalk);
  rig.configure("", kTranscribed);
  speak_turn(rig);
  rig.run(Millis(2000));
  const std::string user = rig.last("input_audio_buffer.speech_started")["item_id"].string_or("");
  CHECK(user.substr(0, 5) == "item_");
  CHECK(user.size() <= 32);
  CHECK(rig.last("input_audio_buffer.speech_stopped")["item_id"].string_or("") == user);
  const Json committed = rig.last("input_audio_buffer.committed");
  CHECK(committed["item_id"].string_or("") == user);
  CHECK(committed["previous_item_id"].is_null());
  const Json transcribed = rig.last("conversation.item.input_audio_transcription.completed");
  CHECK(transcribed["item_id"].string_or("") == user);
  CHECK(transcribed["transcript"].string_or("") == "I am Ada.");
  const Json done = rig.last("conversation.item.done");
  CHECK(done["previous_item_id"].string_or("") == user);
  CHECK(done["item"]["role"].string_or("") == "assistant");
  CHECK(done["item"]["content"].at(0)["transcript"].string_or("") == "Nice to meet you, dear Ada.");
  CHECK_FALSE(done["item"]["content"].at(0)["audio"].exists());
  const Json response = rig.last("response.done");
  CHECK(response["response"]["output"].at(0)["id"].string_or("") ==
        done["item"]["id"].string_or("?"));
}

TEST_CASE("the audio of a reply is the voice's, faster than real time",
          "[openai_response_runner]") {
  OpenAiSimOptions options;
  options.keep_audio_bytes = 1 << 20;
  SimRig rig(kTalk, options);
  rig.configure("", kNoVad);
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(249));
  CHECK(rig.count("response.output_audio.delta") == 0);
  rig.run(Millis(1));
  CHECK(rig.count("response.output_audio.delta") == 1);
  const auto voice =
      ToneVoice().speak("en", "Hello, this is the agent speaking to you.", AudioFormat::pcmu());
  rig.run(Millis(65 * 41 / 8 + 1));
  CHECK(rig.count("response.done") == 1);
  CHECK(rig.record().sent_audio == *voice);
  REQUIRE(rig.record().utterances.size() == 1);
  CHECK(rig.record().utterances[0].complete);
  CHECK(rig.record().utterances[0].sent == Millis(65 * 41));
  CHECK(rig.record().responses.at(0).first_audio == std::optional<Millis>(250));
  Bytes joined;
  for (const auto& event : rig.next()) {
    if (event["type"].string_or("") != "response.output_audio.delta") continue;
    REQUIRE(base64_decode_append(joined, *event["delta"].string()));
  }
  CHECK(joined == *voice);
}

TEST_CASE("usage counts what was heard and said", "[openai_response_runner]") {
  SimRig rig(kTalk);
  rig.configure(R"(,"instructions":"12345678")", kNoVad);
  rig.append(Bytes(8 * 1050, 0xFF));
  rig.send(R"({"type":"input_audio_buffer.commit"})");
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(2000));
  const Json done = rig.last("response.done");
  const JsonView usage = done["response"]["usage"];
  CHECK(usage["input_token_details"]["audio_tokens"].integer_or(0) == 10);
  CHECK(usage["input_token_details"]["text_tokens"].integer_or(0) == 2 + 1);  // "[]" are the tools
  // 27 characters of speech: 1,755 ms and their transcript.
  CHECK(usage["output_token_details"]["audio_tokens"].integer_or(0) == 35);
  CHECK(usage["output_token_details"]["text_tokens"].integer_or(0) == 7);
  CHECK(usage["total_tokens"].integer_or(0) == 10 + 3 + 35 + 7);
}

TEST_CASE("the caller who speaks stops the answer", "[openai_response_runner]") {
  OpenAiSimOptions options;
  options.speed = 1;
  SimRig rig(kTalk, options);
  rig.configure();
  rig.send(R"({"type":"response.create"})");
  rig.play_silence(Millis(1000));
  const std::size_t before = rig.count("response.output_audio.delta");
  CHECK(before > 0);
  rig.next();
  rig.play(*caller_speech());
  const Types types = rig.next_types();
  const auto started = std::find(types.begin(), types.end(), "input_audio_buffer.speech_started");
  REQUIRE(started != types.end());
  CHECK(squeezed(Types(started, types.end())) ==
        Types{"input_audio_buffer.speech_started", "response.output_audio.done",
              "response.output_audio_transcript.done", "response.content_part.done",
              "conversation.item.done", "response.output_item.done", "rate_limits.updated",
              "response.done"});
  const Json done = rig.last("response.done");
  CHECK(done["response"]["status"].string_or("") == "cancelled");
  CHECK(done["response"]["status_details"]["reason"].string_or("") == "turn_detected");
  CHECK(done["response"]["output"].at(0)["status"].string_or("") == "incomplete");
  CHECK_FALSE(rig.record().utterances.at(0).complete);
}

TEST_CASE("with interrupt_response off the answer goes on", "[openai_response_runner]") {
  OpenAiSimOptions options;
  options.speed = 1;
  SimRig rig(kTalk, options);
  rig.configure("", R"(,"turn_detection":{"type":"server_vad","interrupt_response":false})");
  rig.send(R"({"type":"response.create"})");
  rig.play_silence(Millis(500));
  rig.play(*caller_speech());
  rig.play_silence(Millis(300));
  rig.run(Millis(3000));
  CHECK(rig.record().responses.at(0).status == "completed");
  CHECK(rig.record().turns.size() == 1);
  CHECK(rig.last("error")["error"]["code"].string_or("") ==
        "conversation_already_has_active_response");
  CHECK(rig.record().violations.empty());  // the service's own race, not the client's fault
}

TEST_CASE("without create_response a turn is committed only", "[openai_response_runner]") {
  SimRig rig(kTalk);
  rig.configure("", R"(,"turn_detection":{"type":"server_vad","create_response":false})");
  speak_turn(rig);
  CHECK(rig.record().turns.size() == 1);
  CHECK(rig.count("response.created") == 0);
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(2000));
  CHECK(rig.record().responses.at(0).cause == ReplyCause::turn);
}

TEST_CASE("one response at a time", "[openai_response_runner]") {
  SimRig rig(kTalk);
  rig.configure("", kNoVad);
  rig.send(R"({"type":"response.create"})");
  rig.send(R"({"type":"response.create","event_id":"second"})");
  check_error(rig, {"conversation_already_has_active_response", ""});
  CHECK(rig.last("error")["error"]["event_id"].string_or("") == "second");
  rig.run(Millis(2000));
  rig.send(R"({"type":"response.create"})");
  CHECK(rig.count("response.created") == 2);
}

TEST_CASE("a response out of band runs beside and leaves no trace", "[openai_response_runner]") {
  SimRig rig(kTalk);
  rig.configure("", kNoVad);
  rig.send(R"({"type":"response.create"})");
  rig.send(
      R"({"type":"response.create","response":{"conversation":"none","metadata":{"k":"v"},"input":[],
    "output_modalities":["text"],"instructions":"Answer with \"Aside.\""}})");
  rig.run(Millis(2000));
  CHECK(rig.count("response.done") == 2);
  CHECK(rig.count("conversation.item.done") == 1);
  CHECK(rig.last("response.output_text.done")["text"].string_or("") == "Aside.");
  bool found = false;
  for (const auto& event : rig.next()) {
    if (event["response"]["metadata"]["k"].string_or("") != "v") continue;
    found = true;
    CHECK(event["response"]["conversation_id"].is_null());
  }
  CHECK(found);
  CHECK(rig.record().violations.empty());
}

TEST_CASE("cancel ends the running response and refuses without one", "[openai_response_runner]") {
  SimRig rig(kTalk);
  rig.configure("", kNoVad);
  rig.send(R"({"type":"response.cancel"})");
  check_error(rig, {"response_cancel_not_active", ""});
  rig.send(R"({"type":"response.create"})");
  rig.send(R"({"type":"response.cancel","response_id":"resp_other"})");
  CHECK(rig.record().violations.size() == 2);
  rig.run(Millis(300));
  rig.send(R"({"type":"response.cancel"})");
  CHECK(rig.last("response.done")["response"]["status_details"]["reason"].string_or("") ==
        "client_cancelled");
  const std::size_t sent = rig.sink.texts.size();
  rig.run(Millis(5000));
  CHECK(rig.sink.texts.size() == sent);
}

TEST_CASE("a tool is called, answered, and its result used", "[openai_response_runner]") {
  SimRig rig(kTalk);
  rig.configure(kTools, kNoVad);
  for (int turn = 0; turn < 2; ++turn) {
    rig.append(Bytes(8000, 0xFF));
    rig.send(R"({"type":"input_audio_buffer.commit"})");
    rig.send(R"({"type":"response.create"})");
    rig.run(Millis(3000));
  }
  const Json call = rig.last("response.function_call_arguments.done");
  CHECK(call["name"].string_or("") == "save_lead");
  CHECK(call["arguments"].string_or("") == R"({"first_name":"Ada"})");
  CHECK(call["output_index"].integer_or(0) == 1);  // behind the spoken message
  rig.next();

  rig.send(
      R"({"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_x","output":""}})");
  check_error(rig, {"invalid_tool_call_id", "item.call_id"});
  rig.send(
      R"({"type":"conversation.item.create","item":{"type":"function_call_output","call_id":")" +
      call["call_id"].string_or("") + R"(","output":"{\"lead_id\":\"ld_7\"}"}})");
  rig.run(Millis(3000));
  CHECK(rig.next_types() == Types{"error", "conversation.item.added", "conversation.item.done"});
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(3000));
  CHECK(rig.record().responses.back().cause == ReplyCause::tool_result);
  CHECK(rig.last("response.function_call_arguments.done")["arguments"].string_or("") ==
        R"({"lead_id":"ld_7"})");
  REQUIRE(rig.record().tool_results.size() == 1);
  CHECK(rig.record().tool_results[0].name == "save_lead");

  const Types types = squeezed(rig.next_types());
  const Types closing = {"response.output_item.added",
                         "conversation.item.added",
                         "response.function_call_arguments.delta",
                         "response.function_call_arguments.done",
                         "conversation.item.done",
                         "response.output_item.done",
                         "rate_limits.updated",
                         "response.done"};
  REQUIRE(types.size() > closing.size());
  CHECK(Types(types.end() - static_cast<std::ptrdiff_t>(closing.size()), types.end()) == closing);
}

TEST_CASE("the model calls only tools that it was given", "[openai_response_runner]") {
  const std::string_view scenario =
      R"({"agents":[{"replies":[{"on":"start","say":"Hm.","calls":[{"name":"save_lead"}]}]}]})";
  for (const char* more :
       {"", R"(,"tools":[{"type":"function","name":"save_lead"}],"tool_choice":"none")"}) {
    SimRig rig(scenario);
    rig.configure(more, kNoVad);
    rig.send(R"({"type":"response.create"})");
    rig.run(Millis(2000));
    CHECK(rig.count("response.function_call_arguments.done") == 0);
    CHECK(rig.record().notes == Types{"the model may not call save_lead here"});
  }
}

TEST_CASE("text of the user is answered as text of the user", "[openai_response_runner]") {
  SimRig rig(R"({"agents":[{"default_line":"Default.","replies":[{"on":"text","say":"You wrote."},
    {"on":"response","say":"A filler."}]}]})");
  rig.configure(R"(,"output_modalities":["text"])", kNoVad);
  const auto ask = [&](const std::string& response) {
    rig.send(R"({"type":"response.create")" + response + "}");
    rig.run(Millis(2000));
    return rig.last("response.output_text.done")["text"].string_or("");
  };
  rig.send(
      R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}})");
  CHECK(ask("") == "You wrote.");
  CHECK(ask("") == "A filler.");
  CHECK(ask("") == "Default.");
  CHECK(ask(R"(,"response":{"instructions":"Say: \"Are you there?\""})") == "Are you there?");
  CHECK(rig.count("response.output_audio.delta") == 0);
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
