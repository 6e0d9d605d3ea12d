// What is different when the model service carries the audio: it tells what is heard, and its end
// is the call's.
#include "agent/call_session_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// The service has attached us to the call: the caller is on the line.
void CallSession::Impl::service_line_up(TimePoint now) {
  if (media_started) return service_voice->forget();
  media_started = true;
  record.lane = "carried by the model service";
  note(now, "media", "the model service carries the audio");
  enter(CallState::talking, now);
  record_step(recording.audio_flows(), now);
}

/// Lost, or over? A service that closes without an error has lost the caller, not us.
bool CallSession::Impl::service_call_over(const SpeechClosed& event, TimePoint now) {
  if (!service_voice) return false;
  if (event.error && event.error->code != Errc::not_found) return false;
  if (transfer && transfer->asked && leaving) {
    // It lets go of a caller who leaves, often before it is told that they have left.
    if (!transfer->target.is_warm()) transferred({}, now);
    if (transfer) {
      service_left = true;
      note(now, "media", "the service has let go of the caller");
      return true;
    }
  }
  self.on_carrier_hangup("the service's call is over", false, now);
  return true;
}

/// The service has kept the conversation and may be answering: it is asked only when nothing comes.
void CallSession::Impl::resume_attached(const BrokenOff& left, TimePoint now) {
  if (tools.any_untold()) {
    speech->request(AddNote{AddNote::Kind::fact, "Tools used so far:\n" + tools.account()}, now);
  }
  if (left.answer_owed || left.cut_short || left.turn_lost) {
    return arm(kReply, options.reply_timeout, now);
  }
  rearm_silence(now);
}

void CallSession::Impl::handle(const PlayoutStarted& event, TimePoint now) {
  if (!service_voice) return;
  service_voice->playout_began(event.utterance);
  first_sound(now);
}

void CallSession::Impl::handle(const PlayoutEnded& event, TimePoint now) {
  if (!service_voice) return;
  service_voice->playout_ended(event.utterance);
  if (service_voice->drained()) heard_out(now);
}

/// Barge-in as the service has decided it: its word of what was heard is the truth.
void CallSession::Impl::handle(const UtteranceCut& event, TimePoint now) {
  if (!service_voice || !transcript.knows(event.utterance)) return;
  transcript.cut(event.utterance, event.heard, event.heard);
  words_changed(event.utterance);
  service_voice->playout_ended(event.utterance);
  if (service_voice->drained()) agent_heard(false);
  record.barge_ins.push_back(
      {since_start(now), event.utterance, event.heard, event.heard, Millis(0)});
  note(now, "barge_in", "agent interrupted", {{"heard_ms", std::to_string(event.heard.count())}});
}

void CallSession::Impl::handle(const CallerKey& event, TimePoint now) {
  if (service_voice) media_dtmf(event.digit, now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
