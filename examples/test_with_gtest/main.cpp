// Tests of an agent in virtual time, with GoogleTest: whole calls, from the ringing to the goodbye,
// in milliseconds, with no network and no account. What the model says is scripted; how the agent
// is set up, its tools, and all of voicebridge between are real. test_with_catch2 does the same.
//
// Run: ./test_with_gtest
#include <gtest/gtest.h>
#include <voicebridge/testing/callee_steps.hpp>
#include <voicebridge/testing/scripted_call.hpp>

using namespace voicebridge;
using namespace voicebridge::testing;
using namespace std::chrono_literals;

/// The agent under test: in your program this lies where `main` finds it, too.
PhoneAgentOptions bakery() {
  PhoneAgentOptions options;
  options.phone.speech.instructions = "You answer the phone of a bakery.";
  options.phone.speech.transcription_model = "gpt-transcribe";
  options.phone.greeting = "Greet the caller.";
  options.phone.silence_prompt_after = 6s;
  return options;
}

/// Calls to the agent, each with a model that says this and a person who does that.
class Bakery : public ::testing::Test {
 protected:
  void prepare(std::string_view model, std::vector<CalleeStep> person) {
    ScriptedCallOptions options;
    options.agent = bakery();
    options.scenario = std::make_shared<OpenAiScenario>(OpenAiScenario::parse(model).value());
    options.callee.ring = 2s;
    options.callee.script.steps = std::move(person);
    call = ScriptedCall::create(std::move(options)).value();
  }
  std::unique_ptr<ScriptedCall> call;
};

TEST_F(Bakery, CallsSomebodyAndSaysGoodbye) {
  prepare(R"({"agents":[{"match":"bakery","replies":[
            {"on":"start","say":"Your cake is ready."},
            {"on":"turn","transcript_of_caller":"Thank you!","say":"Good bye.",
             "calls":[{"name":"end_call","arguments":{}}]}]}]})",
          {callee_waits(CalleeStep::Kind::wait_agent_silence, 500ms), callee_says("Thank you!")});
  call->dial();
  ASSERT_TRUE(call->run(60s));
  EXPECT_EQ(call->record()->end_reason, EndReason::agent_goodbye);
  ASSERT_EQ(call->record()->transcript.size(), 3u);
  EXPECT_EQ(call->record()->transcript[1].text, "Thank you!");
  EXPECT_GT(call->leg()->stats().heard_bytes, 8000u);  // More than a second was really played.
}

TEST_F(Bakery, LooksForACallerWhoFallsSilent) {
  prepare(R"({"agents":[{"replies":[{"on":"start","say":"The bakery, good morning."},
            {"on":"response","say":"Are you still there?"},
            {"on":"response","say":"Hello?"},
            {"on":"response","say":"Good bye."}]}]})",
          {});
  call->ring();
  ASSERT_TRUE(call->run(120s));
  EXPECT_EQ(call->record()->end_reason, EndReason::silence);
  EXPECT_GE(call->record()->duration, 18s);  // Of virtual time.
}
