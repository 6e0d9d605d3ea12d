// Calls that are recorded: what the file holds, what the carrier is told, and what the caller has
// to say to it.
#include <cstdlib>

#include "support/temp_directory.hpp"
#include "unit/calls/script.hpp"
#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/wav.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kNotice = "This call is recorded. Press one to agree, or two to refuse.";

/// Begins with what the caller has to know of the recording.
constexpr std::string_view kNoticeTalk = R"({"agents":[{"replies":[
  {"on":"start","say":"This call is recorded. Press one to agree, or two to refuse."},
  {"on":"response","say":"Hello, how can I help you?"},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

/// Has the caller enter a number, who says it aloud meanwhile.
constexpr std::string_view kPrivateTalk = R"({"agents":[{"replies":[
  {"on":"start","say":"Please enter your account number.",
   "calls":[{"name":"collect_digits","arguments":{"max_digits":4}}]},
  {"on":"tool_result","say":"Thank you."},
  {"on":"turn","transcript_of_caller":"It is seven, three, nine, one.","say":"Yes."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

/// 8 kHz samples at which somebody speaks.
std::size_t voiced(SampleView samples) {
  std::size_t loud = 0;
  for (const std::int16_t sample : samples) loud += std::abs(sample) > 500 ? 1 : 0;
  return loud;
}

std::size_t voiced(const Bytes& pcmu) {
  auto codec = make_audio_codec(AudioFormat::pcmu());
  REQUIRE(codec);
  Samples samples;
  REQUIRE((*codec)->decode(pcmu, samples));
  return voiced(SampleView(samples.data(), samples.size()));
}

struct RecordedWorld {
  TempDirectory folder;
  std::shared_ptr<CallStore> store = make_memory_call_store();
  ScriptedCallOptions options;
  std::unique_ptr<ScriptedCall> call;
  std::vector<std::string> states;  ///< Of the carrier's recording, as they followed each other.
  CarrierKind carrier;

  RecordedWorld(CarrierKind c, RecordedBy by) : options(talk(1, c)), carrier(c) {
    options.calls = store;
    options.agent.record_dir = folder.path().string();
    options.agent.phone.recording.by = by;
    options.callee.hangup_after = 60s;
  }

  void run(bool upkeep = false) {
    call = make_call(std::move(options));
    if (upkeep) call->agent().start_upkeep();
    call->dial();
    for (int i = 0; i < 1200 && call->ended() == 0; ++i) {
      watch();
      call->clock().advance(100ms);
    }
    REQUIRE(call->ended() == 1);
    call->clock().advance(10s);
    watch();
    CHECK(call->carrier().active_calls() == 0);
  }
  /// The state of the first leg's recording at the simulator.
  void watch() {
    const auto state = Json::parse(call->carrier().state_json(call->clock().now()));
    REQUIRE(state);
    const auto calls = (*state)["calls"].elements();
    if (calls.empty()) return;
    const std::string now = calls[0]["recording"].string_or("none told");
    if (states.empty() || states.back() != now) states.push_back(now);
  }
  const CallRecord& record() const { return *call->record(); }
  StoredCall stored() const {
    const auto kept = store->find(record().call_id);
    REQUIRE(kept);
    return kept->call;
  }
  /// What the carrier was told of recordings; each was taken.
  std::vector<std::string> commands() const {
    std::vector<std::string> all;
    for (const SimApiRecord& request : call->carrier().requests()) {
      if (request.command.compare(0, 6, "record") != 0) continue;
      CHECK(request.status / 100 == 2);
      CHECK(request.ignored.empty());
      const std::string change =
          request.body.find("Status=paused") != std::string::npos        ? " paused"
          : request.body.find("Status=in-progress") != std::string::npos ? " in-progress"
          : request.body.find("Status=stopped") != std::string::npos     ? " stopped"
                                                                         : "";
      all.push_back(request.command + change);
    }
    return all;
  }
  bool nothing_kept() const {
    return std::filesystem::is_empty(folder.path()) && commands().empty() &&
           stored().recording.empty() && stored().recording_id.empty() &&
           stored().recording_url.empty();
  }
  WavAudio audio() const {
    const auto wav = read_wav(stored().recording);
    REQUIRE(wav);
    REQUIRE(wav->channels == 2);
    REQUIRE(wav->sample_rate == 8000);
    return *wav;
  }
};

Samples side(const WavAudio& wav, std::size_t channel) {
  Samples one;
  for (std::size_t i = channel; i < wav.samples.size(); i += 2) one.push_back(wav.samples[i]);
  return one;
}

std::size_t voiced_side(const WavAudio& wav, std::size_t channel) {
  const Samples one = side(wav, channel);
  return voiced(SampleView(one.data(), one.size()));
}

/// Within a twentieth: where a frame was lost at the edge of the call.
bool about(std::size_t one, std::size_t other) {
  const std::size_t gap = one > other ? one - other : other - one;
  return gap * 20 <= other;
}

void ask_for_consent(RecordedWorld& world, const std::string& key) {
  RecordingOptions& recording = world.options.agent.phone.recording;
  recording.consent = RecordingConsent::agreed;
  recording.announcement = kNotice;
  recording.agree_key = '1';
  recording.refuse_key = '2';
  world.options.scenario = scenario(kNoticeTalk);
  world.options.callee.script.steps = {wait(CalleeStep::Kind::wait_agent_silence, 600ms)};
  if (!key.empty()) world.options.callee.script.steps.push_back(callee_presses(key));
  world.options.callee.script.steps.push_back(
      wait(CalleeStep::Kind::wait_agent_speaking, key.empty() ? 0ms : 300ms));
  world.options.callee.script.steps.push_back(wait(CalleeStep::Kind::wait_agent_silence, 800ms));
  world.options.callee.script.steps.push_back(say("That is all."));
}

const std::vector<RecordedBy> kRecorders = {RecordedBy::us, RecordedBy::carrier};

}  // namespace

