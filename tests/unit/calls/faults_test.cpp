// Whole calls in virtual time, with a fault at every moment there is.
#include "unit/calls/script.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

/// A call that has ended leaves nothing behind: no session that bills on, no leg, no timer.
void require_clean_end(ScriptedCall& call) {
  REQUIRE(call.ended() == 1);
  INFO(story(*call.record()));
  REQUIRE(call.agent().live_calls() == 0);
  REQUIRE(call.carrier().active_calls() == 0);
  for (const OpenAiSimRecord* session : call.model()) {
    REQUIRE_FALSE(session->open);
    REQUIRE(session->violations.empty());
  }
  REQUIRE(call.clock().pending_timers() == 0);
}

struct CleanRun {
  std::size_t model_events;
  std::size_t carrier_messages;
  Millis length;
};

CleanRun clean_run() {
  const auto call = make_call(talk(3));
  call->dial();
  REQUIRE(call->run(60s));
  require_clean_end(*call);
  REQUIRE(call->record()->end_reason == EndReason::agent_goodbye);
  return {call->model_events(), call->carrier_messages(), call->record()->duration};
}

}  // namespace

TEST_CASE("the model's socket is lost behind each of its events", "[calls][faults]") {
  const std::size_t events = clean_run().model_events;
  REQUIRE(events > 50);
  for (std::size_t n = 1; n <= events; ++n) {
    CAPTURE(n);
    ScriptedCallOptions options = talk(3);
    options.cut_model_at = n;
    const auto call = make_call(std::move(options));
    call->dial();
    REQUIRE(call->run(120s));
    require_clean_end(*call);
    const auto reason = call->record()->end_reason;
    // One loss is mended: the talk goes on with a new session, or is over anyway.
    REQUIRE((reason == EndReason::agent_goodbye || reason == EndReason::silence));
    REQUIRE(call->model().size() <= 2);
  }
}

TEST_CASE("the carrier's socket is lost behind each of its messages", "[calls][faults]") {
  const std::size_t messages = clean_run().carrier_messages;
  REQUIRE(messages > 200);
  for (std::size_t n = 1; n <= messages; n += n < 40 ? 1 : 3) {
    CAPTURE(n);
    ScriptedCallOptions options = talk(3);
    options.cut_carrier_at = n;
    const auto call = make_call(std::move(options));
    call->dial();
    REQUIRE(call->run(120s));
    require_clean_end(*call);
    const auto reason = call->record()->end_reason;
    REQUIRE((reason == EndReason::media_failed || reason == EndReason::agent_goodbye));
  }
}

TEST_CASE("the callee hangs up at every tenth of a second", "[calls][faults]") {
  const Millis length = clean_run().length;
  for (Millis at = 0ms; at <= length + 1s; at += 100ms) {
    CAPTURE(at.count());
    ScriptedCallOptions options = talk(3);
    options.callee.hangup_after = at;
    const auto call = make_call(std::move(options));
    call->dial();
    REQUIRE(call->run(120s));
    require_clean_end(*call);
    const auto reason = call->record()->end_reason;
    REQUIRE((reason == EndReason::caller_hangup || reason == EndReason::agent_goodbye));
  }
}

TEST_CASE("webhooks come late, twice, in any order and not at all", "[calls][faults]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    ScriptedCallOptions options = talk(seed);
    options.webhooks.jitter = 1500ms;
    options.webhooks.duplicate = 0.5;
    options.webhooks.drop = seed % 2 == 0 ? 0.1 : 0;
    options.agent.phone.expects_amd = seed % 3 == 0;
    const auto call = make_call(std::move(options));
    call->dial();
    REQUIRE(call->run(300s));
    require_clean_end(*call);
    if (seed % 2 == 1) REQUIRE(call->record()->end_reason == EndReason::agent_goodbye);
  }
}
