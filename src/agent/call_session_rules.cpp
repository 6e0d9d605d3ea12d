#include <algorithm>

#include "agent/call_session_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

void CallSession::Impl::on_timer(Timer timer, TimePoint now) {
  switch (timer) {
    case kRing:
      return hang_up(EndReason::not_reached, "no answer in time", now);
    case kMedia:
      return hang_up(EndReason::media_failed, "no media stream came", now);
    case kModel: {
      // It may have refused the leg's format, which is no reason for a silent line.
      Error error;
      error.code = Errc::deadline_exceeded;
      error.message = "the model was not ready in time";
      return model_failed(error, now);
    }
    case kSilence:
      return silence_fell(now);
    case kLength:
      return end_politely(EndReason::length_limit, now);
    case kHardLimit:
      return hang_up(EndReason::length_limit, "longest time reached", now);
    case kReply:
      return reply_overdue(now);
    case kGoodbye:
      if (apologising) return apology_over(now);
      return hang_up(ending_reason, record.end_detail, now);
    case kDrain:
      return hang_up(ending_reason, record.end_detail, now);
    case kGone: {
      // Nobody told us that the leg is gone: it is for us, and the carrier is told to make sure.
      const bool ours = hang_up_sent || state == CallState::ending;
      if (!hang_up_sent) {
        hang_up_sent = true;
        host.hang_up();
      }
      return finish(ours ? ending_reason : EndReason::caller_hangup, record.end_detail, now);
    }
    case kDigits:
      return digits_done(now);
    case kGreet:
      return greet(now);
    case kRetry:
      return retry_reply(now);
    case kReopen:
      return open_model(now);
    case kRollover:
      return roll_over(now);
    case kTransfer:
      return transfer_overdue(now);
    case kHold:
      return play_hold_music(now);
    case kTimerCount:
      return;
  }
}

/// The silence of a call begins when nobody has the word and nothing is under way.
void CallSession::Impl::rearm_silence(TimePoint now) {
  const bool quiet = state == CallState::talking && greeted && !caller_speaking && !reply_active &&
                     (!tools.any_open() || in_company()) && !timers[kReply] && !timers[kRetry];
  if (!quiet || longest_silence() == Millis(0)) return disarm(kSilence);
  const Deadline heard = voice && !voice->drained() ? voice->estimated_end(now) : Deadline();
  timers.arm(kSilence, heard.value_or(now) + longest_silence());
}

void CallSession::Impl::silence_fell(TimePoint now) {
  if (state != CallState::talking) return;
  if (agent_audible(now)) return rearm_silence(now);
  if (in_company()) return ask({transfer->target.company, true}, now);
  if (prompts_used >= options.silence_prompts) {
    note(now, "turn", "nobody speaks any more");
    return end_politely(EndReason::silence, now);
  }
  ++prompts_used;
  note(now, "turn", "asked whether the caller is still there");
  ask({options.silence_prompt, false}, now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
