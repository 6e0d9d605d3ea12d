// A session with the model lasts for a limited time: its successor is opened before, and takes over
// between two turns.
#include <algorithm>

#include "agent/call_session_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// The caller's words come some time after they were said; then they are not waited for.
constexpr Millis kWordsCome{5000};
constexpr Millis kLook{1000};            ///< Whether it is quiet enough to take over.
constexpr Millis kAnotherTry{10000};     ///< When the successor could not be opened.
constexpr Millis kGoodbyeInTime{30000};  ///< Where the call cannot outlive the session.

}  // namespace

void CallSession::Impl::lifetime_known(Millis lifetime, TimePoint now) {
  link->ends.reset();
  disarm(kRollover);
  if (lifetime <= Millis(0)) return;
  link->ends = now + lifetime;
  if (service_voice) {
    // The call is the session: there is no other to go on with.
    const TimePoint last_word = now + std::max(lifetime - kGoodbyeInTime, Millis(0));
    timers.arm(kLength, std::min(timers[kLength].value_or(last_word), last_word));
    return;
  }
  arm(kRollover, std::max(lifetime - options.rollover_before, lifetime / 2), now);
}

void CallSession::Impl::roll_over(TimePoint now) {
  const bool goes_on = state == CallState::answered || state == CallState::talking;
  if (!goes_on || !ready) return;
  if (transfer) return arm(kRollover, kAnotherTry, now);
  if (successor) return try_take_over(now);
  std::unique_ptr<SpeechSession> session = host.open_speech();
  if (!session) return arm(kRollover, kAnotherTry, now);
  note(now, "speech", "opening the next session: this one ends soon");
  successor = std::make_unique<ModelLink>(*this, std::move(session));
  start_link(*successor, true, now);
}

void CallSession::Impl::successor_event(const SpeechEvent& event, TimePoint now) {
  if (const auto* is_ready = std::get_if<SpeechReady>(&event)) {
    successor->ready = true;
    if (is_ready->lifetime > Millis(0)) successor->ends = now + is_ready->lifetime;
    return try_take_over(now);
  }
  const auto* gone = std::get_if<SpeechClosed>(&event);
  if (gone == nullptr) return;
  note(
      now, "error",
      "the next session was lost: " + (gone->error ? gone->error->message : std::string("closed")));
  successor->closed = true;
  retired.push_back(std::move(successor));
  if (!gone->fatal) arm(kRollover, kAnotherTry, now);
}

/// Nobody speaks, nothing runs and nothing is owed.
bool CallSession::Impl::between_turns(TimePoint now) const {
  const bool words_to_come =
      !caller_turn_starts.empty() && caller_stopped_at && now - *caller_stopped_at < kWordsCome;
  return state == CallState::talking && greeted && !caller_speaking && !reply_active &&
         !agent_audible(now) && !tools.any_open() && !transfer && !timers[kReply] &&
         !timers[kRetry] && !timers[kDigits] && pending_reconfigures == 0 && !words_to_come;
}

void CallSession::Impl::try_take_over(TimePoint now) {
  if (!successor || !successor->ready || !link) return;
  const bool goes_on = state == CallState::answered || state == CallState::talking;
  if (!goes_on) return;
  const bool last_moment = link->ends && now + options.rollover_force >= *link->ends;
  if (!last_moment && !between_turns(now)) return arm(kRollover, kLook, now);
  if (last_moment) note_break(now);
  note(now, "speech", "the next session takes over",
       {{"between_turns", last_moment ? "false" : "true"}});
  ++record.counters.model_rolled_over;
  retire_link(now);
  promote_successor(now);
}

/// The old session is closed, not destroyed: it may be the one that is speaking to us.
void CallSession::Impl::retire_link(TimePoint now) {
  caller_audio.lose();
  // What was written there so far is lost with it.
  summary_over(std::nullopt, now);
  speech = nullptr;
  link->session().close(now);
  retired.push_back(std::move(link));
}

void CallSession::Impl::promote_successor(TimePoint now) {
  const std::optional<TimePoint> ends = successor->ends;
  use_link(std::move(successor));
  if (!ready) {
    // The old one was lost before this one was there.
    if (!timers[kModel]) arm(kModel, options.model_timeout, now);
    return;
  }
  ready_since = now;
  lifetime_known(ends ? std::chrono::duration_cast<Millis>(*ends - now) : Millis(0), now);
  model_became_ready(now);
}

/// Between the callbacks: sessions that are gone are let go of, and of those that do not close the
/// oldest.
void CallSession::Impl::drop_retired() {
  constexpr std::size_t kMaxClosing = 2;
  retired.erase(
      std::remove_if(retired.begin(), retired.end(), [](const auto& old) { return old->closed; }),
      retired.end());
  while (retired.size() > kMaxClosing) retired.erase(retired.begin());
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
