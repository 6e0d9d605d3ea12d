// Warm transfers between the simulators: a caller who asks for a person, and what that person does.
#include "unit/calls/warm_transfer.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

TEST_CASE("a person who accepts is joined with the caller, and the agent leaves",
          "[calls][warm_transfer]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  SECTION("by key") {
    const auto t = transfer(asking_caller(carrier, 1), person({kHearsTheBriefing, key("1")}));
    CHECK(t.record().end_reason == EndReason::transferred);
    REQUIRE(t.briefing() != nullptr);
    CHECK(t.briefing()->end_reason == EndReason::transferred);
    CHECK(leg_count(t) == 2);
  }
  SECTION("by voice") {
    const auto t = transfer(asking_caller(carrier, 1),
                            person({kHearsTheBriefing, say("Yes, put them through.")}));
    CHECK(t.record().end_reason == EndReason::transferred);
    REQUIRE(t.briefing() != nullptr);
    REQUIRE(t.briefing()->transcript.size() >= 1);
    CHECK(t.briefing()->transcript[0].text ==
          "A customer asks about an order. Do you take the call?");
  }
  SECTION("in company") {
    const auto t = transfer(asking_caller(carrier, 1, TransferTarget::Meanwhile::company),
                            person({kHearsTheBriefing, key("1")}));
    CHECK(t.record().end_reason == EndReason::transferred);
    CHECK(t.said("I am still here with you."));
  }
}

TEST_CASE("the two hear each other, and not before they are joined", "[calls][warm_transfer]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  ScriptedCallOptions options = asking_caller(carrier, 1);
  options.callee.script.steps.push_back(wait(CalleeStep::Kind::wait_time, 14s));
  options.callee.script.steps.push_back(say("Is there somebody? It is about my order."));
  options.callee.hangup_after = 40s;
  const auto t =
      transfer(std::move(options), person({say("Hello, this is the desk."), kHearsTheBriefing,
                                           key("1"), wait(CalleeStep::Kind::wait_time, 5s),
                                           say("Good morning, how can I help you today?")}));
  CHECK(t.record().end_reason == EndReason::transferred);
  CHECK(heard_from(t, 1, 0).count() >= 500);
  CHECK(heard_from(t, 0, 1).count() >= 500);
  // What they said to the briefing was not for the caller.
  CHECK(heard_from(t, 0, 1).count() < 4000);
}

TEST_CASE("the briefing knows what was said with the caller", "[calls][warm_transfer]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  std::string briefed;
  ScriptedCallOptions options = asking_caller(carrier, 1);
  options.on_model_text = [&](bool from_service, std::string_view text) {
    check_model_text(from_service, text);
    if (!from_service && text.find("colleague") != std::string_view::npos) briefed = text;
  };
  transfer(std::move(options), person({kHearsTheBriefing, key("1")}));
  CHECK(briefed.find("I want to speak with a person.") != std::string::npos);
  CHECK(briefed.find("accept_call") != std::string::npos);
  CHECK(briefed.find("transfer_to_human") == std::string::npos);
}

TEST_CASE("when nobody takes the call the agent comes back and says so", "[calls][warm_transfer]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  const auto meanwhile =
      GENERATE(TransferTarget::Meanwhile::hold, TransferTarget::Meanwhile::company);
  CallPlan plan = person({kHearsTheBriefing, key("2")});
  std::string reason = "declined";
  SECTION("they decline by key") {}
  SECTION("they are busy") {
    plan.outcome = CallOutcome::busy;
    reason = "busy";
  }
  SECTION("they do not answer") {
    plan.outcome = CallOutcome::timeout;
    reason = "no_answer";
  }
  SECTION("they cannot be reached") {
    plan.outcome = CallOutcome::not_found;
    reason = "unreachable";
  }
  SECTION("they hang up during the briefing") {
    plan = person({wait(CalleeStep::Kind::wait_agent_speaking, 400ms), hangs_up()});
    reason = "hung_up";
  }
  SECTION("they never decide") {
    plan = person({});
    reason = "no_answer";
  }
  std::string told;
  ScriptedCallOptions options = asking_caller(carrier, 1, meanwhile);
  options.callee.hangup_after = 50s;
  options.on_model_text = [&](bool from_service, std::string_view text) {
    check_model_text(from_service, text);
    const bool result = text.find("function_call_output") != std::string_view::npos;
    if (!from_service && result) told = text;
  };
  const auto t = transfer(std::move(options), std::move(plan));
  CHECK(told.find(reason) != std::string::npos);
  CHECK(t.said("I am sorry, nobody can take your call."));
  // The talk goes on, until its caller hangs up or has nothing more to say.
  CHECK((t.record().end_reason == EndReason::caller_hangup ||
         t.record().end_reason == EndReason::silence));
}

TEST_CASE("a caller who hangs up at any moment takes the person's leg with them",
          "[calls][warm_transfer][property]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  std::size_t transferred = 0;
  std::size_t rung = 0;
  for (Millis at{1500}; at <= Millis(16000); at += 350ms) {
    CAPTURE(at.count());
    ScriptedCallOptions options = asking_caller(carrier, static_cast<std::uint64_t>(at.count()));
    options.callee.hangup_after = at;
    const auto t = transfer(std::move(options), person({kHearsTheBriefing, key("1")}));
    CHECK((t.record().end_reason == EndReason::caller_hangup ||
           t.record().end_reason == EndReason::transferred));
    if (t.record().end_reason == EndReason::transferred) ++transferred;
    if (leg_count(t) == 2) ++rung;
  }
  CHECK(transferred > 5);
  CHECK(rung > transferred + 5);
}

TEST_CASE("a person who hangs up at any moment leaves nobody behind",
          "[calls][warm_transfer][property]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  std::size_t transferred = 0;
  std::size_t came_back = 0;
  for (Millis at{100}; at <= Millis(8000); at += 400ms) {
    CAPTURE(at.count());
    CallPlan plan = person({kHearsTheBriefing, key("1")});
    plan.hangup_after = at;
    ScriptedCallOptions options = asking_caller(carrier, static_cast<std::uint64_t>(at.count()));
    options.callee.hangup_after = 40s;
    const auto t = transfer(std::move(options), std::move(plan));
    if (t.record().end_reason == EndReason::transferred) ++transferred;
    if (t.said("I am sorry, nobody can take your call.")) ++came_back;
  }
  CHECK(transferred > 3);
  CHECK(came_back > 3);
}
