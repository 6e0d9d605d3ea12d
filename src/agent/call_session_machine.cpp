// Who picked up: the agent stops for a machine, waits for its beep, answers a screening, and goes
// on with a person.
#include "agent/call_session_impl.hpp"
#include "voicebridge/audio/audio_codec.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::string_view kMessageName = "voicemail";

}  // namespace

AnsweringMachine::Rules CallSession::Impl::machine_rules(const CallOptions& options) {
  AnsweringMachine::Rules rules;
  rules.expected = options.expects_amd;
  rules.talk_before_verdict = options.greet_before_verdict;
  rules.on_machine = options.on_machine;
  rules.on_screening = options.on_screening;
  rules.verdict_timeout = options.amd_timeout;
  rules.beep_timeout = options.beep_timeout;
  rules.screened_timeout = options.screened_timeout;
  return rules;
}

/// @param told  Takes the news to the state machine, which says what follows.
template <class Told>
void CallSession::Impl::who_is_there(std::string what, TimePoint now, Told told) {
  if (over()) return;
  note(now, "amd", std::move(what));
  // Who is being handed on is a person; so they are when nobody takes them.
  if (transfer && transfer->asked) return machine.close();
  const bool was_quiet = machine.quiet();
  machine_step(told(machine), was_quiet, now);
}

void CallSession::Impl::answered_by(AnsweredBy who, TimePoint now) {
  who_is_there(std::string(to_string(who)), now,
               [&](AnsweringMachine& m) { return m.detected(who, now); });
}

void CallSession::Impl::greeting_ended(GreetingEnd how, TimePoint now) {
  who_is_there("greeting ended: " + std::string(to_string(how)), now,
               [&](AnsweringMachine& m) { return m.greeting_ended(how, now); });
}

void CallSession::Impl::call_screened(TimePoint now) {
  who_is_there("the call is screened", now, [&](AnsweringMachine& m) { return m.screened(now); });
}

void CallSession::Impl::machine_overdue(TimePoint now) {
  who_is_there(machine.leaving_message() ? "no beep in time" : "no verdict in time", now,
               [&](AnsweringMachine& m) { return m.on_deadline(now); });
}

void CallSession::Impl::machine_step(AnsweringMachine::Step step, bool was_quiet, TimePoint now) {
  using Step = AnsweringMachine::Step;
  if (step == Step::none) return;
  // A verdict tells of an answer, whatever became of its own webhook.
  if (!answered_at) answered(now);
  if (state == CallState::ending && step != Step::talk) {
    return hang_up(ending_reason, "an answering machine", now);
  }
  switch (step) {
    case Step::talk:
      return talk_to_person(was_quiet, now);
    case Step::hush:
      hush(now);
      if (machine.leaving_message()) return await_beep(now);
      greeted = false;  // To the person behind the screening nothing was said.
      return caller_audio.hold();
    case Step::leave_message:
      hush(now);
      await_beep(now);
      ending_reason = EndReason::machine;
      message_due = true;
      arm(kGoodbye, options.message_cap, now);
      return speak_to_machine(now);
    case Step::answer_screening:
      hush(now);
      greeted = false;
      caller_audio.hold();
      screening_due = true;
      return speak_to_machine(now);
    case Step::hang_up_machine:
      return hang_up(EndReason::machine, "an answering machine", now);
    case Step::hang_up_fax:
      return hang_up(EndReason::machine, "a fax answered", now);
    case Step::hang_up_screened:
      return hang_up(EndReason::machine, "call screening, and nobody took the call", now);
    case Step::none:
      return;
  }
}

/// What was held back for the verdict begins now; a talk that has begun goes on.
void CallSession::Impl::talk_to_person(bool was_quiet, TimePoint now) {
  hushed = screening_due = screening_said = false;
  if (!was_quiet || !media_started || !speech || !model_ready()) return;
  lost_bytes_told = record.counters.caller_bytes_dropped;  // On purpose: nobody was there.
  greeting_waits = caller_audio.keeps_any();
  model_became_ready(now);
}

/// The agent stops at once: in the carrier's queue, in ours and in the model.
void CallSession::Impl::hush(TimePoint now) {
  hushed = true;
  asked.reset();
  failed_reply.reset();
  greeting_waits = false;
  disarm(kGreet);
  disarm(kSilence);
  disarm(kReply);
  disarm(kRetry);
  if (transfer) {
    transfer.reset();
    disarm(kTransfer);
  }
  silence_agent(InterruptCause::policy, now);
}

void CallSession::Impl::await_beep(TimePoint now) {
  screening_due = screening_said = false;  // It was no screening, or it was declined.
  caller_audio.mute();
  greeted = true;
  enter(CallState::leaving_message, now);
}

/// What is due to a machine, as soon as there is a way to say it.
void CallSession::Impl::speak_to_machine(TimePoint now) {
  if (over() || hang_up_sent || !media_started) return;
  if (message_due) {
    const WavAudio* wav = options.voicemail_audio.get();
    if (wav != nullptr && play_recording(kMessageName, *wav, now)) {
      message_due = false;
      note(now, "amd", "leaving the message from a recording");
      return await_last_word(now);
    }
  }
  if (!speech || !model_ready()) return;
  const bool lost_on_the_way = goodbye_awaited && !asked && !reply_active;
  if (message_due || (state == CallState::leaving_message && lost_on_the_way)) {
    note(now, "amd", "leaving the message");
    message_due = false;
    return ask_for_last_word(now);
  }
  if (!screening_due) return;
  note(now, "amd", "answering the screening");
  screening_due = false;
  screening_said = true;
  ask_whoever_listens({options.screening_answer, false}, now);
}

/// Without a model there is nothing to say to a machine, except what was recorded.
bool CallSession::Impl::machine_outlives_model(const Error& error, TimePoint now) {
  if (machine.screening()) {
    hang_up(EndReason::model_failed, error.message, now);
    return true;
  }
  if (state != CallState::leaving_message) return false;
  const bool recorded = options.voicemail_audio && !goodbye_awaited;
  if (!recorded) hang_up(EndReason::machine, "no message: " + error.message, now);
  return true;
}

/// False: there is nowhere to play it, or it is not in mono.
bool CallSession::Impl::play_recording(std::string_view name, const WavAudio& wav, TimePoint now) {
  if (wav.channels != 1 || !playback || media == nullptr) return false;
  const AudioFormat from = AudioFormat::l16(wav.sample_rate);
  auto codec = make_audio_codec(from);
  auto transcoder = Transcoder::create(from, outbound);
  if (!codec || !transcoder) return false;
  Bytes linear;
  Bytes audio;
  if (!(*codec)->encode(wav.samples, linear) || !transcoder->process(linear, audio) ||
      !transcoder->flush(audio)) {
    return false;
  }
  sending_at = now;
  playback->push(name, AudioPayload::from_bytes(outbound, audio), now);
  playback->finish(name, now);
  return true;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
