#include "openai_sim_fixture.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// A session whose greeting has the fault, right after it was asked for.
std::unique_ptr<SimRig> greeted(const std::string& fault, Millis length = Millis(3000)) {
  OpenAiSimOptions options;
  options.speed = 2;
  auto rig = std::make_unique<SimRig>(
      R"({"agents":[{"replies":[{"on":"start","say":"Hello, this is a rather long greeting for you.",)"
      R"("fault":)" +
          fault + "}]}]}",
      options);
  rig->configure("", R"(,"turn_detection":null)");
  rig->next();
  rig->send(R"({"type":"response.create"})");
  rig->run(length);
  return rig;
}

TEST_CASE("no_response: not even response.created", "[openai_sim_faults]") {
  CHECK(greeted(R"({"kind":"no_response"})")->next().empty());
}

TEST_CASE("error: an error event instead of a response", "[openai_sim_faults]") {
  const auto rig = greeted(R"({"kind":"error","code":"insufficient_quota","message":"Pay."})");
  CHECK(rig->next_types() == Types{"error"});
  CHECK(rig->last("error")["error"]["code"].string_or("") == "insufficient_quota");
  CHECK(rig->record().violations.empty());
}

TEST_CASE("failed: the response tells why", "[openai_sim_faults]") {
  const auto rig = greeted(
      R"({"kind":"failed","code":"rate_limit_exceeded","message":"Please try again in 6.2s"})");
  CHECK(rig->next_types() == Types{"response.created", "rate_limits.updated", "response.done"});
  const Json done = rig->last("response.done");
  CHECK(done["response"]["status"].string_or("") == "failed");
  CHECK(done["response"]["status_details"]["error"]["code"].string_or("") == "rate_limit_exceeded");
  CHECK(done["response"]["status_details"]["error"]["message"].string_or("") ==
        "Please try again in 6.2s");
  rig->send(R"({"type":"response.create"})");
  CHECK(rig->count("response.created") == 2);
}

TEST_CASE("incomplete: half of the reply", "[openai_sim_faults]") {
  const auto rig = greeted(R"({"kind":"incomplete"})");
  const Json done = rig->last("response.done");
  CHECK(done["response"]["status"].string_or("") == "incomplete");
  CHECK(done["response"]["status_details"]["reason"].string_or("") == "max_output_tokens");
  const auto& said = rig->record().utterances.at(0);
  CHECK_FALSE(said.complete);
  CHECK(said.sent >= Millis(65 * 46 / 2));
  CHECK(said.sent < Millis(65 * 46));
}

TEST_CASE("silent: a response that never goes on, until it is cancelled", "[openai_sim_faults]") {
  const auto rig = greeted(R"({"kind":"silent"})", Millis(60000));
  CHECK(rig->next_types() == Types{"response.created"});
  rig->send(R"({"type":"response.cancel"})");
  CHECK(rig->next_types() == Types{"rate_limits.updated", "response.done"});
}

TEST_CASE("cut: the socket closes in the middle of the audio", "[openai_sim_faults]") {
  const auto rig = greeted(R"({"kind":"cut","after":2})");
  CHECK(rig->count("response.output_audio.delta") == 2);
  CHECK(rig->sink.close_code == 1011);
  CHECK(rig->count("response.done") == 0);
  CHECK(rig->record().responses.at(0).status == "in_progress");
  CHECK(rig->record().server_events == rig->sink.texts.size());
}

TEST_CASE("malformed_frame: no JSON among the audio", "[openai_sim_faults]") {
  const auto rig = greeted(R"({"kind":"malformed_frame","after":2})");
  std::size_t malformed = 0;
  for (const auto& text : rig->sink.texts) malformed += Json::parse(text) ? 0 : 1;
  CHECK(malformed == 1);
  CHECK(rig->count("response.done") == 1);
}

TEST_CASE("unknown_event: a type nobody knows among the audio", "[openai_sim_faults]") {
  const auto rig = greeted(R"({"kind":"unknown_event"})");
  CHECK(rig->count("response.telepathy.delta") == 1);
  CHECK(rig->count("response.done") == 1);
}

TEST_CASE("late_deltas: audio after the end of a cancelled response", "[openai_sim_faults]") {
  const auto rig = greeted(R"({"kind":"late_deltas","after":2})", Millis(600));
  const auto sent = rig->record().audio_sent;
  rig->next();
  rig->send(R"({"type":"response.cancel"})");
  const Types types = rig->next_types();
  REQUIRE(types.size() > 3);
  CHECK(Types(types.end() - 3, types.end()) ==
        Types{"response.done", "response.output_audio.delta", "response.output_audio.delta"});
  CHECK(rig->record().audio_sent == sent);
}

