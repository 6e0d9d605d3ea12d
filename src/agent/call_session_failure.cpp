// When the model fails: an answer is asked for once more, and a caller is never left in silence.
#include <utility>

#include "agent/call_session_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::string_view kApologyName = "apology";

/// Asking again will fail the same way: a key, a right, a quota.
bool is_hopeless(const Error& error) {
  if (error.retryable) return false;
  return error.code == Errc::unauthenticated || error.code == Errc::permission_denied ||
         error.code == Errc::resource_exhausted;
}

}  // namespace

/// One more try, after the time the service named; then the caller is told.
void CallSession::Impl::reply_failed(TimePoint now) {
  const Error error = std::exchange(failed_reply, std::nullopt).value_or(Error());
  note(now, "error", "answer failed: " + error.message);
  const Millis wait = error.retry_after.value_or(Millis(0));
  const bool again = ++failures_in_a_row <= 1 && !is_hopeless(error);
  if (!again || wait > options.retry_wait_max) return model_failed(error, now);
  ++record.counters.replies_retried;
  asked = reply_say;
  if (broken_off()) asked = Say{kFinishSentence, true};
  if (wait <= Millis(0)) return retry_reply(now);
  disarm(kReply);
  arm(kRetry, wait, now);
}

/// The answer stopped in the middle of its words: what was heard of them is kept.
bool CallSession::Impl::broken_off() {
  const std::string utterance = std::exchange(broken_utterance, std::string());
  if (utterance.empty() || service_voice || !reply_spoke) return false;
  transcript.break_off(utterance);
  words_changed(utterance);
  return true;
}

void CallSession::Impl::retry_reply(TimePoint now) {
  if (failed_reply) return reply_failed(now);
  if (goodbye_awaited) return ask_for_last_word(now);
  if (caller_speaking) return;  // Their turn asks for the next answer.
  ask(asked.value_or(Say{"", true}), now);
}

/// The model is gone for good: the caller hears it in words that need no model.
void CallSession::Impl::model_failed(const Error& error, TimePoint now) {
  if (over() || apologising) return;
  if (transfer) {
    // Who is being put through needs no model any more.
    transfer->announcing = false;
    return transfer_when_heard(now);
  }
  note(now, "error", "speech model lost: " + to_string(error));
  if (machine_outlives_model(error, now)) return;
  log.warn("call", "speech model lost", {{"call", options.call_id}, {"error", to_string(error)}});
  disarm(kReopen);
  disarm(kRollover);
  const bool somebody_listens = answered_at.has_value() && !hang_up_sent;
  if (!somebody_listens && options.on_model_lost == ModelLossPolicy::keep && !hang_up_sent) {
    lost_while_ringing = error;  // Who picks up is told then.
    return;
  }
  if (!somebody_listens) return hang_up(EndReason::model_failed, error.message, now);
  apologising = true;
  goodbye_awaited = false;
  if (agent_audible(now)) voice->stop(now);
  if (state != CallState::ending) enter(CallState::ending, now);
  ending_reason = EndReason::model_failed;
  record.end_detail = error.message;
  arm(kGoodbye, options.speak_cap, now);
  if (play_apology(now)) return note(now, "speech", "apology from a recording");
  if (!host.speak(options.apology)) return apology_over(now);
  note(now, "speech", "apology by the carrier's voice");
}

/// False: there is no recording, or nowhere to play it.
bool CallSession::Impl::play_apology(TimePoint now) {
  const WavAudio* wav = options.apology_audio.get();
  if (wav == nullptr || !play_recording(kApologyName, *wav, now)) return false;
  playing_apology = true;
  timers.arm(kGoodbye, playback->estimated_end(now) + Millis(1000));
  return true;
}

/// The caller knows. What is done with them now is the policy's.
void CallSession::Impl::apology_over(TimePoint now) {
  if (over() || !apologising || hang_up_sent || transfer) return;
  playing_apology = false;
  disarm(kGoodbye);
  if (options.on_model_lost == ModelLossPolicy::keep) return;
  const TransferTarget* target =
      options.on_model_lost == ModelLossPolicy::transfer ? transfer_target({}) : nullptr;
  if (target == nullptr) return hang_up(EndReason::model_failed, record.end_detail, now);
  transfer.emplace();
  transfer->target = *target;
  // There is nobody left to keep them company, or to come back to.
  transfer->target.mode = TransferTarget::Mode::cold;
  transfer->announcing = false;
  ask_for_transfer(now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