TEST_CASE("our recording has the caller left and the agent right, as they were heard",
          "[calls][recording]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  RecordedWorld world(carrier, RecordedBy::us);
  world.run();
  INFO(story(world.record()));
  CHECK(world.stored().recording == (world.folder / (world.record().call_id + ".wav")).string());
  CHECK(world.commands().empty());
  const WavAudio wav = world.audio();
  const std::size_t caller = voiced(world.call->leg()->said());
  const std::size_t agent = voiced(world.call->leg()->heard());
  CAPTURE(caller, agent, voiced_side(wav, 0), voiced_side(wav, 1));
  REQUIRE(caller > 1000);
  // So different that sides which are swapped are found out.
  REQUIRE_FALSE(about(caller, agent));
  CHECK(about(voiced_side(wav, 0), caller));
  // The interrupted sentence ends where its listener stopped hearing it, give or take the way back.
  CHECK(about(voiced_side(wav, 1), agent));
  // Of what was cleared nothing is there.
  CHECK(voiced(world.call->leg()->cleared()) > 0);
}

TEST_CASE("a carrier records by command, and tells where", "[calls][recording]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  RecordedWorld world(carrier, RecordedBy::carrier);
  world.run();
  INFO(story(world.record()));
  // Its end comes with that of the leg, which would take no command any more.
  CHECK(world.commands() == std::vector<std::string>{"record_start"});
  for (const SimApiRecord& request : world.call->carrier().requests()) {
    if (request.command == "record_start") {
      CHECK(request.body.find("dual") != std::string::npos);
    }
  }
  REQUIRE(world.states.size() == 3);
  CHECK(world.states[1] == "in-progress");
  CHECK(std::filesystem::is_empty(world.folder.path()));
  CHECK(world.stored().recording.empty());
  CHECK_FALSE(world.stored().recording_id.empty());
  CHECK(world.stored().recording_url.find(world.stored().recording_id) != std::string::npos);
}

TEST_CASE("what a caller does not agree to is recorded nowhere", "[calls][recording]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  const RecordedBy by = GENERATE(from_range(kRecorders));
  const std::string key = GENERATE("2", "");
  CAPTURE(name_of(carrier), static_cast<int>(by), key);
  RecordedWorld world(carrier, by);
  ask_for_consent(world, key);
  world.run();
  INFO(story(world.record()));
  REQUIRE_FALSE(world.record().transcript.empty());
  CHECK(world.record().transcript.front().text == kNotice);
  CHECK(world.nothing_kept());
  CHECK(world.states == std::vector<std::string>{""});
}

TEST_CASE("a caller who agrees is recorded from then on", "[calls][recording]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  const RecordedBy by = GENERATE(from_range(kRecorders));
  CAPTURE(name_of(carrier), static_cast<int>(by));
  RecordedWorld world(carrier, by);
  ask_for_consent(world, "1");
  world.run();
  INFO(story(world.record()));
  CHECK(world.record().end_reason == EndReason::agent_goodbye);
  if (by == RecordedBy::carrier) {
    CHECK(world.commands() == std::vector<std::string>{"record_start"});
    CHECK_FALSE(world.stored().recording_url.empty());
    return;
  }
  CHECK(world.commands().empty());
  const WavAudio wav = world.audio();
  // Without the notice.
  CHECK(voiced_side(wav, 1) * 4 < voiced(world.call->leg()->heard()) * 3);
  CHECK(voiced_side(wav, 1) > 1000);
  CHECK(about(voiced_side(wav, 0), voiced(world.call->leg()->said())));
}

