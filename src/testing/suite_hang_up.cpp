// Either side hangs up, at each state of a call.
#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr const char* kQuestion = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the shop."},
  {"on":"turn","transcript_of_caller":"How many are left?",
   "calls":[{"name":"count","arguments":{}}]},
  {"on":"response","say":"One moment."},
  {"on":"tool_result","say":"There are {{tool.count.n}} left."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]}]}]})";

template <int kMillis>
void caller_gone_after(SuiteSetup& setup, SeededRandom&) {
  setup.plan.hangup_after = Millis(kMillis);
}

void check_caller_gone(SuiteVerdict& v) {
  v.expect_end(EndReason::caller_hangup);
  v.expect_accounted(true);
}

void stop_now(SuiteCall& call) { call.agent().stop(Millis(0)); }

void check_cancelled(SuiteVerdict& v) {
  v.expect_end(EndReason::cancelled);
  v.expect(v.call.carrier().legs_made() <= 1, "it was dialed again");
}

std::vector<SuiteScenario> caller_hangs_up() {
  return {
      {"hangup_before_media", "A caller who is gone before the media comes leaves nothing behind",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.hangup_after = 50ms;
         setup.plan.media.connect_delay = 1000ms;
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::caller_hangup);
         v.expect(v.far.heard.empty(), "somebody heard something");
       }},
      {"hangup_model_connecting", "Nor does one who is gone before the model is there",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.hangup_after = 1000ms;
         setup.model.model_connect = 5000ms;
       },
       check_caller_gone},
      {"hangup_greeting", "Nor one who hangs up during the greeting", caller_gone_after<1500>,
       check_caller_gone},
      {"hangup_speaking", "Nor one who hangs up while speaking", caller_gone_after<2300>,
       check_caller_gone},
      {"hangup_tool_running", "The result of a tool that outlives its call is told to nobody",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = kQuestion;
         setup.tool_takes = 4000ms;
         setup.plan.person.steps = {callee_waits(CalleeStep::Kind::wait_agent_silence, 600ms),
                                    callee_says("How many are left?"),
                                    callee_waits(CalleeStep::Kind::wait_time, 2500ms),
                                    callee_hangs_up()};
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::caller_hangup);
         v.expect(v.call.model().front()->tool_results.empty(), "a result was told");
         v.expect_accounted(true);
       }},
      {"hangup_goodbye", "A caller who is quicker than the goodbye does not change why it ended",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.person = patient({"Stop, please.", "That is all."});
         setup.plan.person.steps.push_back(
             callee_waits(CalleeStep::Kind::wait_agent_speaking, 200ms));
         setup.plan.person.steps.push_back(callee_hangs_up());
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect_accounted(true);
       }},
  };
}

std::vector<SuiteScenario> agent_hangs_up() {
  return {
      {"cancel_dialing",
       "A call that is cancelled before its leg has a name is hung up when it has",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.ring = 3000ms;
         setup.plan.command_delay = 200ms;
         setup.deeds = {{400ms, stop_now}};
       },
       [](SuiteVerdict& v) {
         check_cancelled(v);
         v.expect(v.far.heard.empty(), "somebody heard something");
       }},
      {"cancel_ringing", "One that is cancelled while it rings rings no longer",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.ring = 5000ms;
         setup.deeds = {{2000ms, stop_now}};
       },
       [](SuiteVerdict& v) {
         check_cancelled(v);
         v.expect(v.far.heard.empty(), "somebody heard something");
       }},
      {"cancel_talking", "One that is cancelled in mid-sentence is hung up at once",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.deeds = {{2200ms, stop_now}};
       },
       [](SuiteVerdict& v) {
         check_cancelled(v);
         v.expect(v.record.duration < 3000ms, "it went on");
       }},
  };
}

std::vector<SuiteScenario> tool_scenarios() {
  return {
      {"tool_fast", "A question that a tool answers is answered",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = kQuestion;
         setup.plan.person = patient({"How many are left?", "That is all."});
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect_agent({"Hello, this is the shop.", "There are 3 left.", "Good bye."});
         v.expect(v.call.counted() == 1, "the tool did not run once");
         v.expect_accounted();
       }},
      {"tool_slow", "A slow tool is bridged with a few words, and its result is told",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = kQuestion;
         setup.tool_takes = 3000ms;
         setup.plan.person = patient({"How many are left?"});
         setup.plan.person.steps.push_back(callee_waits(CalleeStep::Kind::wait_time, 6000ms));
         setup.plan.person.steps.push_back(callee_says("That is all."));
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect_agent(
             {"Hello, this is the shop.", "One moment.", "There are 3 left.", "Good bye."});
         v.expect_accounted();
       }},
      {"tool_fails", "A tool that fails is told to the model, not to the line",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello."},
  {"on":"turn","transcript_of_caller":"How many are left?",
   "calls":[{"name":"count","arguments":{}}]},
  {"on":"tool_result","say":"I cannot find out."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]}]}]})";
         setup.tool_fails = true;
         setup.plan.person = patient({"How many are left?", "That is all."});
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect_agent({"Hello.", "I cannot find out.", "Good bye."});
         const auto& results = v.call.model().front()->tool_results;
         v.expect(!results.empty() && results[0].output.find("error") != std::string::npos,
                  "the model was not told");
       }},
  };
}

}  // namespace

std::vector<SuiteScenario> hang_up_scenarios() {
  return join_scenarios({caller_hangs_up(), agent_hangs_up(), tool_scenarios()});
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
