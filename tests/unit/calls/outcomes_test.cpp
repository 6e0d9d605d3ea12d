// How a call can end, told by the world around it.
#include "unit/calls/command_check.hpp"
#include "unit/calls/script.hpp"
#include "voicebridge/audio/audio_codec.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

std::unique_ptr<ScriptedCall> ended_call(ScriptedCallOptions options) {
  auto call = make_call(std::move(options));
  call->dial();
  REQUIRE(call->run(120s));
  INFO(story(*call->record()));
  CHECK(call->ended() == 1);
  CHECK(call->carrier().active_calls() == 0);
  check_commands(call->carrier());
  for (const OpenAiSimRecord* session : call->model()) CHECK_FALSE(session->open);
  return call;
}

std::size_t commands(const ScriptedCall& call, const std::string& name) {
  const auto& all = call.carrier().requests();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const SimApiRecord& r) { return r.command == name; }));
}

}  // namespace

TEST_CASE("a talk from the greeting to the goodbye's last syllable", "[calls][outcome]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  const auto call = ended_call(talk(1, carrier));
  const CallRecord& record = *call->record();
  CHECK(record.end_reason == EndReason::agent_goodbye);
  CHECK(record.barge_ins.size() == 1);
  CHECK(call->leg()->stats().unplayed_bytes == 0);
  REQUIRE(record.transcript.size() == 5);
  CHECK(record.transcript[0].interrupted);
  CHECK(record.transcript[1].text == "Stop, please.");
  CHECK(record.transcript[2].text == "Of course.");
  CHECK(record.transcript[3].text == "That is all.");
  CHECK(record.transcript[4].text == "Good bye.");
  CHECK(record.transcript[4].heard == record.transcript[4].sent);
  CHECK(commands(*call, "hangup") == 1);
}

TEST_CASE("nobody picks up", "[calls][outcome]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  const auto outcome =
      GENERATE(CallOutcome::busy, CallOutcome::decline, CallOutcome::no_answer,
               CallOutcome::timeout, CallOutcome::not_found, CallOutcome::route_failure);
  ScriptedCallOptions options = talk(1, carrier);
  options.callee.outcome = outcome;
  const auto call = ended_call(std::move(options));
  CHECK(call->record()->end_reason == EndReason::not_reached);
  CHECK(call->leg()->stats().media_received == 0);
}

TEST_CASE("a machine is hung up on, or gets its message after the beep", "[calls][outcome][amd]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  ScriptedCallOptions options = talk(1, carrier);
  options.agent.phone.expects_amd = true;
  options.callee.script = {};
  options.callee.amd.result = "machine";
  options.callee.amd.greeting = "beep_detected";
  SECTION("hung up on") {
    const auto call = ended_call(std::move(options));
    CHECK(call->record()->end_reason == EndReason::machine);
  }
  SECTION("gets its message, to the end") {
    options.agent.phone.on_machine = MachinePolicy::leave_message;
    options.callee.amd.beep_before_detection = GENERATE(false, true);
    const auto call = ended_call(std::move(options));
    CHECK(call->record()->end_reason == EndReason::machine);
    CHECK(call->leg()->stats().unplayed_bytes == 0);
    CHECK(call->record()->transcript.back().text == "Good bye.");
  }
  SECTION("gets a recording, to the end, and no word of the model") {
    WavAudio message;
    for (int i = 0; i < 12000; ++i) {
      message.samples.push_back(static_cast<std::int16_t>((i * 37) % 16000 - 8000));
    }
    options.agent.phone.on_machine = MachinePolicy::leave_message;
    options.agent.phone.greet_before_verdict = false;
    options.agent.phone.voicemail_audio = std::make_shared<const WavAudio>(message);
    const auto call = ended_call(std::move(options));
    CHECK(call->record()->end_reason == EndReason::machine);
    CHECK(call->record()->transcript.empty());
    CHECK(call->leg()->stats().unplayed_bytes == 0);
    Bytes sent;
    REQUIRE((*make_audio_codec(AudioFormat::pcmu()))
                ->encode(SampleView(message.samples.data(), message.samples.size()), sent));
    const Bytes& heard = call->leg()->heard();
    CHECK(std::search(heard.begin(), heard.end(), sent.begin(), sent.end()) != heard.end());
  }
}

