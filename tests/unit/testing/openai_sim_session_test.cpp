#include "voicebridge/testing/openai_sim_session.hpp"

#include <iterator>

#include "openai_sim_fixture.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

TEST_CASE("a session begins with its whole configuration", "[openai_sim_session]") {
  SimRig rig;
  REQUIRE(rig.sink.texts.size() == 1);
  CHECK(rig.record().server_events == 1);
  const Json created = rig.last("session.created");
  const JsonView session = created["session"];
  CHECK(session["id"].string_or("").substr(0, 5) == "sess_");
  CHECK(session["object"].string_or("") == "realtime.session");
  CHECK(session["expires_at"].integer_or(0) == 1750003600);
  CHECK(session["model"].string_or("") == "gpt-realtime-2.1");
  CHECK(session["audio"]["input"]["format"].dump() == R"({"type":"audio/pcm","rate":24000})");
  CHECK(session["audio"]["input"]["turn_detection"]["silence_duration_ms"].integer_or(0) == 200);
  CHECK(session["audio"]["input"]["transcription"].is_null());
  CHECK(session["audio"]["output"]["voice"].string_or("") == "alloy");
  CHECK(session["tools"].is_array());
}

TEST_CASE("an update changes what it names and is echoed whole", "[openai_sim_session]") {
  SimRig rig;
  rig.configure(R"(,"instructions":"Be kind","max_output_tokens":100)", kTranscribed);
  rig.send(
      R"({"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":"marin"}}}})");
  const Json updated = rig.last("session.updated");
  const JsonView session = updated["session"];
  CHECK(session["instructions"].string_or("") == "Be kind");
  CHECK(session["max_output_tokens"].integer_or(0) == 100);
  CHECK(session["audio"]["input"]["format"]["type"].string_or("") == "audio/pcmu");
  CHECK(session["audio"]["input"]["transcription"]["model"].string_or("") == "gpt-transcribe");
  CHECK(session["audio"]["output"]["voice"].string_or("") == "marin");
  CHECK(rig.record().violations.empty());
}

TEST_CASE("one unknown key refuses the whole update", "[openai_sim_session]") {
  SimRig rig;
  rig.send(
      R"({"type":"session.update","event_id":"mine","session":{"type":"realtime","instructions":"x",
    "audio":{"output":{"voice":"marin"}},"speed":1}})");
  check_error(rig, {"unknown_parameter", "session.speed"});
  CHECK(rig.last("error")["error"]["event_id"].string_or("") == "mine");
  CHECK(rig.count("session.updated") == 0);
  rig.configure();
  CHECK(rig.last("session.updated")["session"]["audio"]["output"]["voice"].string_or("") ==
        "alloy");
  REQUIRE(rig.record().violations.size() == 1);
  CHECK(rig.record().violations[0].param == "session.speed");
}

TEST_CASE("the beta header ends the session", "[openai_sim_session]") {
  OpenAiSimHandshake handshake;
  handshake.beta_header = true;
  SimRig rig(R"({"agents":[]})", {}, handshake);
  CHECK(rig.next_types() == Types{"error"});
  CHECK(rig.last("error")["error"]["code"].string_or("") == "beta_api_shape_disabled");
  CHECK(rig.sink.close_code == 4000);
  rig.configure();
  CHECK(rig.next_types().empty());
}

TEST_CASE("what is no event is answered and survived", "[openai_sim_session]") {
  SimRig rig;
  for (const char* text : {"", "{", "[1]", "\"x\"", "null", "{\"type\":\"a\"} x"}) {
    CAPTURE(text);
    rig.send(text);
    check_error(rig, {"invalid_event", ""});
  }
  rig.send(std::string(10000, '[') + std::string(10000, ']'));
  check_error(rig, {"invalid_event", ""});
  rig.send(R"({"type":"no.such.event"})");
  check_error(rig, {"invalid_value", "type"});
  rig.configure();
  CHECK(rig.count("session.updated") == 1);
}

