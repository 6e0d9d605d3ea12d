#include "voicebridge/testing/callee_script.hpp"

#include <algorithm>
#include <filesystem>

#include "support/catch.hpp"
#include "voicebridge/audio/wav.hpp"
#include "voicebridge/testing/callee_steps.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

CalleeScript script(const char* json) {
  auto parsed = CalleeScript::parse(Json::parse(json).value());
  INFO((parsed ? "" : parsed.error().message));
  REQUIRE(parsed);
  return *parsed;
}

Error error_of(const char* json) {
  auto parsed = CalleeScript::parse(Json::parse(json).value());
  REQUIRE_FALSE(parsed);
  return parsed.error();
}

struct Seen {
  std::string digits;
  bool hangup = false;
  std::size_t ticks = 0;
};

Seen run(ScriptedCallee& callee, std::size_t ticks, bool agent_audible) {
  Seen seen;
  for (std::size_t i = 0; i < ticks && !seen.hangup; ++i) {
    const ScriptedCallee::Tick tick = callee.tick(agent_audible);
    if (tick.digit != 0) seen.digits += tick.digit;
    seen.hangup = tick.hangup;
    ++seen.ticks;
  }
  return seen;
}

bool is_silence(const ScriptedCallee& callee, const ScriptedCallee::Tick& tick) {
  return std::all_of(tick.samples, tick.samples + callee.frame_samples(),
                     [](auto s) { return s == 0; });
}

}  // namespace

TEST_CASE("a script is read step by step, and a fault names its step") {
  const CalleeScript parsed =
      script(R"([{"wait":"ms","ms":500},{"tone":440,"ms":300,"text":"hello"},
    {"wait":"agent_speaking","ms":1200},{"wait":"agent_silence","ms":700,"timeout_ms":9000},
    {"wait":"mark","name":"bye"},{"dtmf":"12#"},{"hangup":true},{"say":"Some bread, please."}])");
  REQUIRE(parsed.steps.size() == 8);
  CHECK(parsed.steps[0].duration == Millis(500));
  CHECK(parsed.steps[1].samples->size() == 2400);
  CHECK(parsed.steps[1].text == "hello");
  CHECK(parsed.steps[3].timeout == Millis(9000));
  CHECK(parsed.steps[4].text == "bye");
  CHECK(parsed.steps[7].kind == CalleeStep::Kind::play);
  CHECK(parsed.steps[7].text == "Some bread, please.");
  CHECK(parsed.steps[7].samples->size() == 19 * ToneVoice::kMillisPerCharacter * 8);
  CHECK(*parsed.steps[7].samples == *callee_says("Some bread, please.").samples);

  CHECK(error_of(R"({})").field == "steps");
  CHECK(error_of(R"([{"wait":"ms","ms":1},{"wait":"love"}])").field == "steps.1.wait");
  CHECK(error_of(R"([{"wait":"ms","ms":-1}])").field == "steps.0.ms");
  CHECK(error_of(R"([{"tone":9}])").field == "steps.0.tone");
  CHECK(error_of(R"([{"dtmf":"12x"}])").field == "steps.0.dtmf");
  CHECK(error_of(R"([{"say":""}])").field == "steps.0.say");
  CHECK(error_of(R"([{"dance":true}])").field == "steps.0");
  const Error missing = error_of(R"([{"play":"/does/not/exist.wav"}])");
  CHECK(missing.code == Errc::not_found);
  CHECK(missing.field == "steps.0.play");
}

TEST_CASE("a WAV file is said sample by sample, from a folder, at the rate of the leg") {
  const auto folder = std::filesystem::temp_directory_path() / "voicebridge_script_test";
  std::filesystem::create_directories(folder);
  WavAudio audio;
  for (int i = 0; i < 400; ++i) audio.samples.push_back(static_cast<std::int16_t>(i * 10));
  REQUIRE(write_wav(folder / "a.wav", audio));
  auto parsed = CalleeScript::parse(Json::parse(R"([{"play":"a.wav","text":"hi"}])").value(),
                                    folder.string());
  REQUIRE(parsed);

  ScriptedCallee callee(*parsed, CalleeIdle::nothing, 8000, 1);
  Samples said;
  for (int i = 0; i < 3; ++i) {
    const auto tick = callee.tick(false);
    REQUIRE(tick.samples != nullptr);
    said.insert(said.end(), tick.samples, tick.samples + 160);
  }
  CHECK(callee.tick(false).samples == nullptr);
  CHECK(Samples(said.begin(), said.begin() + 400) == audio.samples);
  CHECK(Samples(said.begin() + 400, said.end()) == Samples(80, 0));
  REQUIRE(callee.utterances().size() == 1);
  CHECK(callee.utterances()[0].text == "hi");
  CHECK(callee.utterances()[0].end == Millis(60));

  ScriptedCallee wide(*parsed, CalleeIdle::nothing, 16000, 1);
  CHECK(wide.frame_samples() == 320);
  CHECK(wide.tick(false).samples != nullptr);
  audio.channels = 2;
  REQUIRE(write_wav(folder / "a.wav", audio));
  CHECK(CalleeScript::parse(Json::parse(R"([{"play":"a.wav"}])").value(), folder.string())
            .error()
            .code == Errc::unsupported);
  std::filesystem::remove_all(folder);
}

