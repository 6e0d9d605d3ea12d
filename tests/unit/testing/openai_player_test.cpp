// Audio that the service owns: play-out, barge-in, keys and the sidebands of a call.
#include "testing/openai_player.hpp"

#include <algorithm>

#include "openai_calls_rig.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using End = OpenAiCallRecord::End;

constexpr const char* kGreet = R"({"type":"response.create"})";
constexpr Millis kGreeting{65 * 41};  // of kTalk

TEST_CASE("what the model says is played in real time and told", "[openai_player]") {
  CallsRig rig;
  const std::string id = rig.connected();
  CHECK(rig.types() == Types{"session.created"});
  rig.send(kGreet);
  rig.run(Millis(1000));
  const Types begun = squeezed(rig.types());
  const Types expected = {"response.created",
                          "response.output_item.added",
                          "conversation.item.added",
                          "response.content_part.added",
                          "response.output_audio_transcript.delta",
                          "output_audio_buffer.started"};
  REQUIRE(begun.size() > expected.size());
  CHECK(Types(begun.begin(), begun.begin() + static_cast<std::ptrdiff_t>(expected.size())) ==
        expected);
  CHECK(begun.back() == "response.done");  // long before it was heard
  CHECK(rig.count("response.output_audio.delta") == 0);
  CHECK(rig.count("response.output_audio.done") == 1);
  rig.run(kGreeting);
  CHECK(rig.types() == Types{"output_audio_buffer.stopped"});
  CHECK(rig.last("output_audio_buffer.stopped")["response_id"] ==
        rig.last("response.created")["response"]["id"]);
  const auto record = rig.record(id);
  REQUIRE(record.heard.size() == 1);
  CHECK(record.heard[0].length == kGreeting);
  CHECK(record.heard[0].begin == Millis(250));
  CHECK_FALSE(record.heard[0].cut);
}

TEST_CASE("a barge-in is cut by the service, to the millisecond that was heard",
          "[openai_player]") {
  CallsRig rig;
  SipCallPlan plan;
  plan.caller.script =
      CalleeScript::parse(
          *Json::parse(R"([{"wait":"agent_speaking","ms":600},{"tone":440,"ms":1500}])"))
          .value();
  const std::string id = rig.connected(plan);
  rig.send(kGreet);
  rig.types();
  rig.run(Millis(1900));
  const Types types = squeezed(rig.types());
  const auto started = std::find(types.begin(), types.end(), "input_audio_buffer.speech_started");
  REQUIRE(std::distance(started, types.end()) >= 3);
  CHECK(Types(started, started + 3) == Types{"input_audio_buffer.speech_started",
                                             "output_audio_buffer.cleared",
                                             "conversation.item.truncated"});
  CHECK(rig.count("output_audio_buffer.stopped") == 0);
  const auto record = rig.record(id);
  REQUIRE(record.heard.size() == 1);
  const auto& heard = record.heard[0];
  CHECK(heard.cut);
  CHECK(heard.length > Millis(600));
  CHECK(heard.length < heard.queued);
  const Json truncated = rig.last("conversation.item.truncated");
  CHECK(truncated["item_id"].string_or("") == heard.item_id);
  CHECK(truncated["audio_end_ms"].integer_or(0) == heard.length.count());
  CHECK(record.session.utterances.at(0).heard == std::optional<Millis>(heard.length));
  rig.check_events();
  CHECK(record.session.violations.empty());
}

TEST_CASE("a barge-in while the model still speaks cancels the response too", "[openai_player]") {
  OpenAiCallsOptions options = CallsRig::with_url();
  options.session.speed = 1.2;
  CallsRig rig(kTalk, options);
  SipCallPlan plan;
  plan.caller.script =
      CalleeScript::parse(
          *Json::parse(R"([{"wait":"agent_speaking","ms":600},{"tone":440,"ms":1500}])"))
          .value();
  rig.connected(plan);
  rig.send(kGreet);
  rig.run(Millis(1900));
  const Json done = rig.last("response.done");
  CHECK(done["response"]["status"].string_or("") == "cancelled");
  CHECK(done["response"]["status_details"]["reason"].string_or("") == "turn_detected");
  CHECK(rig.count("output_audio_buffer.cleared") == 1);
  CHECK(rig.count("conversation.item.truncated") == 1);
}

