// Phones that ask who calls before they ring, from the dial to the goodbye.
#include "unit/calls/command_check.hpp"
#include "unit/calls/script.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kWhoCalls = "This is the bakery, about the cake you ordered.";
constexpr const char* kGreetsPerson = "Hello, your cake is ready.";

/// Says who calls to whoever screens, then greets the person.
constexpr std::string_view kScreenedTalk = R"({"agents":[{"replies":[
  {"on":"start","say":"This is the bakery, about the cake you ordered."},
  {"on":"response","say":"Hello, your cake is ready."},
  {"on":"turn","transcript_of_caller":"Thank you.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

/// Where nothing is screened it greets at once.
constexpr std::string_view kPlainTalk = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, your cake is ready."},
  {"on":"turn","transcript_of_caller":"Thank you.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

ScriptedCallOptions screened_call(CarrierKind carrier) {
  ScriptedCallOptions options = talk(1, carrier);
  options.agent.phone.expects_amd = true;
  options.agent.phone.detect_screening = true;
  options.agent.phone.greet_before_verdict = false;
  options.scenario = scenario(kScreenedTalk);
  options.callee.amd.screening = 500ms;
  options.callee.amd.screening_prompt = 4000ms;
  options.callee.amd.delay = 8000ms;
  options.callee.script.steps = {say("Please say your name and why you are calling.")};
  return options;
}

std::vector<std::string> agent_words(const CallRecord& record) {
  std::vector<std::string> words;
  for (const TranscriptEntry& entry : record.transcript) {
    if (entry.speaker == Speaker::agent) words.push_back(entry.text);
  }
  return words;
}

/// When the timeline says so first.
std::optional<Millis> noted(const CallRecord& record, std::string_view detail) {
  for (const TimelineEntry& entry : record.timeline) {
    if (entry.detail == detail) return entry.at;
  }
  return std::nullopt;
}

const CallRecord& run_screened(ScriptedCall& call) {
  call.dial();
  REQUIRE(call.run(180s));
  CHECK(call.ended() == 1);
  CHECK(call.carrier().active_calls() == 0);
  check_commands(call.carrier());
  for (const OpenAiSimRecord* session : call.model()) CHECK_FALSE(session->open);
  return *call.record();
}

}  // namespace

TEST_CASE("a phone that screens its calls hears who calls, and its owner is greeted",
          "[calls][screening]") {
  ScriptedCallOptions options = screened_call(CarrierKind::telnyx);
  const bool early = GENERATE(false, true);
  CAPTURE(early);
  if (early) {
    // The greeting had begun before anybody knew, and is said to the person from its beginning.
    options.agent.phone.greet_before_verdict = true;
    options.callee.amd.screening = 1800ms;
    options.scenario = scenario(R"({"agents":[{"replies":[
      {"on":"start","say":"Hello, your cake is ready, and you can come to have it at any time."},
      {"on":"response","say":"This is the bakery, about the cake you ordered."},
      {"on":"response","say":"Hello, your cake is ready."},
      {"on":"turn","transcript_of_caller":"Thank you.","say":"Good bye.",
       "calls":[{"name":"end_call","arguments":{}}]},
      {"on":"response","say":"Good bye."}]}]})");
    options.callee.script.steps = {};
  }
  options.callee.script.steps.push_back(wait(CalleeStep::Kind::wait_time, 15s));
  options.callee.script.steps.push_back(say("Thank you."));
  const auto call = make_call(std::move(options));
  const CallRecord& record = run_screened(*call);
  INFO(story(record));
  CHECK(call->carrier().requests().front().body.find("premium_ios_call_screening_detection") !=
        std::string::npos);
  auto words = agent_words(record);
  if (early) {
    REQUIRE_FALSE(words.empty());
    CHECK(record.transcript.front().interrupted);
    words.erase(words.begin());
  }
  CHECK(words == std::vector<std::string>{kWhoCalls, kGreetsPerson, "Good bye."});
  const auto answering = noted(record, "answering the screening");
  const auto taken = noted(record, "human_residence");
  REQUIRE(answering);
  REQUIRE(taken);
  CHECK(*noted(record, "the call is screened") < *answering);
  // Not into the question.
  CHECK(*answering - *noted(record, "the call is screened") >= 3900ms);
  CHECK(*answering < *taken);
  for (const TranscriptEntry& entry : record.transcript) {
    if (entry.text == kGreetsPerson) CHECK(entry.at >= *taken);
  }
  CHECK(record.end_reason == EndReason::agent_goodbye);
}

TEST_CASE("a screened call that nobody takes ends by itself", "[calls][screening]") {
  ScriptedCallOptions options = screened_call(CarrierKind::telnyx);
  EndReason reason = EndReason::machine;
  std::vector<std::string> words = {kWhoCalls};
  SECTION("the policy is to hang up") {
    options.agent.phone.on_screening = ScreeningPolicy::hang_up;
    words.clear();
  }
  SECTION("they hang up when they know who it is") {
    options.callee.hangup_after = 10s;
    reason = EndReason::caller_hangup;
  }
  SECTION("nothing more is told") {
    options.callee.amd.result.clear();
    options.agent.phone.screened_timeout = 20s;
  }
  const auto call = make_call(std::move(options));
  const CallRecord& record = run_screened(*call);
  INFO(story(record));
  CHECK(record.end_reason == reason);
  CHECK(agent_words(record) == words);
}

