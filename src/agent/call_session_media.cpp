#include <fmt/format.h>

#include "agent/call_session_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// The leg's stream is gone: the carrier's word why comes about now, before or after.
constexpr Millis kGoneAfterMedia{3000};

std::string describe_lane(AudioFormat leg, AudioFormat model) {
  if (leg == model) return to_string(leg) + " pass-through";
  return fmt::format("{} transcoded to {}: the model does not speak it", to_string(leg),
                     to_string(model));
}

}  // namespace

void CallSession::Impl::media_start(const MediaStart& start, TimePoint now) {
  if (over() || media_started || media == nullptr) return;
  media_started = true;
  disarm(kMedia);
  answered(now);
  auto opened = open_lane(start);
  if (opened && options.local_vad) opened = open_local_turns();
  if (!opened) {
    note(now, "error", opened.error().message);
    return hang_up(EndReason::media_failed, opened.error().message, now);
  }
  const AudioFormat in = model_format_for(inbound);
  const AudioFormat out = model_format_for(outbound);
  note(now, "media", "stream started", {{"lane", record.lane}});
  log.info("call", "media started", {{"call", options.call_id}, {"lane", record.lane}});
  playback->probe(now);
  enter(CallState::talking, now);
  if (in != model_input || out != model_output) {
    model_input = in;
    model_output = out;
    if (ready) {
      SpeechPatch patch;
      patch.input = in;
      patch.output = out;
      ++pending_reconfigures;
      caller_audio.hold();
      speech->reconfigure(std::move(patch), now);
    } else {
      formats_differ = generation > 0;
    }
  }
  record_step(recording.audio_flows(), now);
  if (model_ready()) {
    model_became_ready(now);
  } else {
    speak_to_machine(now);
    arm(kModel, options.model_timeout, now);
  }
  if (transfer && transfer->failure && !over()) {
    const Error why = *transfer->failure;  // It goes with the transfer.
    tell_transfer_failure(why, now);
  }
}

/// Joins the two formats of the leg to those of the model.
Result<> CallSession::Impl::open_lane(const MediaStart& start) {
  inbound = start.inbound;
  outbound = start.outbound;
  // A leg may be given a second stream, when nobody took the caller over.
  leg_decoder.reset();
  to_carrier.reset();
  stream_began_at.reset();
  in_lane.clear();
  if (is_coded(inbound)) {
    auto decoder = LegDecoder::create(inbound);
    if (!decoder) return fail(decoder.error());
    leg_decoder = std::move(*decoder);
    inbound = leg_decoder->format();
  }
  MediaStream* way_out = media;
  if (is_coded(outbound)) {
    auto encoder = LegEncoder::create(*media, outbound);
    if (!encoder) return fail(encoder.error());
    leg_encoder = std::move(*encoder);
    outbound = leg_encoder->format();
    way_out = leg_encoder.get();
  }
  const AudioFormat in = model_format_for(inbound);
  const AudioFormat out = model_format_for(outbound);
  if (auto joined = caller_audio.configure(inbound, in); !joined) return joined;
  if (out != outbound) {
    auto transcoder = Transcoder::create(out, outbound);
    if (!transcoder) return fail(transcoder.error());
    to_carrier = std::make_unique<Transcoder>(std::move(*transcoder));
  }
  playback = std::make_unique<Playback>(*way_out, outbound, options.playback);
  playback->set_tap(this);
  voice = std::make_unique<LegVoice>(*playback);
  record.lane = describe_lane(start.inbound, in);
  return {};
}

Result<> CallSession::Impl::open_local_turns() {
  VadOptions vad;
  vad.threshold = options.speech.turns.threshold;
  vad.prefix_padding = options.speech.turns.prefix_padding;
  vad.silence_duration = options.speech.turns.silence;
  LocalTurns::Observer observer;
  observer.on_activity = [this](bool speaking) { local_activity = speaking; };
  observer.on_commit = [this](bool respond) { local_commit = respond; };
  auto turns = LocalTurns::create(inbound, vad, options.min_commit, options.max_commit, observer);
  if (!turns) return fail(turns.error());
  local_turns = std::move(*turns);
  return {};
}