TEST_CASE("the client stops the agent by cancel and clear", "[openai_player]") {
  CallsRig rig;
  const std::string id = rig.connected();
  rig.send(kGreet);
  rig.run(Millis(1000));
  rig.types();
  rig.send(R"({"type":"response.cancel"})");
  CHECK(rig.types() == Types{"error"});  // it was done already
  rig.send(R"({"type":"output_audio_buffer.clear"})");
  CHECK(rig.types() == Types{"output_audio_buffer.cleared", "conversation.item.truncated"});
  CHECK(rig.record(id).heard.at(0).length == Millis(750));
  rig.send(R"({"type":"output_audio_buffer.clear"})");
  rig.run(Millis(5000));
  CHECK(rig.types().empty());
}

TEST_CASE("replies that follow each other are played one after the other", "[openai_player]") {
  CallsRig rig;
  const std::string id = rig.connected();
  rig.send(kGreet);
  rig.run(Millis(1000));
  rig.send(kGreet);
  rig.run(Millis(1000));
  CHECK(rig.count("response.done") == 2);
  CHECK(rig.count("output_audio_buffer.started") == 1);
  rig.run(Millis(5000));
  CHECK(rig.count("output_audio_buffer.started") == 2);
  CHECK(rig.count("output_audio_buffer.stopped") == 2);
  const auto heard = rig.record(id).heard;
  REQUIRE(heard.size() == 2);
  CHECK(heard[1].begin == heard[0].begin + heard[0].length);
}

TEST_CASE("the caller is heard, transcribed and answered", "[openai_player]") {
  CallsRig rig;
  const std::string id = rig.connected(
      talking(),
      R"({"type":"realtime","audio":{"input":{"transcription":{"model":"gpt-transcribe"}}}})");
  rig.send(kGreet);
  rig.run(Millis(10000));
  const auto record = rig.record(id);
  REQUIRE(record.session.turns.size() == 1);
  CHECK(record.session.turns[0].transcript == "I am Ada.");
  CHECK(record.session.responses.size() == 2);
  CHECK(record.heard.size() == 2);
  CHECK(record.script_done);
  CHECK(record.said.at(0).text == "I am Ada.");
  CHECK(rig.last("conversation.item.input_audio_transcription.completed")["transcript"].string_or(
            "") == "I am Ada.");
  rig.check_events();
}

TEST_CASE("keys reach the sideband only, without an event id", "[openai_player]") {
  CallsRig rig;
  const std::string id = rig.connected();
  rig.types();
  CHECK(rig.calls().press(id, "4#", rig.now()));
  CHECK_FALSE(rig.calls().press(id, "x", rig.now()));
  CHECK(rig.types() ==
        Types{"input_audio_buffer.dtmf_event_received", "input_audio_buffer.dtmf_event_received"});
  const Json key = rig.last("input_audio_buffer.dtmf_event_received");
  CHECK(key["event"].string_or("") == "#");
  CHECK_FALSE(key["event_id"].exists());
  CHECK(rig.record(id).keys == "4#");
  rig.check_events();
}

