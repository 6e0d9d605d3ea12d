// The caller's audio, the pieces of the agent's, and keys.
#include <algorithm>

#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

const std::vector<std::string> kBothTurns = {"Stop, please.", "That is all."};

/// Both turns were taken, and all that the agent said was heard.
void check_both_turns(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye);
  v.expect_caller_turns(2);
  v.expect_accounted();
}

void check_model_heard_all(SuiteVerdict& v) {
  check_both_turns(v);
  if (!v.call.passes_through()) return;
  const Bytes& got = v.call.model().front()->received_audio;
  v.expect(
      got.size() <= v.far.said.size() && std::equal(got.begin(), got.end(), v.far.said.begin()),
      "the model heard other bytes than the caller said");
}

void patient_talk(SuiteSetup& setup) { setup.plan.person = patient(kBothTurns); }

void pieces(SuiteSetup& setup, Millis shortest, Millis longest) {
  patient_talk(setup);
  setup.model.model.piece_min = shortest;
  setup.model.model.piece_max = longest;
}

std::vector<std::string> keys_told(const SuiteVerdict& v) {
  std::vector<std::string> keys;
  for (const TranscriptEntry& entry : v.record.transcript) {
    if (entry.text.rfind("[keys: ", 0) == 0) keys.push_back(entry.text);
  }
  return keys;
}

void check_keys(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye, EndReason::silence);
  const auto keys = keys_told(v);
  v.expect(keys.size() == 1, std::to_string(keys.size()) + " entries of keys instead of one");
  if (!keys.empty()) v.expect(keys[0] == "[keys: 12#]", "the keys came as " + keys[0]);
  v.expect_accounted();
}

constexpr const char* kLongAnswer = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello. %"},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

std::vector<SuiteScenario> caller_audio_scenarios() {
  return {
      {"gap_in_speech", "A turn that is torn by a gap of two seconds is closed and answered",
       [](SuiteSetup& setup, SeededRandom&) {
         patient_talk(setup);
         setup.plan.media.gaps = {{6200ms, 2000ms}};
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye, EndReason::silence);
         v.expect(v.record.counters.gap_bytes_filled > 0, "the gap was not filled");
         v.expect_accounted();
       }},
      {"no_frames_in_silence", "A caller whose silence is not sent is answered all the same",
       [](SuiteSetup& setup, SeededRandom&) {
         patient_talk(setup);
         setup.plan.idle = CalleeIdle::nothing;
       },
       [](SuiteVerdict& v) {
         check_both_turns(v);
         v.expect(v.record.counters.gap_bytes_filled > 0, "the silence was not filled in");
       }},
      {"frames_lost", "Five frames of a hundred may be lost",
       [](SuiteSetup& setup, SeededRandom&) {
         patient_talk(setup);
         setup.plan.media.loss = 0.05;
       },
       check_both_turns},
      {"frames_late", "Frames that come up to 80 ms late cost nothing",
       [](SuiteSetup& setup, SeededRandom&) {
         patient_talk(setup);
         setup.plan.media.jitter = 80ms;
       },
       check_model_heard_all},
      {"frames_overtake", "Frames that overtake each other are heard in their order",
       [](SuiteSetup& setup, SeededRandom&) {
         patient_talk(setup);
         setup.plan.media.reorder = 0.1;
       },
       check_model_heard_all},
      {"frames_doubled", "Frames that come twice are heard once",
       [](SuiteSetup& setup, SeededRandom&) {
         patient_talk(setup);
         setup.plan.media.duplicate = 0.2;
       },
       check_model_heard_all},
  };
}

std::vector<SuiteScenario> agent_audio_scenarios() {
  return {
      {"pieces_odd", "Pieces that are no multiple of a frame reach the carrier in whole frames",
       [](SuiteSetup& setup, SeededRandom&) { pieces(setup, 33ms, 47ms); }, check_both_turns},
      {"pieces_tiny", "So do pieces shorter than a frame",
       [](SuiteSetup& setup, SeededRandom&) { pieces(setup, 3ms, 11ms); }, check_both_turns},
      {"pieces_long", "So do pieces of two seconds",
       [](SuiteSetup& setup, SeededRandom&) { pieces(setup, 1900ms, 2100ms); }, check_both_turns},
      {"tail_padded", "The last frame of an utterance is filled up with silence",
       [](SuiteSetup& setup, SeededRandom&) {
         patient_talk(setup);
         setup.script = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello."},{"on":"turn","transcript_of_caller":"Stop, please.","say":"Yes!"},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye, then.",
   "calls":[{"name":"end_call","arguments":{}}]}]}]})";
       },
       [](SuiteVerdict& v) {
         check_both_turns(v);
         v.expect(v.far.heard.size() % v.far.outbound.frame_bytes() == 0,
                  "the last frame is not whole");
         v.expect(v.record.counters.agent_bytes_padding > 0, "nothing had to be filled up");
       }},
      {"answer_of_a_minute", "A minute of speech is not more than a carrier takes at once",
       [](SuiteSetup& setup, SeededRandom&) {
         std::string script = kLongAnswer;
         std::string words;
         while (words.size() < 900) words += "I have so much to tell you. ";
         script.replace(script.find('%'), 1, words);
         setup.script = std::move(script);
         setup.plan.person = patient({"That is all."});
         setup.plan.person.steps.front().timeout = 90s;
         setup.plan.media.max_queue = 5000ms;
         setup.model.model.speed = 30;
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect(v.record.duration > 58s, "it was not heard in real time");
         v.expect_accounted();
       }},
  };
}

std::vector<SuiteScenario> key_scenarios() {
  return {
      {"keys", "Keys are one entry that the model is told of, each key once",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.person.steps = {callee_waits(CalleeStep::Kind::wait_agent_silence, 600ms),
                                    callee_presses("12#"),
                                    callee_waits(CalleeStep::Kind::wait_time, 8000ms),
                                    callee_says("Stop, please."),
                                    callee_waits(CalleeStep::Kind::wait_agent_silence, 600ms),
                                    callee_says("That is all.")};
       },
       check_keys},
      {"keys_during_speech", "So are keys that are pressed while the agent speaks",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.person.steps = {callee_waits(CalleeStep::Kind::wait_agent_speaking, 1000ms),
                                    callee_presses("12#"),
                                    callee_waits(CalleeStep::Kind::wait_time, 12000ms),
                                    callee_says("Stop, please."),
                                    callee_waits(CalleeStep::Kind::wait_agent_silence, 600ms),
                                    callee_says("That is all.")};
       },
       check_keys},
      {"keys_without_end", "A hundred keys are kept within a limit",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.person.steps = {callee_waits(CalleeStep::Kind::wait_agent_silence, 600ms),
                                    callee_presses(std::string(100, '7')),
                                    callee_waits(CalleeStep::Kind::wait_time, 3000ms),
                                    callee_hangs_up()};
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::caller_hangup);
         const auto keys = keys_told(v);
         v.expect(!keys.empty(), "no keys came");
         for (const std::string& entry : keys) v.expect(entry.size() < 80, "an entry has no limit");
       }},
  };
}

}  // namespace

std::vector<SuiteScenario> audio_scenarios() {
  return join_scenarios({caller_audio_scenarios(), agent_audio_scenarios(), key_scenarios()});
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