TEST_CASE("a commit needs 100 ms of audio", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure("", kNoVad);
  rig.append(Bytes(799, 0xFF));
  rig.send(R"({"type":"input_audio_buffer.commit"})");
  check_error(rig, {"input_audio_buffer_commit_empty", ""});
  rig.append(Bytes(1, 0xFF));
  rig.send(R"({"type":"input_audio_buffer.commit"})");
  CHECK(rig.count("input_audio_buffer.committed") == 1);
  CHECK(rig.count("response.created") == 0);
  rig.append(Bytes(8000, 0xFF));
  rig.send(R"({"type":"input_audio_buffer.clear"})");
  CHECK(rig.count("input_audio_buffer.cleared") == 1);
  rig.send(R"({"type":"input_audio_buffer.commit"})");
  CHECK(rig.record().violations.size() == 2);
}

TEST_CASE("malformed and oversized audio is refused", "[openai_sim_session]") {
  SimRig rig;
  const auto append = [&](const std::string& audio) {
    rig.send(R"({"type":"input_audio_buffer.append","audio":")" + audio + R"("})");
  };
  append("AAA");
  check_error(rig, {"invalid_value", "audio"});
  append("!!!!");
  CHECK(rig.record().violations.size() == 2);
  append("AAAA");  // three bytes are no whole samples of L16
  CHECK(rig.record().violations.size() == 3);
  append(std::string((std::size_t{15} << 20) / 3 * 4 + 4, 'A'));
  CHECK(rig.record().violations.size() == 4);
  CHECK(rig.record().audio_received == 0);
  append(std::string((std::size_t{15} << 20) / 3 * 4, 'A'));
  CHECK(rig.record().violations.size() == 4);
  CHECK(rig.record().audio_received == std::size_t{15} << 20);
}

TEST_CASE("the voice is frozen by the first audio", "[openai_sim_session]") {
  SimRig rig(kTalk);
  rig.configure("", kNoVad);
  const auto use_voice = [&](const char* voice, const char* more) {
    rig.send(
        std::string(
            R"({"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":")") +
        voice + R"("}})" + more + "}}");
  };
  use_voice("marin", "");
  CHECK(rig.record().violations.empty());
  rig.send(R"({"type":"response.create"})");
  rig.run(Millis(2000));
  use_voice("cedar", R"(,"instructions":"new")");
  check_error(rig, {"cannot_update_voice", "session.audio.output.voice"});
  use_voice("marin", "");
  CHECK(rig.last("session.updated")["session"]["instructions"].string_or("") != "new");
  CHECK(rig.record().violations.size() == 1);
  rig.send(R"({"type":"response.create","response":{"audio":{"output":{"voice":"cedar"}}}})");
  check_error(rig, {"cannot_update_voice", "response.audio.output.voice"});
}

TEST_CASE("a caller who says nothing for long is asked", "[openai_sim_session]") {
  SimRig rig(
      R"({"agents":[{"replies":[{"on":"start","say":"Hello you"},{"on":"idle","say":"Still there?"}]}]})");
  rig.configure("", R"(,"turn_detection":{"type":"server_vad","idle_timeout_ms":5000})");
  rig.send(R"({"type":"response.create"})");
  rig.play_silence(Millis(1000));
  REQUIRE(rig.count("response.done") == 1);
  rig.next();
  // From response.done, 250 ms and 585 / 8 ms after the start, plus 585 ms of audio, plus 5 s.
  rig.play_silence(Millis(4880));
  CHECK(rig.next_types().empty());
  rig.play_silence(Millis(100));
  const Types types = rig.next_types();
  REQUIRE(types.size() >= 5);
  CHECK(Types(types.begin(), types.begin() + 5) ==
        Types{"input_audio_buffer.timeout_triggered", "input_audio_buffer.committed",
              "conversation.item.added", "conversation.item.done", "response.created"});
  CHECK(rig.record().responses.back().cause == ReplyCause::idle);
}

