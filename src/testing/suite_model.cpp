// A model that is late, silent, refusing, lost or wrong: heard as words, not as silence.
#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using Command = CommandTrouble::Command;

/// The rest of a talk, behind what its first answer does.
std::string talk_after(const std::string& first) {
  return R"({"agents":[{"replies":[)" + first + R"(,
  {"on":"turn","transcript_of_caller":"Stop, please.","say":"Of course."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";
}

std::string greeting_with(const std::string& fault) {
  return R"({"on":"start","say":"Hello, this is the agent.","fault":{"kind":")" + fault + "\"}}";
}

constexpr const char* kGoodGreeting = R"(,{"on":"response","say":"Hello, this is the agent."})";

template <int kFault>
void faulty_greeting(SuiteSetup& setup, SeededRandom&) {
  static constexpr const char* kFaults[] = {"no_response", "failed", "text_only", "unknown_event",
                                            "malformed_frame"};
  const bool again = kFault < 3;
  setup.script = talk_after(greeting_with(kFaults[kFault]) + (again ? kGoodGreeting : ""));
  setup.plan.person = patient({"Stop, please.", "That is all."});
}

void check_recovered(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye);
  bool greeted = false;
  for (const TranscriptEntry& entry : v.record.transcript) {
    greeted = greeted || (entry.speaker == Speaker::agent && entry.heard > 0ms &&
                          entry.text == "Hello, this is the agent.");
  }
  v.expect(greeted, "the greeting was not heard");
}

void check_apologised(SuiteVerdict& v) {
  v.expect_end(EndReason::model_failed);
  v.expect_commands(Command::speak, 1);
  v.expect_commands(Command::hang_up, 1);
}

std::vector<SuiteScenario> session_scenarios() {
  const std::vector<CarrierAbility> voice = {CarrierAbility::own_voice};
  return {
      {"model_refused", "A model that refuses the key ends the call before it is heard",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = R"({"agents":[{}],"connections":[{"http_status":401,"repeat":true}]})";
         setup.plan.ring = 2000ms;
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::model_failed);
         v.expect(v.far.heard.empty(), "somebody heard something");
         v.expect_commands(Command::speak, 0);
       }},
      {"model_dead", "For a model that never speaks the carrier's voice apologises",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = R"({"agents":[{}],"connections":[{"mute_after":2,"repeat":true}]})";
       },
       check_apologised, 1, voice},
      {"model_quota", "A quota that is used up is not tried again",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = R"({"agents":[{"replies":[{"on":"start","say":"Hello."}]}],
    "connections":[{"error_at":12,"cut_after":12,"code":"insufficient_quota","message":"Pay."}]})";
       },
       [](SuiteVerdict& v) {
         check_apologised(v);
         v.expect(v.call.model().size() == 1, "another session was opened");
       },
       1, voice},
      {"model_lost", "A session that is lost once is replaced, and the talk goes on",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.model.cut_model_at = 25;
         setup.answers_may_race = true;
         setup.plan.person = patient({"Stop, please.", "That is all."});
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect(v.call.model().size() == 2, "not two sessions");
         v.expect(v.record.counters.model_reopened == 1, "it was not reopened once");
       }},
      {"model_lost_for_good", "One that cannot be replaced is apologised for",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = R"({"agents":[{"replies":[{"on":"start","say":"Hello there."}]}],
    "connections":[{"cut_after":14},{"http_status":503,"code":"server_error","repeat":true}]})";
       },
       check_apologised, 1, voice},
  };
}

std::vector<SuiteScenario> answer_scenarios() {
  const std::vector<CarrierAbility> voice = {CarrierAbility::own_voice};
  return {
      {"answer_missing", "An answer that does not come is asked for again", faulty_greeting<0>,
       check_recovered},
      {"answer_failed", "So is one that fails", faulty_greeting<1>, check_recovered},
      {"answer_mute", "So is one that is text where speech was wanted", faulty_greeting<2>,
       check_recovered},
      {"answer_unknown_event", "An event of the model that nobody knows harms nothing",
       faulty_greeting<3>, check_recovered},
      {"answer_no_json", "Nor does one that is no JSON", faulty_greeting<4>, check_recovered},
      {"answers_fail", "Answers that all fail are apologised for",
       [](SuiteSetup& setup, SeededRandom&) {
         std::string answers = greeting_with("failed");
         for (int i = 0; i < 3; ++i) {
           answers += R"(,{"on":"response","say":"-","fault":{"kind":"failed"}})";
         }
         setup.script = talk_after(answers);
         setup.plan.person = {};
       },
       check_apologised, 1, voice},
  };
}

}  // namespace

std::vector<SuiteScenario> model_scenarios() {
  return join_scenarios({session_scenarios(), answer_scenarios()});
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
