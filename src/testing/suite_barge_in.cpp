// Interruptions, and the marks that tell what was heard.
#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

void check_interrupted(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye);
  v.expect(v.record.barge_ins.size() == 1,
           std::to_string(v.record.barge_ins.size()) + " interruptions instead of one");
  v.expect_truncated();
  v.expect_accounted();
  v.expect_caller_turns(2);
}

template <int kMillis>
void interrupt_after(SuiteSetup& setup, SeededRandom&) {
  setup.plan.person = interrupting(Millis(kMillis));
}

void check_not_interrupted(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye);
  v.expect(v.record.barge_ins.empty(), "the agent was interrupted");
  v.expect(v.far.clears.empty(), "something was cleared");
  v.expect_accounted();
}

/// The network does to the call what it may, by chance.
void any_network(SuiteSetup& setup, SeededRandom& random) {
  const auto up_to = [&](std::uint64_t limit) {
    return static_cast<std::int64_t>(random.up_to(limit));
  };
  setup.plan.person = interrupting(Millis(200 + up_to(3800)));
  setup.plan.media.wire.delay = Micros(up_to(80000));
  setup.plan.media.wire.jitter = Micros(up_to(30000));
  setup.model.model_wire.delay = Micros(up_to(80000));
  setup.model.model_wire.jitter = Micros(up_to(30000));
  setup.model.model.speed = 1.5 + 0.1 * static_cast<double>(up_to(100));
  setup.model.model.piece_min = Millis(20 + up_to(100));
  setup.model.model.piece_max = setup.model.model.piece_min + Millis(up_to(300));
}

constexpr const char* kLateDeltas = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the agent, and I have a lot to tell you about our new offer.",
   "fault":{"kind":"late_deltas","after":4}},
  {"on":"turn","transcript_of_caller":"Stop, please.","say":"Of course."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

constexpr const char* kTwoItems = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the agent. I have a lot to tell you about our new offer.",
   "fault":{"kind":"two_items"}},
  {"on":"turn","transcript_of_caller":"Stop, please.","say":"Of course."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

constexpr const char* kTwoStops = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the agent, and I have a lot to tell you about our new offer."},
  {"on":"turn","transcript_of_caller":"Stop, please.",
   "say":"Then let me tell you about all the other offers that we have, one after the other."},
  {"on":"turn","transcript_of_caller":"No, stop.","say":"Of course."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

void interrupt_twice(SuiteSetup& setup, SeededRandom&) {
  setup.script = kTwoStops;
  setup.plan.person = interrupting(900ms);
  auto& steps = setup.plan.person.steps;
  steps.insert(steps.begin() + 2, {callee_waits(CalleeStep::Kind::wait_agent_speaking, 1100ms),
                                   callee_says("No, stop.")});
}

/// Comes before the agent's first sound.
void speak_into_thinking(SuiteSetup& setup, SeededRandom&) {
  setup.model.model.first_audio = 2500ms;
  setup.plan.person.steps = {
      callee_waits(CalleeStep::Kind::wait_time, 900ms), callee_says("Stop, please."),
      callee_waits(CalleeStep::Kind::wait_agent_silence, 600ms), callee_says("That is all.")};
}

std::vector<SuiteScenario> moments_of_interruption() {
  return {
      {"barge_in_early",
       "An agent interrupted after 200 ms stops, and the model learns what was heard",
       interrupt_after<200>, check_interrupted},
      {"barge_in_middle", "So does one that is interrupted in mid-sentence", interrupt_after<1800>,
       check_interrupted},
      {"barge_in_late", "So does one whose sentence is nearly over", interrupt_after<3900>,
       check_interrupted},
      {"barge_in_twice", "Two answers in a row can be interrupted, each at its place",
       interrupt_twice,
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect(v.record.barge_ins.size() == 2, "not two interruptions");
         v.expect(v.far.clears.size() == 2, "not two clears");
         v.expect_caller_turns(3);
         v.expect_accounted();
       }},
  };
}

std::vector<SuiteScenario> kinds_of_interruption() {
  return {
      {"barge_in_generated", "A model that has finished generating is truncated all the same",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.person = interrupting(2500ms);
         setup.model.model.speed = 60;
       },
       [](SuiteVerdict& v) {
         check_interrupted(v);
         v.expect(v.call.model().front()->responses.front().status == "completed",
                  "it had not finished generating");
       }},
      {"barge_in_slow_model", "One that generates hardly faster than real time is, too",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.person = interrupting(2500ms);
         setup.model.model.speed = 1.2;
       },
       check_interrupted},
      {"barge_in_late_deltas",
       "Audio of an answer that was dropped is not played, however late it comes",
       [](SuiteSetup& setup, SeededRandom&) { setup.script = kLateDeltas; }, check_interrupted},
      {"barge_in_two_items", "An answer of two audio items is cut in the item that was being heard",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = kTwoItems;
         setup.plan.person = interrupting(3000ms);
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect(v.far.clears.size() == 1, "not one clear");
         v.expect_accounted();
       }},
      {"barge_in_before_sound",
       "A caller who speaks before the agent does is not a truncation at 0 ms", speak_into_thinking,
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect(v.record.barge_ins.empty(), "nothing had been heard that could be interrupted");
         v.expect_accounted();
       }},
      {"barge_in_any_network", "On any network the model is told what was heard, to 40 ms",
       any_network,
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         if (!v.far.clears.empty()) v.expect_truncated();
         v.expect_accounted();
       },
       20},
      {"noise_is_no_speech", "The noise of a line interrupts nobody",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.idle = CalleeIdle::comfort_noise;
         setup.plan.person = patient({"Stop, please.", "That is all."});
       },
       check_not_interrupted},
  };
}

std::vector<SuiteScenario> mark_scenarios() {
  return {
      {"marks_after_clear", "Marks that a clear sends back prove nothing",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.person = interrupting(1500ms);
         setup.agent.phone.playback.lead = 3000ms;
         setup.model.model.speed = 20;
       },
       [](SuiteVerdict& v) {
         check_interrupted(v);
         v.expect(!v.far.clears.empty() && v.far.clears[0].marks > 0, "no mark came by a clear");
       }},
      {"marks_delayed",
       "Marks that come 300 ms late do not make the agent believe in more than was heard",
       [](SuiteSetup& setup, SeededRandom&) { setup.plan.media.mark_delay = 300ms; },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect_truncated(340ms);
         v.expect_accounted();
       }},
      {"marks_jittered", "Nor do marks that come late by chance",
       [](SuiteSetup& setup, SeededRandom&) { setup.plan.media.mark_jitter = 250ms; },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect_truncated(290ms);
         v.expect_accounted();
       },
       5},
      {"marks_lost", "A call whose marks never come back ends by the clock, its goodbye heard",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.media.lose_marks = true;
         setup.plan.person = patient({"Stop, please.", "That is all."});
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect(v.far.unplayed_bytes == 0, "the goodbye was cut");
         v.expect_accounted();
       }},
  };
}

}  // namespace

std::vector<SuiteScenario> barge_in_scenarios() {
  return join_scenarios({moments_of_interruption(), kinds_of_interruption(), mark_scenarios()});
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