TEST_CASE("text_only: text where audio was asked for", "[openai_sim_faults]") {
  const auto rig = greeted(R"({"kind":"text_only"})");
  CHECK(rig->count("response.output_audio.delta") == 0);
  CHECK(rig->last("response.output_text.done")["text"].string_or("") ==
        "Hello, this is a rather long greeting for you.");
  CHECK(rig->last("response.done")["response"]["output_modalities"].at(0).string_or("") == "audio");
}

TEST_CASE("two_items: one reply in two audio items", "[openai_sim_faults]") {
  const auto rig = greeted(R"({"kind":"two_items"})");
  const auto& said = rig->record().utterances;
  REQUIRE(said.size() == 2);
  CHECK(said[0].response_id == said[1].response_id);
  CHECK(said[0].transcript + said[1].transcript ==
        "Hello, this is a rather long greeting for you.");
  CHECK(said[0].bytes + said[1].bytes == 65u * 46u * 8u);
  CHECK(rig->last("response.done")["response"]["output"].size() == 2);
}

TEST_CASE("a connection goes mute, is cut, or is fed rubbish at a given event",
          "[openai_sim_faults]") {
  const auto with = [](const std::string& fault) {
    auto rig = std::make_unique<SimRig>(R"({"agents":[],"connections":[)" + fault + "]}");
    rig->configure();
    rig->send(R"({"type":"response.create"})");
    rig->run(Millis(3000));
    return rig;
  };
  CHECK(with(R"({"mute_after":0})")->sink.texts.empty());
  CHECK(with(R"({"mute_after":2})")->next_types() == Types{"session.created", "session.updated"});
  const auto cut = with(R"({"cut_after":3,"close_code":1012})");
  CHECK(cut->next_types() == Types{"session.created", "session.updated", "response.created"});
  CHECK(cut->sink.close_code == 1012);
  const auto malformed = with(R"({"malformed_at":2})");
  CHECK_FALSE(Json::parse(malformed->sink.texts.at(1)));
  CHECK(Json::parse(malformed->sink.texts.at(2)));
  CHECK(with(R"({"unknown_at":1})")->next_types().front() == "response.telepathy.delta");
}

TEST_CASE("an error behind a given event, alone or as the last word", "[openai_sim_faults]") {
  const auto with = [](const std::string& fault) {
    auto rig = std::make_unique<SimRig>(R"({"agents":[],"connections":[)" + fault + "]}");
    rig->configure();
    rig->run(Millis(3000));
    return rig;
  };
  const auto benign = with(R"({"error_at":1,"code":"server_error","message":"Sorry."})");
  CHECK(benign->next_types() == Types{"session.created", "error", "session.updated"});
  CHECK(benign->last("error")["error"]["type"].string_or("") == "server_error");
  CHECK(benign->last("error")["error"]["message"].string_or("") == "Sorry.");
  CHECK(benign->record().violations.empty());
  const auto fatal = with(R"({"error_at":2,"cut_after":2,"code":"insufficient_quota"})");
  CHECK(fatal->next_types() == Types{"session.created", "session.updated", "error"});
  CHECK(fatal->sink.close_code == 1011);
}

TEST_CASE("a slow connection brings everything later, in order", "[openai_sim_faults]") {
  SimRig rig(R"({"agents":[],"connections":[{"slow_ms":500,"cut_after":2}]})");
  rig.configure();
  CHECK(rig.next().empty());
  rig.run(Millis(499));
  CHECK(rig.next().empty());
  rig.run(Millis(1));
  CHECK(rig.next_types() == Types{"session.created", "session.updated"});
  CHECK(rig.sink.close_code == 1011);
}

TEST_CASE("one connection's session is shorter than the others'", "[openai_sim_faults]") {
  SimRig rig(R"({"agents":[],"connections":[{"session_length_ms":120000}]})");
  const std::int64_t expires = rig.last("session.created")["session"]["expires_at"].integer_or(0);
  CHECK(expires == OpenAiSimHandshake().unix_seconds + 120);
  rig.run(Millis(119999));
  CHECK(rig.sink.close_code == 0);
  rig.run(Millis(1));
  CHECK(rig.last("error")["error"]["code"].string_or("") == "session_expired");
  CHECK(rig.sink.close_code == 1001);
}

