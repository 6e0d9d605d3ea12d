// What a caller hears while somebody else's phone rings for them, and how they come back.
#include "agent/call_session_impl.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::string_view kMusicName = "hold music";
constexpr Millis kMusicPiece{1000};
/// A silence of a caller who waits in company is ended even where others are not.
constexpr Millis kCompanyPause{10000};

}  // namespace

bool CallSession::Impl::in_company() const {
  return transfer && transfer->asked && transfer->target.is_warm() &&
         transfer->target.meanwhile == TransferTarget::Meanwhile::company;
}

/// How long a caller in company, or any other, is left in silence; 0: for ever.
Millis CallSession::Impl::longest_silence() const {
  const Millis usual = options.silence_prompt_after;
  return in_company() && usual == Millis(0) ? kCompanyPause : usual;
}

/// The other phone is about to ring.
void CallSession::Impl::begin_waiting(TimePoint now) {
  if (!transfer->target.is_warm()) return;
  if (in_company()) return ask({transfer->target.company, true}, now);
  // Where the service carries the audio it is the carrier that holds the caller.
  if (!playback) return;
  if (agent_audible(now) || reply_active) silence_agent(InterruptCause::policy, now);
  auto music = HoldMusic::create(outbound, options.hold_music);
  if (!music) return note(now, "error", "no hold music: " + music.error().message);
  hold_music = std::make_unique<HoldMusic>(std::move(*music));
  turn_ended_at.reset();  // Music is no answer.
  note(now, "media", "the caller is on hold");
  // A piece ahead of the one that plays.
  play_hold_music(now);
  play_hold_music(now);
}

void CallSession::Impl::play_hold_music(TimePoint now) {
  if (!hold_music || !playback || media == nullptr) return;
  transcoded.clear();
  if (const auto made = hold_music->next(kMusicPiece, transcoded); !made) {
    note(now, "error", "hold music: " + made.error().message);
    return hold_music.reset();
  }
  sending_at = now;
  playback->push(kMusicName, AudioPayload::from_bytes(outbound, transcoded), now);
  arm(kHold, kMusicPiece, now);
}

void CallSession::Impl::end_hold(TimePoint now) {
  disarm(kHold);
  if (!hold_music) return;
  hold_music.reset();
  if (playback && media != nullptr) playback->clear(now);
}

/// The stream of a caller who leaves has ended. Should they come back, it is by another.
void CallSession::Impl::stream_left(TimePoint now) {
  if (service_voice) return;  // The service carries the audio: there was no stream.
  note(now, "media", "stream ended for the transfer");
  end_hold(now);
  if (voice && voice->audible(now)) voice->stop(now);
  media = nullptr;
  media_started = false;
  caller_audio.hold();
  caller_speaking = false;
  local_turns.reset();
  to_carrier.reset();
  voice.reset();
  if (playback) add_counters(earlier_streams, playback->counters());
  playback.reset();
}

void CallSession::Impl::add_counters(Playback::Counters& into, const Playback::Counters& more) {
  into.sent_bytes += more.sent_bytes;
  into.padding_bytes += more.padding_bytes;
  into.overflow_bytes += more.overflow_bytes;
  into.cut_bytes += more.cut_bytes;
  into.refused_bytes += more.refused_bytes;
}

void CallSession::Impl::caller_leaving(TimePoint now) {
  if (over() || leaving) return;
  leaving = true;
  note(now, "state", "the leg is being handed over");
}

/// The agent has the caller again; they hear it as soon as they can hear.
void CallSession::Impl::caller_came_back(const Error& why, TimePoint now) {
  end_hold(now);
  note(now, "error", "transfer failed: " + why.message);
  log.warn("call", "transfer failed", {{"call", options.call_id}, {"error", to_string(why)}});
  if (!media_started && !service_voice) {
    transfer->failure = why;
    return arm(kMedia, options.media_timeout, now);
  }
  tell_transfer_failure(why, now);
}

void CallSession::Impl::tell_transfer_failure(const Error& why, TimePoint now) {
  const HandingOn done = *transfer;
  transfer.reset();
  leaving = false;
  if (apologising) return hang_up(EndReason::model_failed, record.end_detail, now);
  if (!speech && !timers[kReopen]) return model_failed(why, now);
  JsonWriter out;
  out.object().key("error").object();
  out.field("code", "transfer_failed").field("message", why.message);
  if (!why.provider_code.empty()) out.field("reason", why.provider_code);
  out.end().field("next", done.target.on_failure).end();
  tool_result(done.tool_call, out.take(), now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
