#include <algorithm>

#include "agent/call_session_impl.hpp"

namespace voicebridge {
namespace {

constexpr std::size_t kRememberedCuts = 16;
constexpr std::size_t kRememberedTurns = 8;

std::string ms(Millis value) { return std::to_string(value.count()); }

Millis to_ms(Micros value) { return std::chrono::duration_cast<Millis>(value); }

}  // namespace

void CallSession::Impl::open_model(TimePoint now) {
  ready = false;
  pending_reconfigures = 0;
  formats_differ = false;
  reply_active = false;
  caller_speaking = false;
  ++generation;
  if (media_started || service_voice) arm(kModel, options.model_timeout, now);
  speech = host.open_speech();
  if (!speech) {
    Error error;
    error.code = Errc::unavailable;
    error.message = "no speech session could be opened";
    return model_failed(error, now);
  }
  SpeechSpec spec = options.speech;
  spec.input = model_input;
  spec.output = model_output;
  describe_transfer(spec.tools);
  if (generation > 1 && !service_voice) {
    const std::vector<HistoryItem> said = transcript.history();
    spec.history.insert(spec.history.end(), said.begin(), said.end());
  }
  note(now, "speech", generation > 1 ? "opening the model again" : "opening the model");
  speech->start(std::move(spec), self, now);
}

void CallSession::Impl::handle(const SpeechReady&, TimePoint now) {
  ready = true;
  note(now, "speech", "model ready");
  if (service_voice) service_line_up(now);
  if (formats_differ) {
    // The carrier named its codec while the session was being opened with another.
    formats_differ = false;
    SpeechPatch patch;
    patch.input = model_input;
    patch.output = model_output;
    ++pending_reconfigures;
    speech->reconfigure(std::move(patch), now);
    return;
  }
  model_became_ready(now);
}

void CallSession::Impl::handle(const SpeechReconfigured&, TimePoint now) {
  if (pending_reconfigures > 0 && --pending_reconfigures == 0) model_became_ready(now);
}

void CallSession::Impl::model_became_ready(TimePoint now) {
  disarm(kModel);
  if (!media_started || waiting_for_beep) return;
  tell_lost_audio(now);
  if (caller_audio.configured()) caller_audio.open(*speech, now);
  if (generation > 1 && greeted && state == CallState::talking && !service_voice) {
    return ask({"The line to you was interrupted for a moment. Go on where you stopped.", true},
               now);
  }
  greet(now);
}

/// The model came so late that the beginning of what the caller said had to be let go.
void CallSession::Impl::tell_lost_audio(TimePoint now) {
  const std::uint64_t lost = record.counters.caller_bytes_dropped - lost_bytes_told;
  if (lost == 0) return;
  lost_bytes_told = record.counters.caller_bytes_dropped;
  note(now, "error", "caller audio lost: the model came too late",
       {{"bytes", std::to_string(lost)}});
  log.warn("call", "caller audio lost: the model came too late",
           {{"call", options.call_id}, {"bytes", lost}});
}

void CallSession::Impl::greet(TimePoint now) {
  if (greeted || state != CallState::talking) return;
  greeted = true;
  if (options.greeting.empty()) return rearm_silence(now);
  note(now, "speech", "greeting asked for");
  ask({options.greeting, true}, now);
}

void CallSession::Impl::ask(Say say, TimePoint now) {
  if (!speech || !ready) return;
  arm(kReply, options.reply_timeout, now);
  disarm(kSilence);
  speech->request(std::move(say), now);
}

void CallSession::Impl::speech_audio(std::string_view utterance, const AudioPayload& audio,
                                     TimePoint now) {
  if (over()) return;
  const std::size_t bytes = payload_size(audio);
  record.counters.agent_bytes += bytes;
  const bool dropped =
      !playback || apologising || hang_up_sent || waiting_for_beep ||
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
}

void CallSession::Impl::handle(const CallerActivity& event, TimePoint now) {
  if (!local_turns) caller_activity(event.speaking, now);
}

void CallSession::Impl::caller_activity(bool speaking, TimePoint now) {
  if (over() || caller_speaking == speaking) return;
  caller_speaking = speaking;
  note(now, "turn", speaking ? "caller speaks" : "caller stops");
  if (speaking) {
    prompts_used = 0;
    disarm(kSilence);
    disarm(kReply);
    turn_ended_at.reset();
    caller_turn_starts.push_back(since_start(now));
    if (caller_turn_starts.size() > kRememberedTurns) caller_turn_starts.pop_front();
    barge_in(now);
    return;
  }
  // The detector has waited for this much silence: the caller's last sound was before it.
  turn_ended_at = now - options.speech.turns.silence;
  if (state == CallState::talking) arm(kReply, options.reply_timeout, now);
}

void CallSession::Impl::barge_in(TimePoint now) {
  if (state != CallState::talking || !speech) return;
  if (!agent_audible(now) && !reply_active) return;
  silence_agent(InterruptCause::barge_in, now);
}

/// Stops the agent in the carrier's queue, in ours and in the model, and notes how much was heard.
void CallSession::Impl::silence_agent(InterruptCause cause, TimePoint now) {
  std::optional<PlayedPosition> position;
  if (agent_audible(now)) {
    Playback::Cut cut = voice->stop(now);
    for (const std::string& utterance : cut.unheard) {
      transcript.cut(utterance, Millis(0), Millis(0));
      cut_utterances.push_back(utterance);
    }
    if (!cut.unheard.empty()) position = PlayedPosition{cut.unheard.front(), Millis(0)};
    if (cut.playing) {
      const HeardUtterance& p = *cut.playing;
      position = PlayedPosition{p.utterance, to_ms(p.heard)};
      cut_utterances.push_back(p.utterance);
      transcript.cut(p.utterance, to_ms(p.heard), to_ms(p.sent));
      record.barge_ins.push_back(
          {since_start(now), p.utterance, to_ms(p.heard), to_ms(p.sent), to_ms(p.error_bound)});
      note(now, "barge_in", "agent interrupted",
           {{"heard_ms", ms(to_ms(p.heard))},
            {"sent_ms", ms(to_ms(p.sent))},
            {"error_ms", ms(to_ms(p.error_bound))}});
    }
    while (cut_utterances.size() > kRememberedCuts) cut_utterances.pop_front();
  }
  if (speech) speech->interrupt(cause, position, now);
}

void CallSession::Impl::handle(const UtteranceStarted& event, TimePoint now) {
  transcript.open(Speaker::agent, event.utterance, since_start(now));
  if (voice) voice->begin(event.utterance);
}

void CallSession::Impl::handle(const UtteranceEnded& event, TimePoint now) {
  if (voice) {
    sending_at = now;
    voice->finish(event.utterance, event.complete, now);
  }
  rearm_silence(now);
}

void CallSession::Impl::handle(const Transcript& event, TimePoint now) {
  Millis at = since_start(now);
  if (event.speaker == Speaker::caller && !transcript.knows(event.segment)) {
    if (!caller_turn_starts.empty()) {
      at = caller_turn_starts.front();
      caller_turn_starts.pop_front();
    }
  }
  transcript.add(event, at);
}

void CallSession::Impl::handle(const ReplyStarted&, TimePoint now) {
  reply_active = true;
  reply_spoke = false;
  reply_called_tools = false;
  goodbye_started = goodbye_awaited;
  if (transfer) transfer->announced = transfer->announcing;
  if (service_voice) service_voice->reply_began();
  replies_overdue = 0;
  disarm(kReply);
  disarm(kSilence);
  note(now, "turn", "agent answers");
}

void CallSession::Impl::handle(const ReplyEnded& event, TimePoint now) {
  reply_active = false;
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
    return reply_failed(error, now);
  }
  const bool cancelled = event.outcome == ReplyEnded::Outcome::cancelled;
  if (!cancelled) failures_in_a_row = 0;
  if (goodbye_awaited && goodbye_started) {
    // Talked over before its first sound, the goodbye is tried again; its cap bounds that.
    if (cancelled && !event.spoke) return ask_for_last_word(now);
    goodbye_awaited = false;
    await_last_word(now);
  }
  rearm_silence(now);
}

