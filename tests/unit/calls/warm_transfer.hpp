#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "unit/calls/command_check.hpp"
#include "unit/calls/script.hpp"
#include "voicebridge/testing/telnyx_carrier.hpp"
#include "voicebridge/testing/twilio_carrier.hpp"

namespace voicebridge::test {

inline constexpr std::string_view kDesk = "+12025550188";

/// Two parts of one model: who talks with the caller, and who briefs the person.
inline constexpr std::string_view kTransferTalk = R"({"agents":[
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

inline CalleeScript caller_asks() {
  CalleeScript script;
  script.steps = {wait(CalleeStep::Kind::wait_agent_silence, 500ms),
                  say("I want to speak with a person.")};
  return script;
}

inline CalleeScript person_who(std::vector<CalleeStep> steps) {
  CalleeScript script;
  script.steps = std::move(steps);
  return script;
}

inline CalleeStep key(const char* digit) {
  CalleeStep step;
  step.kind = CalleeStep::Kind::dtmf;
  step.text = digit;
  return step;
}

inline CalleeStep hangs_up() {
  CalleeStep step;
  step.kind = CalleeStep::Kind::hangup;
  return step;
}

inline const CalleeStep kHearsTheBriefing = wait(CalleeStep::Kind::wait_agent_silence, 500ms);

inline CallPlan person(std::vector<CalleeStep> steps) {
  CallPlan plan;
  plan.ring = 1500ms;
  plan.leg_format = AudioFormat::pcmu();
  plan.script = person_who(std::move(steps));
  return plan;
}

inline ScriptedCallOptions asking_caller(
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
inline Transferred transfer(ScriptedCallOptions options, CallPlan plan) {
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
  check_commands(t.call->carrier());
  return t;
}

/// How long one leg has heard the voice of the other.
inline Millis heard_from(const Transferred& t, std::size_t listener, std::size_t speaker) {
  const SimCarrier& carrier = t.call->carrier();
  const std::string ear = carrier.calls().at(listener);
  const std::string mouth = carrier.calls().at(speaker);
  if (const auto* telnyx = dynamic_cast<const testing::TelnyxCarrier*>(&carrier)) {
    return telnyx->heard_from(ear, mouth);
  }
  return dynamic_cast<const testing::TwilioCarrier&>(carrier).heard_from(ear, mouth);
}

inline std::size_t leg_count(const Transferred& t) { return t.call->carrier().calls().size(); }

}  // namespace voicebridge::test
