// How calls end by themselves.
#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr const char* kLongFarewell = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello."},
  {"on":"response","say":"Good bye, and let me tell you once more what we have talked about today, as there was so much of it that one can hardly remember everything, which is why I say it again, from the beginning to the end and back."}]}]})";

constexpr const char* kQuiet = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the agent."},
  {"on":"response","say":"Are you still there?"},
  {"on":"response","say":"Can you hear me?"},
  {"on":"response","say":"Good bye."}]}]})";

void check_last_word(SuiteVerdict& v, EndReason reason) {
  v.expect_end(reason);
  v.expect(v.far.unplayed_bytes == 0, "the last word was cut off");
  const auto& said = v.record.transcript;
  v.expect(!said.empty() && said.back().text == "Good bye.", "no goodbye was said");
  if (!said.empty()) v.expect(said.back().heard == said.back().sent, "it was not heard whole");
  v.expect_accounted();
}

template <int kGraceMillis>
void stop_within(SuiteCall& call) {
  call.agent().stop(Millis(kGraceMillis));
}

std::vector<SuiteScenario> goodbye_scenarios() {
  return {
      {"goodbye_whole", "The goodbye is heard to its last syllable before the hang-up",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.person = patient({"Stop, please.", "That is all."});
       },
       [](SuiteVerdict& v) { check_last_word(v, EndReason::agent_goodbye); }},
      {"goodbye_far_away", "It is when the carrier is a third of a second away",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.person = patient({"Stop, please.", "That is all."});
         setup.plan.media.wire.delay = Micros(330000);
       },
       [](SuiteVerdict& v) { check_last_word(v, EndReason::agent_goodbye); }},
      {"goodbye_cap", "A goodbye that does not end is ended",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = kLongFarewell;
         setup.plan.person = {};
         setup.agent.phone.goodbye_cap = 3000ms;
         setup.deeds = {{4000ms, stop_within<20000>}};
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::cancelled);
         v.expect(v.record.duration > 6500ms, "it was not waited for");
         v.expect(v.record.duration < 9000ms, "it was waited for too long");
       }},
  };
}

std::vector<SuiteScenario> drain_scenarios() {
  return {
      {"drain", "A server that stops lets its calls say goodbye",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello."},{"on":"response","say":"Good bye."}]}]})";
         setup.plan.person = {};
         setup.deeds = {{4000ms, stop_within<20000>}};
       },
       [](SuiteVerdict& v) { check_last_word(v, EndReason::cancelled); }},
      {"drain_in_mid_sentence", "It does so in the middle of a sentence",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.person = {};
         setup.deeds = {{2500ms, stop_within<20000>}};
       },
       [](SuiteVerdict& v) { check_last_word(v, EndReason::cancelled); }},
      {"drain_cut", "When its patience ends they are hung up",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = kLongFarewell;
         setup.plan.person = {};
         setup.deeds = {{4000ms, stop_within<700>}};
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::cancelled);
         v.expect(v.record.duration < 5500ms, "it went on");
       }},
      {"silence", "A caller who says nothing is asked twice, then it is over",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = kQuiet;
         setup.plan.person = {};
       },
       [](SuiteVerdict& v) {
         check_last_word(v, EndReason::silence);
         v.expect_agent({"Hello, this is the agent.", "Are you still there?", "Can you hear me?",
                         "Good bye."});
       }},
      {"length_limit", "The longest time of a call ends with a goodbye",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello."},{"on":"response","say":"Good bye."}]}]})";
         setup.plan.person = {};
         setup.agent.phone.max_length = 27s;
       },
       [](SuiteVerdict& v) { check_last_word(v, EndReason::length_limit); }},
  };
}

}  // namespace

std::vector<SuiteScenario> ending_scenarios() {
  return join_scenarios({goodbye_scenarios(), drain_scenarios()});
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
