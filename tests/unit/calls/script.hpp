#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/event_check.hpp"
#include "voicebridge/testing/callee_steps.hpp"
#include "voicebridge/testing/scripted_call.hpp"
#include "voicebridge/testing/seeded_random.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace voicebridge::test {

using namespace std::chrono_literals;
using namespace voicebridge::testing;

/// A greeting that is long enough to be interrupted, a short answer, a farewell.
constexpr std::string_view kTalk = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the agent, and I have a lot to tell you about our new offer."},
  {"on":"turn","transcript_of_caller":"Stop, please.","say":"Of course."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

inline std::shared_ptr<const OpenAiScenario> scenario(std::string_view json = kTalk) {
  return std::make_shared<OpenAiScenario>(OpenAiScenario::parse(json).value());
}

inline CalleeStep say(const std::string& words) { return callee_says(words); }
inline CalleeStep wait(CalleeStep::Kind what, Millis duration) {
  return callee_waits(what, duration);
}

/// Interrupts the greeting after it has been heard for so long, then says good bye.
inline CalleeScript interrupting_callee(Millis after) {
  CalleeScript script;
  script.steps = {wait(CalleeStep::Kind::wait_agent_speaking, after), say("Stop, please."),
                  wait(CalleeStep::Kind::wait_agent_silence, 400ms), say("That is all.")};
  return script;
}

/// Every carrier of the library; for `GENERATE`.
inline const std::vector<CarrierKind> kCarriers = {CarrierKind::telnyx, CarrierKind::twilio};

inline const char* name_of(CarrierKind carrier) {
  return carrier == CarrierKind::twilio ? "twilio" : "telnyx";
}

/// A format of a carrier's lines.
struct CarrierFormat {
  CarrierKind carrier;
  AudioFormat format;
};
inline const std::vector<CarrierFormat> kPassThrough = {{CarrierKind::telnyx, AudioFormat::pcmu()},
                                                        {CarrierKind::telnyx, AudioFormat::pcma()},
                                                        {CarrierKind::twilio, AudioFormat::pcmu()}};

inline ScriptedCallOptions talk(std::uint64_t seed, CarrierKind carrier = CarrierKind::telnyx) {
  ScriptedCallOptions options;
  options.carrier = carrier;
  options.seed = seed;
  options.scenario = scenario();
  options.voice = remembering_voice();
  options.agent.phone.speech.instructions = "You speak on the phone.";
  options.agent.phone.speech.voice = "marin";
  options.agent.phone.speech.transcription_model = "gpt-transcribe";
  options.agent.phone.speech.tools = {};
  options.agent.phone.greeting = "Greet the caller.";
  options.model.seed = seed;
  options.callee.ring = 200ms;
  options.callee.leg_format = AudioFormat::pcmu();
  options.callee.script = interrupting_callee(1200ms);
  return options;
}

/// Whatever the two sides send, the official schema allows it, but for what a fault put there.
inline void check_model_text(bool from_service, std::string_view text) {
  const bool fault = text.find("telepathy") != std::string_view::npos || text.back() != '}';
  if (from_service && fault) return;
  const std::string wrong = from_service ? event_check().server(text) : event_check().client(text);
  if (wrong.empty()) return;
  CAPTURE(std::string(text.substr(0, 2000)));
  FAIL_CHECK(wrong);
}

inline std::unique_ptr<ScriptedCall> make_call(ScriptedCallOptions options) {
  if (!options.on_model_text) options.on_model_text = check_model_text;
  auto call = ScriptedCall::create(std::move(options));
  REQUIRE(call);
  return std::move(*call);
}

/// What a failing test prints: the call as it went.
inline std::string story(const CallRecord& record) {
  std::string text;
  for (const TimelineEntry& entry : record.timeline) {
    text += std::to_string(entry.at.count()) + " " + entry.kind + ": " + entry.detail;
    for (const auto& [key, value] : entry.fields) text += " " + key + "=" + value;
    text += "\n";
  }
  return text;
}

}  // namespace voicebridge::test