TEST_CASE("a model that refuses the key, or never answers", "[calls][outcome][model]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  ScriptedCallOptions options = talk(1, carrier);
  SECTION("refused: the phone does not even ring on") {
    options.model_key = Secret("sk-simulated");
    options.scenario =
        scenario(R"({"agents":[{}],"connections":[{"http_status":401,"repeat":true}]})");
    const auto call = ended_call(std::move(options));
    CHECK(call->record()->end_reason == EndReason::model_failed);
    CHECK(commands(*call, "speak") == 0);
  }
  SECTION("mute from the start: the carrier's voice apologises") {
    options.scenario =
        scenario(R"({"agents":[{}],"connections":[{"mute_after":2,"repeat":true}]})");
    const auto call = ended_call(std::move(options));
    CHECK(call->record()->end_reason == EndReason::model_failed);
    CHECK(commands(*call, "speak") == 1);
  }
  SECTION("takes requests and answers none: the same") {
    std::string replies;
    for (int i = 0; i < 20; ++i) {
      for (const char* cause : {"start", "turn", "response"}) {
        replies +=
            std::string(R"({"say":"-","fault":{"kind":"no_response"},"on":")") + cause + "\"},";
      }
    }
    replies.pop_back();
    options.scenario = scenario(R"({"agents":[{"replies":[)" + replies + "]}]}");
    const auto call = ended_call(std::move(options));
    CHECK(call->record()->end_reason == EndReason::model_failed);
    CHECK(commands(*call, "speak") == 1);
  }
  SECTION("answers that fail: the same") {
    options.scenario = scenario(R"({"agents":[{"replies":[
      {"on":"start","say":"Hello.","fault":{"kind":"failed"}},
      {"on":"start","say":"Hello.","fault":{"kind":"failed"}},
      {"on":"response","say":"Hello.","fault":{"kind":"failed"}}]}]})");
    const auto call = ended_call(std::move(options));
    CHECK(call->record()->end_reason == EndReason::model_failed);
    CHECK(commands(*call, "speak") == 1);
  }
}

TEST_CASE("the codec the carrier names decides the lane", "[calls][outcome][codec]") {
  ScriptedCallOptions options = talk(1);
  SECTION("another law than asked for: still passed through") {
    options.callee.codec_surprise = AudioFormat::pcma();
    const auto call = ended_call(std::move(options));
    CHECK(call->record()->end_reason == EndReason::agent_goodbye);
    CHECK(call->record()->lane == "PCMA/8000 pass-through");
  }
  SECTION("wide-band audio is transcoded") {
    options.codec = AudioFormat::l16(16000);
    options.callee.leg_format = AudioFormat::l16(16000);
    const auto call = ended_call(std::move(options));
    CHECK(call->record()->end_reason == EndReason::agent_goodbye);
    CHECK(call->record()->lane.find("transcoded") != std::string::npos);
  }
}

TEST_CASE("a slow tool is bridged with a filler, and its result is told",
          "[calls][outcome][tool]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  ScriptedCallOptions options = talk(1, carrier);
  options.scenario = scenario(R"({"agents":[{"replies":[
    {"on":"start","say":"Hello."},
    {"on":"turn","transcript_of_caller":"How many?","calls":[{"name":"count","arguments":{}}]},
    {"on":"response","say":"One moment."},
    {"on":"tool_result","say":"There are {{tool.count.n}}. Good bye.",
     "calls":[{"name":"end_call","arguments":{}}]}]}]})");
  options.callee.script.steps = {wait(CalleeStep::Kind::wait_agent_silence, 400ms),
                                 say("How many?")};
  auto call = make_call(std::move(options));
  REQUIRE(call->tools().add({"count", "Counts.", R"({"type":"object"})"},
                            [](const ToolInvocation&) -> ToolOutput { return R"({"n":3})"; }));
  call->clock().set_offload_delay(3s);
  call->dial();
  REQUIRE(call->run(120s));
  INFO(story(*call->record()));
  CHECK(call->record()->end_reason == EndReason::agent_goodbye);
  const auto& said = call->record()->transcript;
  REQUIRE(said.size() == 4);
  CHECK(said[2].text == "One moment.");
  CHECK(said[3].text == "There are 3. Good bye.");
}
