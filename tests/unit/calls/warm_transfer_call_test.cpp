// Warm transfers between the simulators: a caller who asks for a person, and what that person does.
#include "unit/calls/script.hpp"
#include "voicebridge/testing/telnyx_carrier.hpp"
#include "voicebridge/testing/twilio_carrier.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

using Kind = CalleeStep::Kind;

constexpr std::string_view kDesk = "+12025550188";

/// Two parts of one model: who talks with the caller, and who briefs the person.
constexpr std::string_view kTransferTalk = R"({"agents":[
  {"name":"briefing","match":"colleague","replies":[
    {"on":"start","say":"A customer asks about an order. Do you take the call?"},
    {"on":"turn","transcript_of_caller":"Yes, put them through.","calls":[{"name":"accept_call"}]},
    {"on":"turn","say":"Please decide."},
    {"on":"response","say":"Do you take the call?"}]},
  {"name":"phone","replies":[
    {"on":"start","say":"Hello, how can I help you?"},
    {"on":"turn","transcript_of_caller":"I want to speak with a person.",
     "calls":[{"name":"transfer_to_human"}]},
    {"on":"response","say":"One moment, I put you through."},
    {"on":"tool_result","say":"I am sorry, nobody can take your call."},
    {"on":"turn","transcript_of_caller":"Good bye.","say":"Good bye.",
     "calls":[{"name":"end_call","arguments":{}}]},
    {"on":"response","say":"I am still here with you."}]}]})";

CalleeScript caller_asks() {
  CalleeScript script;
  script.steps = {wait(Kind::wait_agent_silence, 500ms), say("I want to speak with a person.")};
  return script;
}

CalleeScript person_who(std::vector<CalleeStep> steps) {
  CalleeScript script;
  script.steps = std::move(steps);
  return script;
}

CalleeStep key(const char* digit) {
  CalleeStep step;
  step.kind = Kind::dtmf;
  step.text = digit;
  return step;
}

CalleeStep hangs_up() {
  CalleeStep step;
  step.kind = Kind::hangup;
  return step;
}

const CalleeStep kHearsTheBriefing = wait(Kind::wait_agent_silence, 500ms);

CallPlan person(std::vector<CalleeStep> steps) {
  CallPlan plan;
  plan.ring = 1500ms;
  plan.leg_format = AudioFormat::pcmu();
  plan.script = person_who(std::move(steps));
  return plan;
}

ScriptedCallOptions asking_caller(
    CarrierKind carrier, std::uint64_t seed,
    TransferTarget::Meanwhile meanwhile = TransferTarget::Meanwhile::hold) {
  ScriptedCallOptions options = talk(seed);
  options.carrier = carrier;
  options.scenario = scenario(kTransferTalk);
  TransferTarget desk{std::string(kDesk)};
  desk.mode = TransferTarget::Mode::warm;
  desk.meanwhile = meanwhile;
  desk.ring_timeout = 8s;
  desk.briefing_timeout = 20s;
  options.agent.phone.transfer_targets = {{"desk", desk}};
  options.callee.script = caller_asks();
  options.callee.hangup_after = 60s;
  return options;
}

struct Transferred {
  std::unique_ptr<ScriptedCall> call;
  const CallRecord& record() const { return *call->record(); }
  bool said(std::string_view words) const {
    return std::any_of(record().transcript.begin(), record().transcript.end(),
                       [&](const TranscriptEntry& t) { return t.text == words; });
  }
  /// Of the person's own call; there is none when they were never rung.
  const CallRecord* briefing() const {
    for (const CallRecord& r : call->records()) {
      if (r.call_id != record().call_id) return &r;
    }
    return nullptr;
  }
};

/// Runs it to the end of every leg.
Transferred transfer(ScriptedCallOptions options, CallPlan plan) {
  Transferred t{make_call(std::move(options))};
  t.call->carrier().plan_next(std::string(kDesk), std::move(plan));
  t.call->dial();
  REQUIRE(t.call->run(180s));
  t.call->clock().advance(120s);
  INFO(story(t.record()));
  // Nobody is left on a line, no session is left at the service, and each call told its end once.
  CHECK(t.call->carrier().active_calls() == 0);
  for (const OpenAiSimRecord* session : t.call->model()) CHECK_FALSE(session->open);
  CHECK(t.call->ended() == 1);
  CHECK(t.call->agent().live_calls() == 0);
  CHECK(t.call->records().size() == t.call->carrier().calls().size());
  return t;
}

/// How long one leg has heard the voice of the other.
Millis heard_from(const Transferred& t, std::size_t listener, std::size_t speaker) {
  const SimCarrier& carrier = t.call->carrier();
  const std::string ear = carrier.calls().at(listener);
  const std::string mouth = carrier.calls().at(speaker);
  if (const auto* telnyx = dynamic_cast<const testing::TelnyxCarrier*>(&carrier)) {
    return telnyx->heard_from(ear, mouth);
  }
  return dynamic_cast<const testing::TwilioCarrier&>(carrier).heard_from(ear, mouth);
}

std::size_t leg_count(const Transferred& t) { return t.call->carrier().calls().size(); }

}  // namespace

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
  options.callee.script.steps.push_back(wait(Kind::wait_time, 14s));
  options.callee.script.steps.push_back(say("Is there somebody? It is about my order."));
  options.callee.hangup_after = 40s;
  const auto t =
      transfer(std::move(options),
               person({say("Hello, this is the desk."), kHearsTheBriefing, key("1"),
                       wait(Kind::wait_time, 5s), say("Good morning, how can I help you today?")}));
  CHECK(t.record().end_reason == EndReason::transferred);
  CHECK(heard_from(t, 1, 0).count() >= 500);
  CHECK(heard_from(t, 0, 1).count() >= 500);
  // What they said to the briefing was not for the caller.
  CHECK(heard_from(t, 0, 1).count() < 4000);
}

TEST_CASE("a join that the carrier fails ends with the caller at the agent, or with the call",
          "[calls][warm_transfer][faults]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  const int status = GENERATE(422, 500, 0);
  const std::vector<std::string> commands =
      carrier == CarrierKind::twilio
          ? std::vector<std::string>{"transfer"}
          : std::vector<std::string>{"conference.create", "conference.join", "streaming_stop",
                                     "conference.update_participant"};
  for (const std::string& command : commands) {
    CAPTURE(command, status);
    ScriptedCallOptions options = asking_caller(carrier, 1);
    auto call = make_call(std::move(options));
    call->carrier().plan_next(std::string(kDesk), person({kHearsTheBriefing, key("1")}));
    call->carrier().inject({command, 20, status, Millis(0), false});
    call->dial();
    REQUIRE(call->run(180s));
    call->clock().advance(120s);
    INFO(story(*call->record()));
    CHECK(call->carrier().active_calls() == 0);
    CHECK(call->agent().live_calls() == 0);
    CHECK(call->ended() == 1);
    for (const OpenAiSimRecord* session : call->model()) CHECK_FALSE(session->open);
  }
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
    plan = person({wait(Kind::wait_agent_speaking, 400ms), hangs_up()});
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