/// One more try, then the caller is told: an answer that fails must not be silence.
void CallSession::Impl::reply_failed(const Error& error, TimePoint now) {
  note(now, "error", "answer failed: " + error.message);
  if (++failures_in_a_row > 1) return model_failed(error, now);
  ++record.counters.replies_retried;
  if (goodbye_awaited) return ask_for_last_word(now);
  ask({"", true}, now);
}

void CallSession::Impl::ask_for_last_word(TimePoint now) {
  goodbye_awaited = true;
  goodbye_started = false;
  const bool message = state == CallState::leaving_message;
  ask({message ? options.voicemail : options.goodbye, false}, now);
}

void CallSession::Impl::handle(const SpeechUsage& event, TimePoint) {
  record.usage.input_text += event.input_text;
  record.usage.input_audio += event.input_audio;
  record.usage.cached_text += event.cached_text;
  record.usage.cached_audio += event.cached_audio;
  record.usage.output_text += event.output_text;
  record.usage.output_audio += event.output_audio;
}

void CallSession::Impl::handle(const SpeechFault& event, TimePoint now) {
  const bool benign = event.severity == SpeechFault::Severity::benign;
  note(now, benign ? "speech" : "error", to_string(event.error));
}

void CallSession::Impl::handle(const SpeechClosed& event, TimePoint now) {
  caller_audio.hold();
  ready = false;
  reply_active = false;
  if (caller_speaking) caller_speaking = false;
  if (service_call_over(event, now)) return;
  retired.push_back(std::move(speech));
  Error error = event.error.value_or(Error{});
  if (error.message.empty()) error.message = "the speech session was closed";
  if (hang_up_sent || apologising) return;
  if (transfer && transfer->announcing) {
    transfer->announcing = false;
    transfer_when_heard(now);
  }
  const bool again = !event.fatal && generation <= options.model_reopen_limit;
  if (!again) return model_failed(error, now);
  note(now, "error", "speech session lost: " + error.message);
  if (state == CallState::ending) {
    goodbye_awaited = false;
    return await_last_word(now);
  }
  ++record.counters.model_reopened;
  open_model(now);
}

}  // namespace voicebridge
