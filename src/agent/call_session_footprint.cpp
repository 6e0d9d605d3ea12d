#include "agent/call_session_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

void CallSession::audio_footprint(Footprint& to) const {
  to.add(impl_);
  impl_->audio_footprint(to);
}

/// In both directions.
void CallSession::Impl::own_footprint(Footprint& to) const {
  to.add(tap);  // The pointer, as all that follows.
  to.add(record.counters);
  to.add(state);
  to.add(answered_at);
  to.add(media_started);
  to.add(stream_began_at);
  to.add(playback);
  to.add(speech);
}

void CallSession::Impl::audio_footprint(Footprint& to) const {
  own_footprint(to);
  to.add(local_turns);
  to.add(hold_music);
  caller_audio.footprint(to);
  if (speech != nullptr) speech->footprint(to);
}

void CallSession::Impl::speech_footprint(Footprint& to) const {
  own_footprint(to);
  to.add(timers.next_known());
  to.add(in_lane);
  to.add(sending_at);
  to.add(reply_spoke);
  to.add(turn_ended_at);
  to.add(cut_utterances);
  to.add(hushed);
  to.add(hang_up_sent);
  transcript.footprint(to);
  caller_audio.footprint(to);
  // Without a stream what it played into may be gone.
  if (playback && media != nullptr) playback->footprint(to);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
