// Commands to the carrier that fail, and handing the caller on.
#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using Command = CommandTrouble::Command;
using Failure = CommandTrouble::Kind;

constexpr const char* kTransfer = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the desk."},
  {"on":"turn","transcript_of_caller":"Put me through.",
   "calls":[{"name":"transfer_to_human","arguments":{"target":"sales"}}]},
  {"on":"response","say":"I am putting you through now."},
  {"on":"tool_result","say":"Nobody can take your call. Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]}]}]})";

void transfer_talk(SuiteSetup& setup) {
  setup.script = kTransfer;
  setup.plan.person = patient({"Put me through."});
  TransferTarget sales;
  sales.to = setup.plan.colleague.number;
  sales.ring_timeout = 6s;
  setup.agent.phone.transfer_targets = {{"sales", sales}};
  setup.agent.phone.transfer_timeout = 6s;
}

template <CallOutcome kOutcome>
void colleague_who(SuiteSetup& setup, SeededRandom&) {
  transfer_talk(setup);
  setup.plan.colleague.outcome = kOutcome;
}

void check_came_back(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye);
  v.expect_agent({"Hello, this is the desk.", "I am putting you through now.",
                  "Nobody can take your call. Good bye."});
  v.expect_commands(Command::hang_up, 1);
  v.expect_accounted();
}

std::vector<SuiteScenario> failing_commands() {
  return {
      {"dial_refused", "A dial that is refused ends the call as the carrier's failure",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.commands = {{Command::dial, Failure::refused}};
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::carrier_failed);
         v.expect(v.call.carrier().legs_made() == 0, "a phone rang");
       }},
      {"dial_unanswered", "So does one that is never answered",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.commands = {{Command::dial, Failure::unanswered}};
       },
       [](SuiteVerdict& v) { v.expect_end(EndReason::carrier_failed, EndReason::not_reached); }},
      {"dial_answer_lost", "A dial whose answer is lost rings one phone",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.commands = {{Command::dial, Failure::answer_lost}};
       },
       [](SuiteVerdict& v) {
         v.expect(v.call.carrier().legs_made() == 1, "not one phone rang");
         v.expect_end(EndReason::agent_goodbye, EndReason::carrier_failed);
       }},
      {"answer_refused", "A caller who cannot be answered leaves no session behind",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.incoming = true;
         setup.plan.commands = {{Command::answer, Failure::refused}};
       },
       [](SuiteVerdict& v) { v.expect_end(EndReason::carrier_failed); }},
      {"media_refused", "A leg that gets no media stream is hung up",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.commands = {{Command::start_media, Failure::refused}};
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::media_failed);
         v.expect_commands(Command::hang_up, 1);
       }},
      {"hangup_answer_lost", "A hang-up whose answer is lost is no failure of the call",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.commands = {{Command::hang_up, Failure::answer_lost}};
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect_accounted();
       }},
      {"voice_refused",
       "A carrier that refuses to apologise for the model hangs up all the same",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = R"({"agents":[{}],"connections":[{"mute_after":2,"repeat":true}]})";
         setup.plan.commands = {{Command::speak, Failure::refused}};
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::model_failed);
         v.expect_commands(Command::hang_up, 1);
       },
       1,
       {CarrierAbility::own_voice}},
  };
}

std::vector<SuiteScenario> transfer_scenarios() {
  return {
      {"transfer",
       "A caller who is put through hears so first, and is not hung up",
       [](SuiteSetup& setup, SeededRandom&) {
         transfer_talk(setup);
         setup.plan.hangup_after = 15s;
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::transferred);
         v.expect_agent({"Hello, this is the desk.", "I am putting you through now."});
         v.expect_commands(Command::transfer, 1);
         v.expect_commands(Command::hang_up, 0);
       },
       1,
       {CarrierAbility::transfer}},
      {"transfer_busy",
       "When that person is busy, the agent comes back and says so",
       colleague_who<CallOutcome::busy>,
       check_came_back,
       1,
       {CarrierAbility::transfer}},
      {"transfer_declined",
       "So it does when they decline",
       colleague_who<CallOutcome::decline>,
       check_came_back,
       1,
       {CarrierAbility::transfer}},
      {"transfer_no_answer",
       "So it does when they do not pick up",
       colleague_who<CallOutcome::timeout>,
       check_came_back,
       1,
       {CarrierAbility::transfer}},
  };
}

std::vector<SuiteScenario> broken_transfers() {
  return {
      {"transfer_refused",
       "When the carrier refuses, the agent comes back",
       [](SuiteSetup& setup, SeededRandom&) {
         transfer_talk(setup);
         setup.plan.commands = {{Command::transfer, Failure::refused}};
       },
       check_came_back,
       1,
       {CarrierAbility::transfer}},
      {"transfer_unanswered",
       "When it says nothing, the agent comes back, too",
       [](SuiteSetup& setup, SeededRandom&) {
         transfer_talk(setup);
         setup.plan.commands = {{Command::transfer, Failure::unanswered}};
       },
       check_came_back,
       1,
       {CarrierAbility::transfer}},
      {"transfer_caller_gone",
       "A caller who hangs up before is put through to nobody",
       [](SuiteSetup& setup, SeededRandom&) {
         transfer_talk(setup);
         setup.plan.person.steps.push_back(
             callee_waits(CalleeStep::Kind::wait_agent_speaking, 300ms));
         setup.plan.person.steps.push_back(callee_hangs_up());
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::caller_hangup);
         v.expect(v.call.carrier().legs_made() == 1, "somebody was called");
         v.expect_commands(Command::transfer, 0);
       },
       1,
       {CarrierAbility::transfer}},
  };
}

}  // namespace

std::vector<SuiteScenario> command_scenarios() {
  return join_scenarios({failing_commands(), transfer_scenarios(), broken_transfers()});
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