/// Where audio stands on the call's timeline: by the stream's own clock, on which frames follow
/// each other without jitter, and by its arrival where the two have drifted apart.
Millis CallSession::Impl::caller_position(Millis position, TimePoint now) {
  constexpr Millis kDrift{300};
  const Millis arrived = since_start(now);
  if (!stream_began_at || std::chrono::abs(*stream_began_at + position - arrived) > kDrift) {
    stream_began_at = arrived - position;
  }
  return *stream_began_at + position;
}

void CallSession::Impl::media_audio(const AudioPayload& audio, Millis position, TimePoint now) {
  if (over() || !media_started) return;
  const Millis at = caller_position(position, now);
  if (!leg_decoder) {
    if (tap) tap->on_caller_audio(audio, at);
    return hear_caller(audio, position, now);
  }
  const auto heard = leg_decoder->decode(audio, position);
  record.counters.caller_frames_undecodable = leg_decoder->undecodable();
  if (!heard) return;
  const auto concealed = std::chrono::duration_cast<Millis>(heard->concealed);
  if (tap) tap->on_caller_audio(heard->audio, at - concealed);
  hear_caller(heard->audio, position - concealed, now);
}

void CallSession::Impl::hear_caller(const AudioPayload& audio, Millis position, TimePoint now) {
  if (hold_music) return;  // Silence goes to the model in its place.
  caller_audio.on_audio(audio, position, now);
  if (!local_turns) return;
  local_activity.reset();
  local_commit.reset();
  local_turns->on_audio(audio);
  if (local_activity) caller_activity(*local_activity, now);
  if (local_commit && speech && model_ready() && !over()) {
    speech->request(EndTurn{*local_commit}, now);
    if (*local_commit) arm(kReply, options.reply_timeout, now);
  }
}

void CallSession::Impl::media_mark(std::string_view name, TimePoint now) {
  if (over() || !playback) return;
  playback->on_mark(name, now);
  if (playback->drained()) heard_out(now);
}

void CallSession::Impl::media_played(Micros played, TimePoint now) {
  if (over() || !playback) return;
  playback->on_played(played, now);
  if (playback->drained()) heard_out(now);
}

void CallSession::Impl::media_stop(const std::optional<Error>& why, TimePoint now) {
  if (over()) return;
  if (leaving) return stream_left(now);
  end_hold(now);
  media = nullptr;
  caller_audio.hold();
  disarm(kMedia);
  note(now, "media", why ? "stream failed: " + why->message : "stream ended");
  // A carrier may need the leg for itself to speak; how long, the apology's own cap says.
  if (apologising && !playing_apology && !options.media_is_call && !hang_up_sent) return;
  if (options.media_is_call) {
    const EndReason reason = state == CallState::ending ? ending_reason
                             : why                      ? EndReason::media_failed
                                                        : EndReason::caller_hangup;
    return finish(reason, why ? why->message : "stream ended", now);
  }
  if (why) return hang_up(EndReason::media_failed, why->message, now);
  arm(kGone, kGoneAfterMedia, now);
}

/// The agent's voice is on its way to the caller: this is what a person waits for.
void CallSession::Impl::first_sound(TimePoint now) {
  agent_heard(true);
  if (turn_ended_at) {
    record.latencies.end_of_speech_to_first_audio.push_back(
        std::chrono::duration_cast<Millis>(now - *turn_ended_at));
    turn_ended_at.reset();
  }
  if (answered_at && !record.latencies.answer_to_first_audio) {
    record.latencies.answer_to_first_audio = std::chrono::duration_cast<Millis>(now - *answered_at);
  }
}

void CallSession::Impl::on_played(const AudioPayload& audio, TimePoint heard_at) {
  // Measured to the moment the audio leaves this process, not to when the queue will have played.
  first_sound(sending_at);
  if (tap) tap->on_agent_audio(audio, since_start(heard_at));
}

void CallSession::Impl::on_cleared(TimePoint at) {
  if (tap) tap->on_agent_cut(since_start(at));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