TEST_CASE("waiting for silence means: the agent has answered, and has stopped for so long") {
  ScriptedCallee callee(script(R"([{"wait":"agent_silence","ms":200},{"dtmf":"1"}])"),
                        CalleeIdle::silence, 8000, 1);
  CHECK(run(callee, 100, false).digits.empty());  // nothing heard yet: the agent is thinking
  CHECK(run(callee, 50, true).digits.empty());
  CHECK(run(callee, 9, false).digits.empty());
  CHECK(run(callee, 1, false).digits == "1");
}

TEST_CASE("pauses between words do not end the agent's speech") {
  ScriptedCallee callee(script(R"([{"wait":"agent_speaking","ms":1000},{"dtmf":"1"}])"),
                        CalleeIdle::silence, 8000, 1);
  CHECK(run(callee, 30, true).digits.empty());   // 0.6 s
  CHECK(run(callee, 10, false).digits.empty());  // a pause of 0.2 s
  CHECK(run(callee, 9, true).digits.empty());
  CHECK(run(callee, 1, true).digits == "1");  // 1.0 s since it began
}

TEST_CASE("after a long pause the agent's speech counts anew") {
  ScriptedCallee callee(script(R"([{"wait":"agent_speaking","ms":1000},{"dtmf":"1"}])"),
                        CalleeIdle::silence, 8000, 1);
  run(callee, 40, true);
  CHECK(run(callee, 20, false).digits.empty());
  CHECK(run(callee, 49, true).digits.empty());
  CHECK(run(callee, 1, true).digits == "1");
}

TEST_CASE("a wait for an agent that never comes ends by its timeout and is counted") {
  ScriptedCallee callee(
      script(R"([{"wait":"agent_silence","ms":200,"timeout_ms":1000},{"hangup":true}])"),
      CalleeIdle::silence, 8000, 1);
  const Seen seen = run(callee, 1000, false);
  CHECK(seen.hangup);
  CHECK(seen.ticks == 51);
  CHECK(callee.timeouts() == 1);
  CHECK(callee.finished());
}

TEST_CASE("a wait for a mark takes the one that was named, and no mark from before the wait") {
  ScriptedCallee callee(
      script(R"([{"wait":"ms","ms":100},{"wait":"mark","name":"bye"},{"hangup":true}])"),
      CalleeIdle::silence, 8000, 1);
  callee.on_mark("bye");
  CHECK_FALSE(run(callee, 20, false).hangup);
  callee.on_mark("other");
  CHECK_FALSE(run(callee, 5, false).hangup);
  callee.on_mark("bye");
  CHECK(run(callee, 1, false).hangup);
}

TEST_CASE("keys are pressed one every 200 ms while the line is idle") {
  ScriptedCallee callee(script(R"([{"dtmf":"4*2"},{"hangup":true}])"), CalleeIdle::silence, 8000,
                        1);
  CHECK(run(callee, 1, false).digits == "4");
  CHECK(run(callee, 10, false).digits == "*");
  const Seen seen = run(callee, 100, false);
  CHECK(seen.digits == "2");
  CHECK(seen.hangup);
}

TEST_CASE("an idle line carries silence, repeatable noise, or nothing") {
  ScriptedCallee silent({}, CalleeIdle::silence, 8000, 1);
  ScriptedCallee noisy({}, CalleeIdle::comfort_noise, 8000, 1);
  ScriptedCallee again({}, CalleeIdle::comfort_noise, 8000, 1);
  ScriptedCallee dtx({}, CalleeIdle::nothing, 8000, 1);
  CHECK(is_silence(silent, silent.tick(false)));
  const auto noise = noisy.tick(false);
  CHECK_FALSE(is_silence(noisy, noise));
  CHECK(std::equal(noise.samples, noise.samples + 160, again.tick(false).samples));
  CHECK(dtx.tick(false).samples == nullptr);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
