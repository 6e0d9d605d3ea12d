#include <algorithm>
#include <utility>

#include "agent/call_session_impl.hpp"
#include "voicebridge/audio/silence.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// For the service to find the caller's words in what was kept for it.
constexpr Millis kListenBeforeGreeting{500};
constexpr const char* kGreetByAnswer =
    "They have spoken first. Answer that, and do with the same answer: ";
constexpr std::size_t kRememberedCuts = 16;
constexpr std::size_t kRememberedTurns = 8;

std::string ms(Millis value) { return std::to_string(value.count()); }

Millis to_ms(Micros value) { return std::chrono::duration_cast<Millis>(value); }

}  // namespace

void CallSession::Impl::greet(TimePoint now) {
  if (greeted || state != CallState::talking) return;
  if (announce_first(now)) return;
  if (std::exchange(greeting_waits, false)) return arm(kGreet, kListenBeforeGreeting, now);
  greeted = true;
  if (options.greeting.empty()) return rearm_silence(now);
  note(now, "speech", "greeting asked for");
  ask({options.greeting, true}, now);
}

/// Who has spoken first gets one answer, which is the greeting as well, and not two at once.
void CallSession::Impl::greet_by_answer(TimePoint now) {
  disarm(kGreet);
  greeted = true;
  note(now, "speech", "greeting left to the answer");
  if (!speech || options.greeting.empty()) return;
  speech->request(AddNote{AddNote::Kind::rule, kGreetByAnswer + options.greeting}, now);
}

void CallSession::Impl::ask(Say say, TimePoint now) {
  // Not into a greeting, and not to a screening.
  if (machine.greeting_runs() || machine.screening()) return;
  ask_whoever_listens(std::move(say), now);
}

void CallSession::Impl::ask_whoever_listens(Say say, TimePoint now) {
  if (!speech || !ready) return;
  arm(kReply, options.reply_timeout, now);
  disarm(kSilence);
  asked = say;
  speech->request(std::move(say), now);
}

void CallSession::Impl::speech_audio(std::string_view utterance, const AudioPayload& audio,
                                     TimePoint now) {
  if (over()) return;
  const std::size_t bytes = payload_size(audio);
  record.counters.agent_bytes += bytes;
  const bool dropped =
      !playback || apologising || hang_up_sent || hushed || hold_music ||
      std::find(cut_utterances.begin(), cut_utterances.end(), utterance) != cut_utterances.end();
  if (dropped) {
    record.counters.agent_bytes_cut += bytes;
    return;
  }
  reply_spoke = true;
  transcript.received_audio(utterance, audio.format.duration(bytes));
  sending_at = now;
  if (!to_carrier) {
    playback->push(utterance, audio, now);
  } else {
    ByteView view;
    transcoded.clear();
    if (!payload_bytes(audio, decoded, view) || !to_carrier->process(view, transcoded)) return;
    playback->push(utterance, AudioPayload::from_bytes(outbound, transcoded), now);
  }
  if (to_carrier || leg_encoder) in_lane.assign(utterance);
}

/// What the filters on the way still hold of an utterance that has ended: its last milliseconds.
void CallSession::Impl::drain_lane(std::string_view utterance, TimePoint now) {
  if (in_lane != utterance || utterance.empty()) return;
  in_lane.clear();
  if (apologising || hang_up_sent) return;
  transcoded.clear();
  if (to_carrier && !to_carrier->flush(transcoded)) return;
  if (leg_encoder) {
    constexpr Micros kRoundedUp{999};
    append_silence(transcoded, outbound,
                   std::chrono::duration_cast<Millis>(leg_encoder->delay() + kRoundedUp));
  }
  playback->push(utterance, AudioPayload::from_bytes(outbound, transcoded), now);
}

void CallSession::Impl::handle(const CallerActivity& event, TimePoint now) {
  if (!local_turns) caller_activity(event.speaking, now);
}

void CallSession::Impl::caller_activity(bool speaking, TimePoint now) {
  if (over() || caller_speaking == speaking) return;
  caller_speaking = speaking;
  note(now, "turn", speaking ? "caller speaks" : "caller stops");
  if (speaking) {
    if (timers[kGreet]) greet_by_answer(now);
    prompts_used = 0;
    caller_audio.turn_begins();
    disarm(kSilence);
    disarm(kReply);
    disarm(kRetry);
    failed_reply.reset();
    asked.reset();
    words_missing = false;
    turn_ended_at.reset();
    caller_turn_starts.push_back(since_start(now));
    if (caller_turn_starts.size() > kRememberedTurns) {
      caller_turn_starts.erase(caller_turn_starts.begin());
    }
    barge_in(now);
    if (collection) collected(collection->collector.voice(), now);
    return;
  }
  // The detector has waited for this much silence: the caller's last sound was before it.
  turn_ended_at = now - options.speech.turns.silence;
  caller_stopped_at = now;
  if (state == CallState::talking) arm(kReply, options.reply_timeout, now);
}

void CallSession::Impl::barge_in(TimePoint now) {
  if (state != CallState::talking || !speech) return;
  if (!agent_audible(now) && !reply_active) return;
  silence_agent(InterruptCause::barge_in, now);
}

bool CallSession::Impl::said_in_this_session(const std::string& segment) const {
  return link && link->said(segment);
}

