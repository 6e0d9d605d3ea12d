// How calls begin.
#include <algorithm>

#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using Command = CommandTrouble::Command;

constexpr const char* kGreeting =
    "Hello, this is the agent, and I have a lot to tell you about our new offer.";

void no_change(SuiteSetup&, SeededRandom&) {}

void check_usual(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye);
  v.expect_agent({kGreeting, "Of course.", "Good bye."});
  v.expect_caller_turns(2);
  v.expect_accounted();
  v.expect_commands(Command::hang_up, 1);
}

void incoming(SuiteSetup& setup, SeededRandom&) { setup.plan.incoming = true; }

void check_incoming(SuiteVerdict& v) {
  check_usual(v);
  v.expect_commands(Command::answer, 1);
  v.expect_commands(Command::dial, 0);
}

/// The caller speaks at once, before the model is there.
void speak_at_once(SuiteSetup& setup) {
  auto& steps = setup.plan.person.steps;
  steps.insert(steps.begin(), callee_says("Hello? Who is it?"));
}

void check_all_heard(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye);
  const CallCounters& counters = v.record.counters;
  v.expect(counters.caller_bytes_dropped == 0, "the caller's audio was dropped");
  v.expect(counters.caller_bytes_forwarded > 0, "nothing of the caller reached the model");
  if (!v.call.passes_through()) return;
  const Bytes& got = v.call.model().front()->received_audio;
  v.expect(got.size() > 8000 * 3, "the model heard too little");
  v.expect(
      got.size() <= v.far.said.size() && std::equal(got.begin(), got.end(), v.far.said.begin()),
      "the model heard other bytes than the caller said");
}

void check_ring_overflow(SuiteVerdict& v) {
  const CallCounters& counters = v.record.counters;
  v.expect(counters.caller_bytes_dropped > 0, "nothing was dropped beyond the ring");
  v.expect(counters.caller_bytes >= counters.caller_bytes_dropped + counters.caller_bytes_forwarded,
           "more went on than came");
  if (!v.call.passes_through()) return;
  const Bytes& got = v.call.model().front()->received_audio;
  const auto dropped = static_cast<std::size_t>(counters.caller_bytes_dropped);
  v.expect(dropped + got.size() <= v.far.said.size() &&
               std::equal(got.begin(), got.end(),
                          v.far.said.begin() + static_cast<std::ptrdiff_t>(dropped)),
           "it was not the oldest that was dropped");
}

void check_never_reached(SuiteVerdict& v) {
  v.expect_end(EndReason::not_reached);
  v.expect(v.far.heard.empty(), "somebody heard something");
  v.expect(!v.record.end_detail.empty(), "nothing says why");
}

template <CallOutcome kOutcome>
void outcome(SuiteSetup& setup, SeededRandom&) {
  setup.plan.outcome = kOutcome;
}

}  // namespace

std::vector<SuiteScenario> start_scenarios() {
  return {
      {"start_outbound", "A dialed call is greeted, talks and ends by the agent's goodbye",
       no_change, check_usual},
      {"start_inbound", "A caller is answered once and gets the same call", incoming,
       check_incoming},
      {"start_first_words", "The caller's first words reach the model, to the byte",
       [](SuiteSetup& setup, SeededRandom&) { speak_at_once(setup); }, check_all_heard},
      {"start_model_late", "They do when the model comes two seconds late",
       [](SuiteSetup& setup, SeededRandom&) {
         speak_at_once(setup);
         setup.model.model_connect = 2600ms;
         setup.answers_may_race = true;
       },
       check_all_heard},
      {"start_model_very_late",
       "Beyond three seconds the oldest of the caller's audio is dropped and counted",
       [](SuiteSetup& setup, SeededRandom&) { setup.model.model_connect = 6000ms; },
       check_ring_overflow},
      {"start_media_at_dial", "A stream that was asked for at dial carries the same call",
       [](SuiteSetup& setup, SeededRandom&) { setup.plan.media.at_dial = true; }, check_usual},
      {"start_media_late", "A media socket that takes three seconds costs no word of the greeting",
       [](SuiteSetup& setup, SeededRandom&) { setup.plan.media.connect_delay = 3000ms; },
       check_usual},
      {"start_other_codec", "Another format than was asked for is followed, both ways",
       [](SuiteSetup& setup, SeededRandom&) { setup.plan.media.other_codec = true; },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye);
         v.expect_caller_turns(2);
         v.expect(v.record.lane.find(to_string(v.call.lane().format)) != 0,
                  "it was taken for the format that was asked for");
       }},
      {"start_unknown_codec", "A format that nobody knows ends the call, and says so",
       [](SuiteSetup& setup, SeededRandom&) { setup.plan.media.unknown_codec = true; },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::media_failed);
         v.expect_commands(Command::hang_up, 1);
         v.expect(v.far.heard.empty(), "audio was played in a format nobody knows");
       }},
      {"start_busy", "A line that is busy is told as not reached", outcome<CallOutcome::busy>,
       check_never_reached},
      {"start_declined", "So is a call that is declined", outcome<CallOutcome::decline>,
       check_never_reached},
      {"start_no_answer", "So is one that nobody answers", outcome<CallOutcome::no_answer>,
       check_never_reached},
      {"start_rings_on", "So is one that rings until the time is up", outcome<CallOutcome::timeout>,
       check_never_reached},
      {"start_unknown_number", "So is a number that does not exist",
       outcome<CallOutcome::not_found>, check_never_reached},
      {"start_network_failure", "So is a network that fails", outcome<CallOutcome::route_failure>,
       check_never_reached},
  };
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