TEST_CASE("a session ends after its time", "[openai_sim_session]") {
  SimRig rig;
  rig.run(Millis(3599999));
  CHECK(rig.sink.close_code == 0);
  rig.run(Millis(1));
  CHECK(rig.last("error")["error"]["code"].string_or("") == "session_expired");
  CHECK(rig.sink.close_code == 1001);
  CHECK(rig.sink.reason == "Your session hit the maximum duration of 60 minutes.");
}

TEST_CASE("transcripts that wait are bounded, and none is lost", "[openai_sim_session]") {
  OpenAiSimOptions options;
  options.transcription_delay = Millis(60000);
  SimRig rig(kTalk, options);
  rig.configure("", std::string(kNoVad) + kTranscribed);
  for (int i = 0; i < 150; ++i) {
    rig.append(Bytes(800, 0xFF));
    rig.send(R"({"type":"input_audio_buffer.commit"})");
    rig.run(Millis(1));
  }
  CHECK(rig.count("conversation.item.input_audio_transcription.completed") == 50);
  rig.run(Millis(60000));
  CHECK(rig.count("conversation.item.input_audio_transcription.completed") == 150);
}

TEST_CASE("mutated events never break a session", "[openai_sim_session]") {
  const std::string events[] = {
      R"({"type":"session.update","event_id":"e","session":{"type":"realtime","instructions":"x","audio":{"input":{"format":{"type":"audio/pcmu"},"turn_detection":{"type":"server_vad","idle_timeout_ms":5000}}},"tools":[{"type":"function","name":"f"}]}})",
      R"({"type":"input_audio_buffer.append","audio":"//////////////////////////8="})",
      R"({"type":"conversation.item.create","previous_item_id":"root","item":{"id":"i","type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}})",
      R"({"type":"conversation.item.truncate","item_id":"i","content_index":0,"audio_end_ms":1500})",
      R"({"type":"response.create","response":{"conversation":"none","metadata":{"a":"b"},"input":[]}})",
      R"({"type":"input_audio_buffer.commit"})",
      R"({"type":"response.cancel","response_id":"r"})"};
  const std::string_view pieces[] = {"null",
                                     "-1",
                                     "1e999",
                                     "{}",
                                     "[]",
                                     "\"\"",
                                     "true",
                                     "}",
                                     ",",
                                     "\\u0000",
                                     "9223372036854775808"};
  SeededRandom random(42);
  SimRig rig(kTalk);
  for (int i = 0; i < 20000; ++i) {
    std::string text = events[random.up_to(std::size(events) - 1)];
    for (auto cuts = random.up_to(3); cuts > 0; --cuts) {
      const std::size_t at = random.up_to(text.size() - 1);
      const std::size_t length = random.up_to(8);
      text.replace(at, length, pieces[random.up_to(std::size(pieces) - 1)]);
    }
    rig.send(text);
    rig.run(Millis(static_cast<int>(random.up_to(20))));
  }
  for (const auto& event : rig.next()) REQUIRE(event["event_id"].is_string());
  CHECK(rig.sink.close_code == 0);
  CHECK(rig.record().violations.size() + rig.record().entries_dropped > 5000);
  CHECK(rig.record().client_events.size() == 7);
  const std::size_t before = rig.count("session.updated");
  rig.configure();
  CHECK(rig.count("session.updated") == before + 1);
}

TEST_CASE("two runs with the same inputs give the same bytes", "[openai_sim_session]") {
  const auto run = [](std::uint64_t seed) {
    OpenAiSimOptions options;
    options.seed = seed;
    SimRig rig(kTalk, options);
    rig.configure(kTools, kTranscribed);
    rig.send(R"({"type":"response.create"})");
    rig.run(Millis(500));
    for (int turn = 0; turn < 3; ++turn) speak_turn(rig);
    rig.run(Millis(3000));
    return rig.sink.texts;
  };
  const auto first = run(1);
  CHECK(first.size() > 60);
  CHECK(first == run(1));
  CHECK(first != run(2));
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
