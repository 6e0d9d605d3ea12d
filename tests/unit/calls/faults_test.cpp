// Whole calls in virtual time, with a fault at every moment there is.
#include <algorithm>
#include <optional>

#include "support/tries.hpp"
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

CleanRun clean_run(CarrierKind carrier) {
  const auto call = make_call(talk(3, carrier));
  call->dial();
  REQUIRE(call->run(60s));
  require_clean_end(*call);
  REQUIRE(call->record()->end_reason == EndReason::agent_goodbye);
  return {call->model_events(), call->carrier_messages(), call->record()->duration};
}

}  // namespace

TEST_CASE("the model's socket is lost behind each of its events", "[calls][faults]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  const std::size_t events = clean_run(carrier).model_events;
  REQUIRE(events > 50);
  for (std::size_t n = 1; n <= events; n += every()) {
    CAPTURE(n);
    ScriptedCallOptions options = talk(3, carrier);
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

namespace {

/// A talk with a question that a tool answers, nobody is interrupted.
constexpr std::string_view kQuestion = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the shop."},
  {"on":"turn","transcript_of_caller":"How many are left?",
   "calls":[{"name":"count","arguments":{"what":"boxes"}}]},
  {"on":"tool_result","say":"There are {{tool.count.n}} left."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]}]}]})";

struct QuestionCall {
  explicit QuestionCall(std::optional<std::size_t> cut_at, Millis tool_takes = 300ms) {
    ScriptedCallOptions options = talk(5);
    options.scenario = scenario(kQuestion);
    options.cut_model_at = cut_at;
    options.callee.script.steps = {
        wait(CalleeStep::Kind::wait_agent_silence, 400ms), say("How many are left?"),
        wait(CalleeStep::Kind::wait_agent_silence, 1500ms), say("That is all.")};
    call = make_call(std::move(options));
    REQUIRE(call->tools().add({"count", "Counts.", R"({"type":"object"})"},
                              [this](const ToolInvocation&) -> ToolOutput {
                                ++counted;
                                return R"({"n":3})";
                              }));
    call->clock().set_offload_delay(tool_takes);
    call->dial();
    REQUIRE(call->run(180s));
  }
  /// How often the caller has heard a sentence to its end.
  std::size_t heard(const std::string& sentence) const {
    const auto& said = call->record()->transcript;
    return static_cast<std::size_t>(
        std::count_if(said.begin(), said.end(), [&](const TranscriptEntry& entry) {
          return entry.speaker == Speaker::agent && entry.heard_text == sentence;
        }));
  }
  int counted = 0;
  std::unique_ptr<ScriptedCall> call;
};

}  // namespace

TEST_CASE("a talk with a tool outlives the loss of the model behind each of its events",
          "[calls][faults]") {
  const std::size_t events = [] {
    const QuestionCall clean({});
    INFO(story(*clean.call->record()));
    REQUIRE(clean.call->record()->end_reason == EndReason::agent_goodbye);
    REQUIRE(clean.heard("There are 3 left.") == 1);
    REQUIRE(clean.counted == 1);
    return clean.call->model_events();
  }();
  REQUIRE(events > 40);
  std::size_t tried = 0;
  std::size_t said_goodbye = 0;
  for (std::size_t n = 1; n <= events; n += every()) {
    CAPTURE(n);
    const QuestionCall cut(n, n % 2 == 0 ? 300ms : 3s);
    require_clean_end(*cut.call);
    INFO(story(*cut.call->record()));
    const auto reason = cut.call->record()->end_reason;
    // It goes on to its end, in one more session, and the carrier's voice is not needed.
    REQUIRE((reason == EndReason::agent_goodbye || reason == EndReason::silence));
    said_goodbye += reason == EndReason::agent_goodbye ? 1 : 0;
    ++tried;
    REQUIRE(cut.call->model().size() <= 2);
    REQUIRE(cut.counted <= 1);
    for (const char* sentence : {"Hello, this is the shop.", "There are 3 left.", "Good bye."}) {
      CAPTURE(sentence);
      REQUIRE(cut.heard(sentence) <= 1);
    }
  }
  // Where it is not, the callee does not say again what was lost with the session.
  CHECK(said_goodbye >= tried * 7 / 10);
}

