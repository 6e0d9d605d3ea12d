// Events that come twice, late, in another order, after the end, forged or not at all.
#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using EventRule = EventTrouble::Rule;
using Command = CommandTrouble::Command;

void check_goodbye(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye);
  v.expect_accounted();
}

EventRule late_event(LegEventKind kind, Millis delay) {
  EventRule rule;
  rule.kind = kind;
  rule.delay = delay;
  return rule;
}

EventRule lost_event(LegEventKind kind) {
  EventRule rule;
  rule.kind = kind;
  rule.copies = 0;
  return rule;
}

void check_gone_once(SuiteVerdict& v) {
  v.expect_end(EndReason::caller_hangup);
  v.expect(v.call.carrier().legs_made() == 1, "another leg was made");
}

std::vector<SuiteScenario> orders_of_events() {
  return {
      {"events_doubled",
       "Events that all come twice make one call",
       [](SuiteSetup& setup, SeededRandom&) { setup.plan.events.duplicate = 1; },
       [](SuiteVerdict& v) {
         check_goodbye(v);
         v.expect(v.call.carrier().legs_made() == 1, "another leg was made");
         v.expect_commands(Command::start_media, 1);
       },
       1,
       {}},
      {"events_overtake", "Events may overtake each other by a second and a half",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.events.jitter = 1500ms;
         setup.plan.events.duplicate = 0.5;
       },
       check_goodbye, 10},
      {"events_lost", "Events that are lost leave no call behind",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.events.drop = 0.2;
         setup.plan.events.jitter = 300ms;
       },
       [](SuiteVerdict& v) { v.expect(v.record.end_reason.has_value(), "it did not end"); }, 10},
  };
}

std::vector<SuiteScenario> single_events() {
  return {
      {"event_answered_late", "An answer that is told three seconds late costs no word",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.events.rules = {late_event(LegEventKind::answered, 3000ms)};
       },
       check_goodbye},
      {"event_answered_lost",
       "A leg whose answer is never told is given up, and hung up",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.events.rules = {lost_event(LegEventKind::answered)};
         setup.agent.phone.ring_timeout = 20s;
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::not_reached);
         v.expect_commands(Command::hang_up, 1);
       },
       1,
       {CarrierAbility::media_command}},
  };
}

std::vector<SuiteScenario> late_endings() {
  return {
      {"event_ended_first", "An answer that is told after the hang-up does not revive the call",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.events.rules = {late_event(LegEventKind::answered, 4000ms)};
         setup.plan.hangup_after = 1000ms;
       },
       check_gone_once},
      {"event_ended_late", "A hang-up that is told eight seconds late is noticed by the media",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.events.rules = {late_event(LegEventKind::ended, 8000ms)};
         setup.plan.hangup_after = 2000ms;
       },
       check_gone_once},
      {"event_ended_lost", "One that is never told is, too",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.events.rules = {lost_event(LegEventKind::ended)};
         setup.plan.hangup_after = 2000ms;
       },
       check_gone_once},
      {"event_after_end", "A verdict on who picked up that comes after the hang-up makes no call",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.expects_machine = true;
         setup.plan.machine.verdict = AnsweredBy::machine;
         setup.plan.machine.verdict_after = 500ms;
         setup.plan.events.rules = {late_event(LegEventKind::answered_by, 6000ms)};
         setup.plan.hangup_after = 1800ms;
       },
       check_gone_once},
      {"event_forged",
       "An event with the wrong proof is nobody's",
       [](SuiteSetup& setup, SeededRandom&) {
         EventRule rule;
         rule.kind = LegEventKind::answered;
         rule.forged = true;
         setup.plan.events.rules = {rule};
         setup.agent.phone.ring_timeout = 20s;
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::not_reached);
         v.expect(v.far.heard.empty(), "the call went on by a forged event");
         v.expect_commands(Command::start_media, 0);
       },
       1,
       {CarrierAbility::media_command}},
      {"event_forged_verdict", "A verdict with the wrong proof hangs up on nobody",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.expects_machine = true;
         setup.plan.machine.verdict = AnsweredBy::machine;
         setup.plan.machine.greeting = MachinePlan::Greeting::beep;
         for (const LegEventKind kind : {LegEventKind::answered_by, LegEventKind::greeting_ended}) {
           EventRule rule;
           rule.kind = kind;
           rule.forged = true;
           setup.plan.events.rules.push_back(rule);
         }
       },
       check_goodbye},
  };
}

