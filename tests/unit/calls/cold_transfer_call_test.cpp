// Cold transfers between the simulators: done when somebody answered, and not before.
#include "unit/calls/script.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr std::string_view kOtherPhone = "+12025550177";

constexpr std::string_view kColdTalk = R"({"agents":[{"name":"phone","replies":[
    {"on":"start","say":"Hello, how can I help you?"},
    {"on":"turn","transcript_of_caller":"Put me through.",
     "calls":[{"name":"transfer_to_human"}]},
    {"on":"response","say":"One moment, I put you through."},
    {"on":"tool_result","say":"I am sorry, nobody answers."}]}]})";

ScriptedCallOptions caller_for_cold_transfer(CarrierKind carrier) {
  ScriptedCallOptions options = talk(1);
  options.carrier = carrier;
  options.scenario = scenario(kColdTalk);
  TransferTarget other{std::string(kOtherPhone)};
  other.ring_timeout = 10s;
  options.agent.phone.transfer_targets = {{"desk", other}};
  options.callee.script.steps = {wait(CalleeStep::Kind::wait_agent_silence, 500ms),
                                 say("Put me through.")};
  options.callee.hangup_after = 40s;
  return options;
}

bool agent_came_back(const CallRecord& record) {
  return std::any_of(
      record.transcript.begin(), record.transcript.end(),
      [](const TranscriptEntry& t) { return t.text == "I am sorry, nobody answers."; });
}

}  // namespace

TEST_CASE("a cold transfer is one when the other phone was answered", "[calls][cold_transfer]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CallPlan other;
  other.ring = 3s;
  other.leg_format = AudioFormat::pcmu();
  std::string told;
  ScriptedCallOptions options = caller_for_cold_transfer(carrier);
  options.on_model_text = [&](bool from_service, std::string_view text) {
    check_model_text(from_service, text);
    const bool result = text.find("function_call_output") != std::string_view::npos;
    if (!from_service && result) told = text;
  };
  SECTION("answered") {
    auto call = make_call(std::move(options));
    call->carrier().plan_next(std::string(kOtherPhone), other);
    call->dial();
    REQUIRE(call->run(60s));
    INFO(story(*call->record()));
    CHECK(call->record()->end_reason == EndReason::transferred);
    CHECK(told.find("\\\"ok\\\":true") != std::string::npos);
    // The two go on without us, until one of them hangs up.
    CHECK(call->carrier().active_calls() == 2);
    for (const OpenAiSimRecord* session : call->model()) CHECK_FALSE(session->open);
    call->clock().advance(60s);
    CHECK(call->carrier().active_calls() == 0);
  }
  SECTION("not answered") {
    std::string reason = "busy";
    other.outcome = CallOutcome::busy;
    SECTION("busy") {}
    SECTION("nobody there") {
      other.outcome = CallOutcome::timeout;
      reason = "no_answer";
    }
    SECTION("declined") {
      other.outcome = CallOutcome::decline;
      // Twilio tells who declines as busy.
      reason = carrier == CarrierKind::twilio ? "busy" : "declined";
    }
    auto call = make_call(std::move(options));
    call->carrier().plan_next(std::string(kOtherPhone), other);
    call->dial();
    REQUIRE(call->run(60s));
    INFO(story(*call->record()));
    CHECK(call->record()->end_reason == EndReason::caller_hangup);
    CHECK(told.find(reason) != std::string::npos);
    CHECK(agent_came_back(*call->record()));
    CHECK(call->carrier().active_calls() == 0);
  }
  SECTION("refused by the carrier") {
    auto call = make_call(std::move(options));
    call->carrier().inject({"transfer", 9, 422, Millis(0), false});
    call->dial();
    REQUIRE(call->run(60s));
    INFO(story(*call->record()));
    CHECK(told.find("transfer_failed") != std::string::npos);
    CHECK(agent_came_back(*call->record()));
  }
}