TEST_CASE("audio of the client is refused on a call", "[openai_player]") {
  CallsRig rig;
  const std::string id = rig.connected();
  rig.send(R"({"type":"input_audio_buffer.append","audio":"//8="})");
  CHECK(rig.last("error")["error"]["code"].string_or("") == "invalid_value");
  CHECK(rig.record(id).session.violations.size() == 1);
}

TEST_CASE("several sidebands see the same, each begins with session.created", "[openai_player]") {
  CallsRig rig;
  const std::string id = rig.connected();
  KeepingSink second;
  const auto first_id = rig.sideband;
  rig.attach(id, second);
  CHECK(rig.types() == Types{"session.created"});
  CHECK(second.texts.size() == 1);
  rig.send(R"({"type":"session.update","session":{"type":"realtime","instructions":"New."}})");
  CHECK(rig.types() == Types{"session.updated"});
  CHECK(second.texts.size() == 2);
  rig.calls().detach(first_id, rig.now());
  rig.send(kGreet);
  CHECK(rig.types().empty());
  CHECK(second.texts.size() == 3);
  CHECK(rig.calls().hang_up(id, rig.now()));
  CHECK(rig.sink.close_code == 0);
  CHECK(second.close_code == 1000);
  const auto record = rig.record(id);
  REQUIRE(record.sidebands.size() == 2);
  CHECK(record.sidebands[0].closed);
  CHECK_FALSE(record.sidebands[0].closed_by_service);
  CHECK(record.sidebands[1].events_received == 2);
}

TEST_CASE("faults hit one sideband, not the call", "[openai_player]") {
  CallsRig rig(
      R"({"agents":[{"replies":[{"on":"start","say":"Hello."}]}],"connections":[{"cut_after":2}]})");
  const std::string id = rig.connected();
  rig.send(kGreet);
  CHECK(rig.sink.close_code == 1011);
  CHECK(rig.sink.texts.size() == 2);
  rig.calls().detach(rig.sideband, rig.now());
  KeepingSink again;
  rig.attach(id, again);
  rig.run(Millis(2000));
  CHECK(again.texts.size() > 5);
  CHECK(again.close_code == 0);
  CHECK(rig.record(id).heard.size() == 1);
}

TEST_CASE("a sideband with the beta header is sent away", "[openai_player]") {
  CallsRig rig;
  const std::string id = rig.connected();
  OpenAiSimHandshake handshake;
  handshake.call_id = id;
  handshake.beta_header = true;
  KeepingSink old;
  rig.calls().attach(handshake, old, rig.now());
  REQUIRE(old.texts.size() == 1);
  CHECK(old.texts[0].find("beta_api_shape_disabled") != std::string::npos);
  CHECK(old.close_code == 4000);
  CHECK(rig.record(id).sidebands.size() == 1);
}

TEST_CASE("a session that is too old ends the call", "[openai_player]") {
  OpenAiCallsOptions options = CallsRig::with_url();
  options.session.session_length = Millis(3600000);
  CallsRig rig(kTalk, options);
  const std::string id = rig.connected();
  rig.run(Millis(3599000));
  CHECK(rig.sink.close_code == 0);
  rig.run(Millis(1000));
  CHECK(rig.last("error")["error"]["code"].string_or("") == "session_expired");
  CHECK(rig.sink.close_code == 1001);
  CHECK(rig.record(id).end == End::expired);
}

TEST_CASE("the caller leaves by the script, by patience or by hand", "[openai_player]") {
  CallsRig rig;
  SipCallPlan plan;
  plan.caller.script =
      CalleeScript::parse(*Json::parse(R"([{"dtmf":"1"},{"hangup":true}])")).value();
  const std::string by_script = rig.connected(plan);
  rig.run(Millis(1000));
  CHECK(rig.record(by_script).end == End::caller_hung_up);
  CHECK(rig.record(by_script).keys == "1");
  plan = {};
  plan.caller.hang_up_after = Millis(5000);
  const std::string by_patience = rig.connected(plan);
  rig.run(Millis(4999));
  CHECK_FALSE(rig.record(by_patience).ended());
  rig.run(Millis(1));
  CHECK(rig.record(by_patience).end == End::caller_hung_up);
  CHECK(rig.record(by_patience).ended_at == std::optional<Millis>(5000));
}

TEST_CASE("the same call gives the same run", "[openai_player]") {
  const auto run = [] {
    CallsRig rig;
    const std::string id = rig.connected(talking());
    rig.send(kGreet);
    rig.run(Millis(10000));
    std::string all;
    for (const auto& text : rig.sink.texts) all += text;
    return all;
  };
  CHECK(run() == run());
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