void meet_machine(SuiteSetup& setup) {
  setup.expects_machine = true;
  setup.plan.person = {};
  setup.plan.machine.verdict = AnsweredBy::machine;
}

void meet_mailbox(SuiteSetup& setup) {
  meet_machine(setup);
  setup.agent.phone.on_machine = MachinePolicy::leave_message;
  setup.plan.machine.greeting = MachinePlan::Greeting::beep;
}

void meet_human(SuiteSetup& setup) {
  setup.expects_machine = true;
  setup.plan.person = patient({"Stop, please.", "That is all."});
}

void check_left(SuiteVerdict& v) {
  v.expect_end(EndReason::machine);
  const auto& said = v.record.transcript;
  v.expect(!said.empty() && said.back().text == "Good bye.", "no message was left");
  if (!said.empty()) v.expect(said.back().heard == said.back().sent, "the message was cut");
  v.expect(v.far.unplayed_bytes == 0, "the message was cut by the hang-up");
}

void check_talked(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye);
  v.expect_caller_turns(2);
  v.expect(v.record.barge_ins.empty(), "the agent was stopped");
}

void check_machine_gone(SuiteVerdict& v) {
  v.expect_end(EndReason::machine);
  v.expect_commands(Command::hang_up, 1);
}

std::vector<SuiteScenario> verdict_scenarios() {
  return {
      {"amd_human", "A human verdict changes nothing",
       [](SuiteSetup& setup, SeededRandom&) { meet_human(setup); }, check_talked},
      {"amd_business", "Nor does a verdict that it is a business",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_human(setup);
         setup.plan.machine.verdict = AnsweredBy::human_business;
       },
       check_talked},
      {"amd_human_late", "Nor does one that comes six seconds late",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_human(setup);
         setup.plan.machine.verdict_after = 6000ms;
       },
       check_talked},
      {"amd_not_sure", "Who cannot be told is talked to",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_human(setup);
         setup.plan.machine.verdict = AnsweredBy::not_sure;
       },
       check_talked},
      {"amd_silence", "Who says nothing at first is talked to",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_human(setup);
         setup.plan.machine.verdict = AnsweredBy::silence;
       },
       check_talked},
      {"amd_never", "A verdict that never comes is not waited for",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_human(setup);
         setup.plan.machine.verdict.reset();
       },
       check_talked},
      {"amd_machine", "A machine is hung up on",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_machine(setup);
         setup.plan.machine.greeting = MachinePlan::Greeting::beep;
       },
       check_machine_gone},
      {"amd_machine_late", "So is one that was talked to for six seconds",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_machine(setup);
         setup.plan.machine.verdict_after = 6000ms;
         setup.plan.machine.greeting = MachinePlan::Greeting::beep;
         setup.plan.machine.greeting_after = 6500ms;
       },
       check_machine_gone},
      {"amd_fax", "So is a fax, whatever the policy",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_mailbox(setup);
         setup.plan.machine.greeting = MachinePlan::Greeting::untold;
         setup.plan.machine.verdict = AnsweredBy::fax;
       },
       check_machine_gone},
  };
}

std::vector<SuiteScenario> message_scenarios() {
  return {
      {"amd_message_beep", "A message is left after the beep, to its end",
       [](SuiteSetup& setup, SeededRandom&) { meet_mailbox(setup); }, check_left},
      {"amd_message_no_beep", "It is left when the greeting ends without a beep",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_mailbox(setup);
         setup.plan.machine.greeting = MachinePlan::Greeting::no_beep;
       },
       check_left},
      {"amd_message_untold",
       "It is left when nobody tells of the greeting's end",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_mailbox(setup);
         setup.plan.machine.greeting = MachinePlan::Greeting::untold;
         setup.agent.phone.beep_timeout = 8s;
       },
       check_left,
       1,
       {CarrierAbility::early_verdict}},
      {"amd_beep_first", "A beep is a machine, though no verdict came",
       [](SuiteSetup& setup, SeededRandom&) {
         meet_mailbox(setup);
         setup.plan.machine.beep_first = true;
       },
       check_left},
  };
}

}  // namespace

std::vector<SuiteScenario> event_scenarios() {
  return join_scenarios({orders_of_events(), single_events(), late_endings()});
}

std::vector<SuiteScenario> machine_scenarios() {
  return join_scenarios({verdict_scenarios(), message_scenarios()});
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