TEST_CASE("a replayed conversation goes on where it was", "[openai_sim_faults]") {
  const auto say = [](SimRig& rig, const char* role, const char* kind, const std::string& text) {
    rig.send(R"({"type":"conversation.item.create","item":{"type":"message","role":")" +
             std::string(role) + R"(","content":[{"type":")" + kind + R"(","text":")" + text +
             R"("}]}})");
  };
  const auto answered = [](SimRig& rig) {
    rig.send(R"({"type":"response.create"})");
    rig.run(Millis(3000));
    return rig.record().utterances.empty() ? "" : rig.record().utterances.back().transcript;
  };
  SimRig unanswered(kTalk);
  unanswered.configure("", kNoVad);
  say(unanswered, "assistant", "output_text", "Hello, this is the agent…");
  say(unanswered, "user", "input_text", "I am Ada.");
  CHECK(answered(unanswered) == "Nice to meet you, dear Ada.");

  SimRig silent_call(kTalk);
  silent_call.configure(kTools, kNoVad);
  say(silent_call, "assistant", "output_text", "Hello, this");
  say(silent_call, "user", "input_text", "I am Ada.");
  say(silent_call, "user", "input_text", "Save me.");
  say(silent_call, "assistant", "output_text", "It is");  // the answer to a tool
  say(silent_call, "user", "input_text", "And now?");
  CHECK(answered(silent_call) == "Go on.");  // both turns are over

  SimRig later(kTalk);
  later.configure(kTools, kNoVad);
  say(later, "assistant", "output_text", "Hello, this is the agent speaking to you.");
  say(later, "user", "input_text", "I am Ada.");
  say(later, "assistant", "output_text", "Nice to meet you, dear Ada.");
  say(later, "user", "input_text", "Save me.");
  say(later, "assistant", "output_text", "I will save that.");
  later.send(
      R"({"type":"conversation.item.create","item":{"type":"function_call","call_id":"c1","name":"save_lead","arguments":"{}"}})");
  later.send(
      R"({"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"c1","output":"{\"lead_id\":\"ld_1\"}"}})");
  CHECK(answered(later) == "It is saved.");
  CHECK(later.last("response.function_call_arguments.done")["arguments"].string_or("") ==
        R"({"lead_id":"ld_1"})");
}

TEST_CASE("every event fits the official schema", "[openai_sim_faults]") {
  const test::SchemaFile schema("openai/realtime-events.schema.json");
  std::size_t checked = 0;
  const auto check_all = [&](SimRig& rig) {
    for (const auto& event : rig.next()) {
      if (event["type"].string_or("") == "response.telepathy.delta") continue;
      CAPTURE(event.dump());
      CHECK(schema.check(event, "ServerEvent") == "");
      ++checked;
    }
  };
  for (const char* fault :
       {R"({"kind":"error"})", R"({"kind":"failed"})", R"({"kind":"incomplete"})",
        R"({"kind":"late_deltas"})", R"({"kind":"text_only"})", R"({"kind":"two_items"})"}) {
    const auto rig = greeted(fault);
    rig->send(R"({"type":"response.cancel"})");
    check_all(*rig);
  }
  SimRig rig(R"({"agents":[{"replies":[{"on":"start","say":"Hello."},
    {"on":"turn","transcript_of_caller":"Hi there.","say":"Saving.","calls":[{"name":"f","arguments":{"a":1}}]}]}]})");
  rig.configure(
      R"(,"tools":[{"type":"function","name":"f"}],"reasoning":{"effort":"low"},"tracing":"auto")",
      R"(,"transcription":{"model":"whisper-1"},"turn_detection":{"type":"server_vad","idle_timeout_ms":5000})");
  rig.send(R"({"type":"response.create","response":{"metadata":{"a":"b"}}})");
  rig.play_silence(Millis(1000));
  rig.play(*ToneVoice().speak("en", "This is what the caller says.", AudioFormat::pcmu()));
  rig.play_silence(Millis(9000));
  const std::string user = rig.record().turns.at(0).item_id;
  rig.send(R"({"type":"conversation.item.retrieve","item_id":")" + user + R"("})");
  rig.send(
      R"({"type":"conversation.item.truncate","content_index":0,"audio_end_ms":100,"item_id":")" +
      rig.record().utterances.at(0).item_id + R"("})");
  rig.send(R"({"type":"conversation.item.delete","item_id":")" + user + R"("})");
  rig.send(R"({"type":"input_audio_buffer.clear"})");
  rig.send(
      R"({"type":"response.create","response":{"conversation":"none","output_modalities":["text"]}})");
  rig.run(Millis(2000));
  check_all(rig);
  CHECK(rig.count("input_audio_buffer.timeout_triggered") == 1);
  CHECK(rig.count("conversation.item.truncated") == 1);
  CHECK(checked > 100);
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