TEST_CASE("an announced recording begins behind its announcement", "[calls][recording]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  RecordedWorld world(carrier, RecordedBy::us);
  ask_for_consent(world, "");
  world.options.agent.phone.recording.consent = RecordingConsent::announced;
  world.run();
  INFO(story(world.record()));
  CHECK(world.record().transcript.front().text == kNotice);
  const WavAudio wav = world.audio();
  CHECK(voiced_side(wav, 1) * 4 < voiced(world.call->leg()->heard()) * 3);
  CHECK(voiced_side(wav, 1) > 1000);
}

TEST_CASE("a recording pauses while a masked number is entered", "[calls][recording][keys]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  const RecordedBy by = GENERATE(from_range(kRecorders));
  const bool pauses = GENERATE(true, false);
  CAPTURE(name_of(carrier), static_cast<int>(by), pauses);
  RecordedWorld world(carrier, by);
  world.options.scenario = scenario(kPrivateTalk);
  world.options.agent.phone.keys.masked = true;
  world.options.agent.phone.recording.pause_for_masked_keys = pauses;
  world.options.callee.script.steps = {
      wait(CalleeStep::Kind::wait_agent_silence, 1200ms), say("It is seven, three, nine, one."),
      callee_presses("7391"), wait(CalleeStep::Kind::wait_agent_silence, 1500ms),
      say("That is all.")};
  world.run();
  INFO(story(world.record()));
  CHECK(world.record().end_reason == EndReason::agent_goodbye);
  if (by == RecordedBy::us) {
    const std::size_t caller = voiced(world.call->leg()->said());
    const std::size_t left = voiced_side(world.audio(), 0);
    CAPTURE(caller, left);
    CHECK(about(left, caller) == !pauses);
    if (pauses) CHECK(left * 2 < caller);
    CHECK(left > 500);
    return;
  }
  const bool telnyx = carrier == CarrierKind::telnyx;
  std::vector<std::string> commands = {"record_start"};
  if (pauses) {
    commands.push_back(telnyx ? "record_pause" : "record_change paused");
    commands.push_back(telnyx ? "record_resume" : "record_change in-progress");
  }
  CHECK(world.commands() == commands);
  const auto& states = world.states;
  REQUIRE(states.size() == (pauses ? 5 : 3));
  CHECK(states[1] == "in-progress");
  if (pauses) CHECK(states[2] == "paused");
  if (pauses) CHECK(states[3] == "in-progress");
  CHECK_FALSE(world.stored().recording_url.empty());
}

TEST_CASE("a carrier that does not pause a recording has to end it", "[calls][recording][faults]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  RecordedWorld world(carrier, RecordedBy::carrier);
  world.options.scenario = scenario(kPrivateTalk);
  world.options.agent.phone.keys.masked = true;
  world.options.callee.script.steps = {wait(CalleeStep::Kind::wait_agent_silence, 1200ms),
                                       say("It is seven, three, nine, one."),
                                       callee_presses("7391"),
                                       wait(CalleeStep::Kind::wait_agent_speaking, 200ms),
                                       wait(CalleeStep::Kind::wait_agent_silence, 1500ms),
                                       say("That is all.")};
  world.call = make_call(world.options);
  const bool telnyx = carrier == CarrierKind::telnyx;
  world.call->carrier().inject(
      {telnyx ? "record_pause" : "record_change", 1, 400, Millis(0), false});
  world.call->dial();
  REQUIRE(world.call->run(120s));
  INFO(story(world.record()));
  std::vector<std::string> commands;
  for (const SimApiRecord& request : world.call->carrier().requests()) {
    if (request.command.compare(0, 6, "record") == 0) commands.push_back(request.command);
  }
  REQUIRE(commands.size() == 4);
  CHECK(commands[1] == (telnyx ? "record_pause" : "record_change"));
  CHECK(commands[2] == (telnyx ? "record_stop" : "record_change"));
  CHECK(commands[3] == "record_start");  // A new one, when the number has been entered.
  CHECK(world.record().end_reason == EndReason::agent_goodbye);
}

TEST_CASE("a recording goes with its call when its time is over, and not before",
          "[calls][recording][retention]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  RecordedWorld world(carrier, RecordedBy::us);
  const Millis day = 24h;
  world.options.agent.phone.recording.retention = day;
  world.run(true);
  StoredCall kept = world.stored();
  CHECK(kept.expires_at == kept.created_at + day.count());
  REQUIRE(std::filesystem::exists(kept.recording));
  world.call->clock().advance(2h);
  CHECK(std::filesystem::exists(kept.recording));
  CHECK(world.store->find(kept.id));
  // The wall clock is no business of a test: the time is moved instead.
  kept.expires_at = kept.created_at;
  REQUIRE(world.store->save(kept));
  world.call->clock().advance(2h);
  CHECK_FALSE(std::filesystem::exists(kept.recording));
  CHECK_FALSE(world.store->find(kept.id));
}