TEST_CASE("a screening that sends the call to the voicemail leaves a message after its beep",
          "[calls][screening][amd]") {
  ScriptedCallOptions options = screened_call(CarrierKind::telnyx);
  options.callee.amd.result = "machine";
  options.callee.amd.greeting = "beep_detected";
  options.callee.amd.greeting_delay = 11000ms;
  SECTION("by policy") {
    options.agent.phone.on_machine = MachinePolicy::leave_message;
    const auto call = make_call(std::move(options));
    const CallRecord& record = run_screened(*call);
    INFO(story(record));
    CHECK(record.end_reason == EndReason::machine);
    CHECK(noted(record, "leaving the message"));
    CHECK(agent_words(record) == std::vector<std::string>{kWhoCalls, kGreetsPerson});
    CHECK(call->leg()->stats().unplayed_bytes == 0);
  }
  SECTION("or is hung up on") {
    const auto call = make_call(std::move(options));
    const CallRecord& record = run_screened(*call);
    INFO(story(record));
    CHECK(record.end_reason == EndReason::machine);
    CHECK(agent_words(record) == std::vector<std::string>{kWhoCalls});
  }
}

TEST_CASE("a prompt that is taken for a machine gets the message when its greeting has ended",
          "[calls][screening][amd]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  ScriptedCallOptions options = screened_call(carrier);
  options.scenario = scenario(kPlainTalk);
  options.callee.amd = {};
  options.callee.amd.result = "machine";
  options.callee.amd.greeting = "no_beep_detected";
  options.agent.phone.on_machine = MachinePolicy::leave_message;
  const char* before = "greeting ended: no_beep";
  if (carrier == CarrierKind::telnyx && GENERATE(false, true)) {
    // A pause of the greeting: the message waits, but not for ever.
    options.callee.amd.greeting = "prompt_ended";
    options.agent.phone.beep_timeout = 7s;
    before = "no beep in time";
  }
  const auto call = make_call(std::move(options));
  const CallRecord& record = run_screened(*call);
  INFO(story(record));
  CHECK(record.end_reason == EndReason::machine);
  REQUIRE(noted(record, before));
  REQUIRE(noted(record, "leaving the message"));
  CHECK(*noted(record, before) <= *noted(record, "leaving the message"));
  CHECK(agent_words(record) == std::vector<std::string>{kGreetsPerson});
  CHECK(call->leg()->stats().unplayed_bytes == 0);
}

TEST_CASE("where no screening is told of, the model hears its question and answers it",
          "[calls][screening]") {
  ScriptedCallOptions options = screened_call(CarrierKind::twilio);
  options.scenario = scenario(R"({"agents":[{"replies":[
    {"on":"turn","transcript_of_caller":"Please say your name and why you are calling.",
     "say":"This is the bakery, about the cake you ordered."},
    {"on":"turn","transcript_of_caller":"Thank you.","say":"Good bye.",
     "calls":[{"name":"end_call","arguments":{}}]},
    {"on":"response","say":"Good bye."}]}]})");
  options.callee.amd.delay = 5000ms;
  options.callee.script.steps.push_back(wait(CalleeStep::Kind::wait_agent_silence, 600ms));
  options.callee.script.steps.push_back(say("Thank you."));
  const auto call = make_call(std::move(options));
  const CallRecord& record = run_screened(*call);
  INFO(story(record));
  // It is asked who picks up, and no more.
  const std::string& dial = call->carrier().requests().front().body;
  CHECK(dial.find("MachineDetection") != std::string::npos);
  CHECK(dial.find("creening") == std::string::npos);
  CHECK_FALSE(noted(record, "the call is screened"));
  CHECK_FALSE(noted(record, "answering the screening"));
  // One answer, and no greeting on top of it into the screening.
  CHECK(noted(record, "greeting left to the answer"));
  CHECK_FALSE(noted(record, "greeting asked for"));
  CHECK(agent_words(record) == std::vector<std::string>{kWhoCalls, "Good bye."});
  CHECK(record.end_reason == EndReason::agent_goodbye);
}

TEST_CASE("a person who says hello before the verdict is answered once", "[calls][amd]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CAPTURE(name_of(carrier));
  ScriptedCallOptions options = screened_call(carrier);
  options.callee.amd = {};
  options.callee.amd.result = carrier == CarrierKind::telnyx ? "human_residence" : "human";
  options.callee.amd.delay = 2500ms;
  options.scenario = scenario(R"({"agents":[{"replies":[
    {"on":"start","say":"Hello, your cake is ready."},
    {"on":"turn","transcript_of_caller":"Hello?","say":"Good morning, your cake is ready."},
    {"on":"turn","transcript_of_caller":"Thank you.","say":"Good bye.",
     "calls":[{"name":"end_call","arguments":{}}]},
    {"on":"response","say":"Good bye."}]}]})");
  std::vector<std::string> words;
  SECTION("they have") {
    options.callee.script.steps = {wait(CalleeStep::Kind::wait_time, 800ms), say("Hello?"),
                                   wait(CalleeStep::Kind::wait_agent_silence, 900ms),
                                   say("Thank you.")};
    words = {"Good morning, your cake is ready.", "Good bye."};
  }
  SECTION("they wait, and are greeted") {
    options.callee.script.steps = {wait(CalleeStep::Kind::wait_agent_silence, 900ms), say("Hello?"),
                                   wait(CalleeStep::Kind::wait_agent_silence, 900ms),
                                   say("Thank you.")};
    words = {"Hello, your cake is ready.", "Good morning, your cake is ready.", "Good bye."};
  }
  const auto call = make_call(std::move(options));
  const CallRecord& record = run_screened(*call);
  INFO(story(record));
  CHECK(agent_words(record) == words);
  CHECK(record.end_reason == EndReason::agent_goodbye);
}
