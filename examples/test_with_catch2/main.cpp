// Tests of an agent in virtual time, with Catch2: whole calls, from the ringing to the goodbye, in
// milliseconds, with no network and no account. What the model says is scripted; how the agent is
// set up, its tools, and all of voicebridge between are real. test_with_gtest does the same.
//
// Run: ./test_with_catch2
#define CATCH_CONFIG_MAIN  // Of version 2; of version 3 link Catch2::Catch2WithMain instead.
#include <catch2/catch.hpp>
#include <voicebridge/testing/callee_steps.hpp>
#include <voicebridge/testing/scripted_call.hpp>

using namespace voicebridge;
using namespace voicebridge::testing;
using namespace std::chrono_literals;

namespace {

/// The agent under test: in your program this lies where `main` finds it, too.
PhoneAgentOptions bakery() {
  PhoneAgentOptions options;
  options.phone.speech.instructions = "You answer the phone of a bakery.";
  options.phone.speech.transcription_model = "gpt-transcribe";
  options.phone.greeting = "Greet the caller.";
  return options;
}

/// A call to the agent, with a model that says this and a caller who does that.
std::unique_ptr<ScriptedCall> call_bakery(std::string_view model, std::vector<CalleeStep> caller) {
  ScriptedCallOptions options;
  options.agent = bakery();
  options.scenario = std::make_shared<OpenAiScenario>(OpenAiScenario::parse(model).value());
  options.callee.ring = 10s;
  options.callee.script.steps = std::move(caller);
  return ScriptedCall::create(std::move(options)).value();
}

}  // namespace

TEST_CASE("the bakery takes an order and says goodbye") {
  const auto call = call_bakery(
      R"({"agents":[{"match":"bakery","replies":[{"on":"start","say":"The bakery, good morning."},
        {"on":"turn","transcript_of_caller":"Two loaves, please.",
         "calls":[{"name":"order","arguments":{"loaves":2}}]},
        {"on":"tool_result","say":"They are ready at noon. Good bye.",
         "calls":[{"name":"end_call","arguments":{}}]}]}]})",
      {callee_waits(CalleeStep::Kind::wait_agent_silence, 500ms),
       callee_says("Two loaves, please.")});
  std::int64_t ordered = 0;
  REQUIRE(call->tools().add({"order", "Orders bread", R"({"type":"object"})"},
                            [&](const ToolInvocation& tool) -> ToolOutput {
                              ordered += tool.arguments["loaves"].integer().value_or(0);
                              return R"({"ready":"noon"})";
                            }));
  call->ring();
  REQUIRE(call->run(60s));
  CHECK(ordered == 2);
  CHECK(call->record()->end_reason == EndReason::agent_goodbye);
  CHECK(call->record()->transcript.back().heard_text == "They are ready at noon. Good bye.");
  CHECK(call->leg()->stats().heard_bytes > 8000);  // More than a second was really played.
}

TEST_CASE("a caller who interrupts is listened to at once") {
  const auto call = call_bakery(
      R"({"agents":[{"replies":[{"on":"start","say":"The bakery. Today we have an offer on rye."},
        {"on":"turn","transcript_of_caller":"Stop!","say":"Of course."}]}]})",
      {callee_waits(CalleeStep::Kind::wait_agent_speaking, 800ms), callee_says("Stop!"),
       callee_waits(CalleeStep::Kind::wait_agent_silence, 500ms), callee_hangs_up()});
  call->ring();
  REQUIRE(call->run(60s));
  CHECK(call->record()->end_reason == EndReason::caller_hangup);
  REQUIRE(call->record()->barge_ins.size() == 1);
  CHECK(call->record()->transcript.front().heard_text != call->record()->transcript.front().text);
}