/// Stops the agent in the carrier's queue, in ours and in the model, and notes how much was heard.
void CallSession::Impl::silence_agent(InterruptCause cause, TimePoint now) {
  std::optional<PlayedPosition> position;
  if (announcement == Announcement::running || announcement == Announcement::said) {
    announcement = Announcement::broken;
  }
  if (agent_audible(now)) {
    Playback::Cut cut = voice->stop(now);
    in_lane.clear();
    if (to_carrier) to_carrier->reset();
    for (const std::string& utterance : cut.unheard) {
      transcript.cut(utterance, Millis(0), Millis(0));
      words_changed(utterance);
      cut_utterances.push_back(utterance);
    }
    if (!cut.unheard.empty()) position = PlayedPosition{cut.unheard.front(), Millis(0)};
    if (cut.playing) {
      const HeardUtterance& p = *cut.playing;
      position = PlayedPosition{p.utterance, to_ms(p.heard)};
      cut_utterances.push_back(p.utterance);
      transcript.cut(p.utterance, to_ms(p.heard), to_ms(p.sent));
      words_changed(p.utterance);
      record.barge_ins.push_back(
          {since_start(now), p.utterance, to_ms(p.heard), to_ms(p.sent), to_ms(p.error_bound)});
      note(now, "barge_in", "agent interrupted",
           {{"heard_ms", ms(to_ms(p.heard))},
            {"sent_ms", ms(to_ms(p.sent))},
            {"error_ms", ms(to_ms(p.error_bound))}});
    }
    while (cut_utterances.size() > kRememberedCuts) cut_utterances.erase(cut_utterances.begin());
    if (!service_voice) agent_heard(false);
  }
  if (!speech) return;
  // An utterance of an earlier session means nothing to this one, which was told all of it.
  if (position && !said_in_this_session(position->utterance)) {
    position.reset();
    tell_meanwhile(now);
  }
  speech->interrupt(cause, position, now);
  transfer_when_heard(now);
}

void CallSession::Impl::handle(const UtteranceStarted& event, TimePoint now) {
  transcript.open(Speaker::agent, event.utterance, since_start(now));
  if (voice) voice->begin(event.utterance);
  open_utterance = event.utterance;
  if (link) link->claim(event.utterance);
  // Its audio does not pass here.
  if (service_voice) reply_spoke = true;
}

void CallSession::Impl::handle(const UtteranceEnded& event, TimePoint now) {
  if (open_utterance == event.utterance) open_utterance.clear();
  // Not by the caller: the session, or the answer, is about to fail.
  if (!event.complete && reply_active && !caller_speaking) broken_utterance = event.utterance;
  if (voice) {
    sending_at = now;
    drain_lane(event.utterance, now);
    voice->finish(event.utterance, event.complete, now);
  }
  rearm_silence(now);
}

void CallSession::Impl::handle(const Transcript& event, TimePoint now) {
  Millis at = since_start(now);
  if (event.speaker == Speaker::caller && !transcript.knows(event.segment)) {
    if (!caller_turn_starts.empty()) {
      at = caller_turn_starts.front();
      caller_turn_starts.erase(caller_turn_starts.begin());
    }
  }
  if (link) link->claim(event.segment);
  transcript.add(event, at);
  words_changed(event.segment);
  if (event.speaker == Speaker::caller && event.final) caller_audio.oldest_turn_known();
}

void CallSession::Impl::handle(const ReplyStarted&, TimePoint now) {
  reply_active = true;
  reply_spoke = false;
  reply_called_tools = false;
  goodbye_started = goodbye_awaited;
  if (transfer) transfer->announced = transfer->announcing;
  if (service_voice) service_voice->reply_began();
  tools.reply_began();
  replies_overdue = 0;
  failed_reply.reset();
  broken_utterance.clear();
  reply_say = std::exchange(asked, std::nullopt);
  if (reply_say && !machine.greeting_runs()) hushed = false;
  if (reply_say && announcement == Announcement::asked) announcement = Announcement::running;
  disarm(kReply);
  disarm(kRetry);
  disarm(kSilence);
  note(now, "turn", "agent answers");
}

void CallSession::Impl::handle(const ReplyEnded& event, TimePoint now) {
  reply_active = false;
  announcement_made(event);
  if (transfer && transfer->announced) {
    // Heard or not: the transfer is what was wanted.
    transfer->announcing = transfer->announced = false;
    return transfer_when_heard(now);
  }
  const bool mute =
      event.outcome == ReplyEnded::Outcome::completed && !event.spoke && !reply_called_tools;
  if (event.outcome == ReplyEnded::Outcome::failed || mute) {
    Error error = event.error.value_or(Error{});
    if (error.message.empty())
      error.message = mute ? "the answer had no sound" : "the answer failed";
    // A session that is lost tells of its answer first: what to do is known when it was heard out.
    failed_reply = std::move(error);
    disarm(kReply);
    return arm(kRetry, Millis(0), now);
  }
  const bool cancelled = event.outcome == ReplyEnded::Outcome::cancelled;
  if (voice && voice->drained()) announcement_heard(now);
  if (!cancelled) failures_in_a_row = 0;
  // An answer is to all that was said before it.
  if (!cancelled && event.spoke && !caller_speaking) caller_audio.all_turns_known();
  if (!cancelled && event.spoke) tools.told();
  if (goodbye_awaited && goodbye_started) {
    // Talked over before its first sound, the goodbye is tried again; its cap bounds that.
    if (cancelled && !event.spoke) return ask_for_last_word(now);
    goodbye_awaited = false;
    await_last_word(now);
  }
  rearm_silence(now);
}

void CallSession::Impl::ask_for_last_word(TimePoint now) {
  goodbye_awaited = true;
  goodbye_started = false;
  const bool message = state == CallState::leaving_message;
  ask({message ? options.voicemail : options.goodbye, false}, now);
}

void CallSession::Impl::handle(const SpeechFault& event, TimePoint now) {
  const bool benign = event.severity == SpeechFault::Severity::benign;
  note(now, benign ? "speech" : "error", to_string(event.error));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