TEST_CASE("a session that the service ends is replaced before, unheard", "[calls][faults]") {
  ScriptedCallOptions options = talk(5);
  options.scenario = scenario(R"({"agents":[{"replies":[
    {"on":"start","say":"Hello, this is the shop."},
    {"on":"turn","transcript_of_caller":"One.","say":"Yes."},
    {"on":"turn","transcript_of_caller":"Two.","say":"Indeed."},
    {"on":"turn","transcript_of_caller":"Three.","say":"Good bye.",
     "calls":[{"name":"end_call","arguments":{}}]}]}],
    "connections":[{"session_length_ms":16000}]})");
  options.agent.phone.rollover_before = 10s;
  options.agent.phone.rollover_force = 2s;
  options.callee.script.steps = {wait(CalleeStep::Kind::wait_agent_silence, 400ms), say("One."),
                                 wait(CalleeStep::Kind::wait_agent_silence, 6s),    say("Two."),
                                 wait(CalleeStep::Kind::wait_agent_silence, 6s),    say("Three.")};
  const auto call = make_call(std::move(options));
  call->dial();
  REQUIRE(call->run(180s));
  require_clean_end(*call);
  INFO(story(*call->record()));
  CHECK(call->record()->end_reason == EndReason::agent_goodbye);
  CHECK(call->record()->counters.model_rolled_over >= 1);
  CHECK(call->record()->counters.model_reopened == 0);
  std::vector<std::string> agent;
  for (const TranscriptEntry& entry : call->record()->transcript) {
    if (entry.speaker == Speaker::agent) agent.push_back(entry.heard_text);
  }
  CHECK(agent ==
        std::vector<std::string>{"Hello, this is the shop.", "Yes.", "Indeed.", "Good bye."});
}

TEST_CASE("a quota that is used up in mid-call is not tried again", "[calls][faults]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  ScriptedCallOptions options = talk(5, carrier);
  options.scenario = scenario(R"({"agents":[{"replies":[{"on":"start","say":"Hello."}]}],
    "connections":[{"error_at":12,"cut_after":12,"code":"insufficient_quota","message":"Pay."}]})");
  const auto call = make_call(std::move(options));
  call->dial();
  REQUIRE(call->run(60s));
  REQUIRE(call->ended() == 1);
  INFO(story(*call->record()));
  CHECK(call->record()->end_reason == EndReason::model_failed);
  CHECK(call->model().size() == 1);
  const auto& asked = call->carrier().requests();
  CHECK(std::any_of(asked.begin(), asked.end(),
                    [](const SimApiRecord& r) { return r.command == "speak"; }));
}

TEST_CASE("the carrier's socket is lost behind each of its messages", "[calls][faults]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  const std::size_t messages = clean_run(carrier).carrier_messages;
  REQUIRE(messages > 200);
  for (std::size_t n = 1; n <= messages; n += every(n < 40 ? 1 : 3)) {
    CAPTURE(n);
    ScriptedCallOptions options = talk(3, carrier);
    options.cut_carrier_at = n;
    const auto call = make_call(std::move(options));
    call->dial();
    REQUIRE(call->run(120s));
    require_clean_end(*call);
    const auto reason = call->record()->end_reason;
    // Without a `start` Twilio's stream is of no call yet: all there is is that its TwiML ends.
    if (carrier == CarrierKind::twilio && n == 1) {
      REQUIRE(reason == EndReason::caller_hangup);
      continue;
    }
    REQUIRE((reason == EndReason::media_failed || reason == EndReason::agent_goodbye));
  }
}

TEST_CASE("the callee hangs up at every tenth of a second", "[calls][faults]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  const Millis length = clean_run(carrier).length;
  for (Millis at = 0ms; at <= length + 1s; at += every() * 100ms) {
    CAPTURE(at.count());
    ScriptedCallOptions options = talk(3, carrier);
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
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  for (std::uint64_t seed = 1; seed <= tries(200); ++seed) {
    CAPTURE(seed);
    ScriptedCallOptions options = talk(seed, carrier);
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
