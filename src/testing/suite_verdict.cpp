#include <algorithm>
#include <cstdlib>

#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

std::string as_text(std::uint64_t value) { return std::to_string(value); }

Millis length_of(AudioFormat format, std::uint64_t bytes) {
  return std::chrono::duration_cast<Millis>(format.duration(static_cast<std::size_t>(bytes)));
}

/// An answer was asked for while the service began one by itself: nobody can know.
bool is_race(const OpenAiSimRecord::Violation& found) {
  return found.code == "conversation_already_has_active_response";
}

}  // namespace

const char* const kUsualTalk = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the agent, and I have a lot to tell you about our new offer."},
  {"on":"turn","transcript_of_caller":"Stop, please.","say":"Of course."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

CalleeScript interrupting(Millis after) {
  CalleeScript script;
  script.steps = {
      callee_waits(CalleeStep::Kind::wait_agent_speaking, after), callee_says("Stop, please."),
      callee_waits(CalleeStep::Kind::wait_agent_silence, 400ms), callee_says("That is all.")};
  return script;
}

CalleeScript patient(const std::vector<std::string>& sentences) {
  CalleeScript script;
  for (const std::string& sentence : sentences) {
    script.steps.push_back(callee_waits(CalleeStep::Kind::wait_agent_silence, 600ms));
    script.steps.push_back(callee_says(sentence));
  }
  return script;
}

SuiteSetup usual_setup(AudioFormat format, std::uint64_t seed) {
  SuiteSetup setup;
  setup.plan.seed = seed;
  setup.plan.person = interrupting(1200ms);
  setup.script = kUsualTalk;
  setup.model.seed = seed;
  setup.model.model.seed = seed;
  setup.model.model.keep_audio_bytes = 4 << 20;
  setup.model.voice = remembering_voice();
  SpeechSpec& speech = setup.agent.phone.speech;
  const bool law = format.encoding == AudioEncoding::pcmu || format.encoding == AudioEncoding::pcma;
  if (law) speech.input = speech.output = format;
  speech.instructions = "You speak on the phone.";
  speech.voice = "marin";
  speech.transcription_model = "gpt-transcribe";
  setup.agent.phone.greeting = "Greet the caller.";
  return setup;
}

void SuiteVerdict::expect_end(EndReason reason) { expect_end(reason, reason); }

void SuiteVerdict::expect_end(EndReason one, EndReason other) {
  const bool holds = record.end_reason == one || record.end_reason == other;
  const std::string got =
      record.end_reason ? std::string(to_string(*record.end_reason)) : "nothing";
  expect(holds, "it ended by " + got + " (" + record.end_detail + ") instead of " +
                    std::string(to_string(one)));
}

void SuiteVerdict::expect_agent(const std::vector<std::string>& sentences) {
  std::vector<std::string> said;
  std::string all;
  for (const TranscriptEntry& entry : record.transcript) {
    if (entry.speaker != Speaker::agent) continue;
    said.push_back(entry.text);
    all += " | " + entry.text;
  }
  expect(said == sentences, "the agent said:" + all);
}

void SuiteVerdict::expect_caller_turns(std::size_t turns) {
  const auto heard = static_cast<std::size_t>(
      std::count_if(record.transcript.begin(), record.transcript.end(),
                    [](const TranscriptEntry& e) { return e.speaker == Speaker::caller; }));
  expect(heard == turns, as_text(heard) + " turns of the caller instead of " + as_text(turns));
}

void SuiteVerdict::expect_commands(CommandTrouble::Command which, std::size_t times) {
  const CarrierLane& lane = call.lane();
  const auto lacks = [&](CarrierAbility ability) {
    return lane.cannot && !lane.cannot(ability).empty();
  };
  const bool none =
      (which == CommandTrouble::Command::answer && lacks(CarrierAbility::answer_command)) ||
      (which == CommandTrouble::Command::start_media && lacks(CarrierAbility::media_command));
  if (none) times = 0;
  const std::size_t got = call.commands(which);
  expect(got == times,
         "a command was given " + as_text(got) + " times instead of " + as_text(times));
}

/// What the bridge says that it sent is what came.
void SuiteVerdict::expect_books(bool cut_short) {
  const std::uint64_t reached = far.heard.size() + far.dropped.size() + far.unplayed_bytes;
  const std::uint64_t sent = record.counters.agent_bytes_sent + record.counters.agent_bytes_padding;
  const AudioEncoding encoding = call.lane().format.encoding;
  const bool decoded = encoding == AudioEncoding::g722 || encoding == AudioEncoding::opus;
  if (!decoded || call.setup().plan.media.other_codec) {
    // What was on the wire when the call ended is at neither end.
    const bool books = cut_short ? reached <= sent : reached == sent;
    return expect(books, as_text(sent) + " bytes were sent and " + as_text(reached) + " came");
  }
  Millis told{0};
  for (const TranscriptEntry& entry : record.transcript) {
    if (entry.speaker == Speaker::agent) told += entry.sent;
  }
  // Each utterance is filled up to a packet, and coders are a packet behind.
  const Millis slack(40 * static_cast<std::int64_t>(record.transcript.size() + 1));
  const Millis came = length_of(far.outbound, reached);
  const bool books = came <= told + slack && (cut_short || came + slack >= told);
  expect(books, as_text(static_cast<std::uint64_t>(told.count())) + " ms were sent and " +
                    as_text(static_cast<std::uint64_t>(came.count())) + " came");
}

void SuiteVerdict::expect_accounted(bool cut_short) {
  expect(far.overflow_bytes == 0, "the carrier's queue ran over");
  expect(far.short_pieces == 0, as_text(far.short_pieces) + " pieces shorter than a frame");
  expect(record.counters.agent_bytes_overflow == 0, "the bridge's queue ran over");
  expect_books(cut_short);
  expect(far.heard.size() % far.outbound.frame_bytes() == 0 || !far.clears.empty() || cut_short,
         "part of a frame was played");
  if (!call.passes_through()) return;
  const AudioAccount account = account_audio(far, call.model(), cut_short);
  expect(account.ok(), account.fault);
}

void SuiteVerdict::expect_truncated(Millis tolerance) {
  expect(far.clears.size() == 1, as_text(far.clears.size()) + " clears instead of one");
  const auto sessions = call.model();
  if (far.clears.empty() || sessions.empty() || sessions[0]->utterances.empty()) return;
  const OpenAiSimRecord::Utterance& said = sessions[0]->utterances.front();
  const Millis played = length_of(far.outbound, far.clears[0].played);
  if (!said.heard) {
    // The interruption came behind the last word, as far as anybody could know.
    return expect(played + tolerance >= said.sent, "the model was not told of the interruption");
  }
  const Millis error = std::chrono::abs(*said.heard - std::min(played, said.sent));
  expect(*said.heard > 0ms, "truncated at nothing");
  expect(error <= tolerance, "the model thinks that " + as_text(said.heard->count()) +
                                 " ms were heard, and it were " + as_text(played.count()));
}

void SuiteVerdict::expect_clean() {
  expect(call.ended() == 1, call.ended() == 0 ? "it never ended" : "its end was told twice");
  expect(call.agent().live_calls() == 0, "a call is left in the agent");
  expect(call.carrier().legs_up() == 0, "a leg is left up");
  expect(!far.streaming, "a media stream is left open");
  for (const OpenAiSimRecord* session : call.model()) {
    expect(!session->open, "a session with the model is left open");
    for (const OpenAiSimRecord::Violation& found : session->violations) {
      const bool race = call.setup().answers_may_race && is_race(found);
      expect(race, "the model found fault: " + found.message);
    }
  }
  expect(far.errors == 0, "the carrier found fault with " + as_text(far.errors) + " messages");
  expect(call.clock().pending_timers() == 0,
         as_text(call.clock().pending_timers()) + " timers are left");
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
