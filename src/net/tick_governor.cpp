#include "net/tick_governor.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

Deadline TickGovernor::after_batch(TimePoint now, std::size_t messages, bool any_ready) {
  measure(now, messages);
  empty_ticks_ = any_ready ? 0 : empty_ticks_ + 1;
  const bool ticks = policy_.mode == TickPolicy::Mode::fixed ||
                     (policy_.mode == TickPolicy::Mode::by_load && busy_);
  if (!ticks || empty_ticks_ >= kMaxEmptyTicks) {
    tick_.reset();
    empty_ticks_ = 0;
    return {};
  }
  // Ticks keep their rhythm; those that a long batch has run over are left out.
  const TimePoint last = tick_.value_or(now);
  const auto missed = (now - last) / policy_.interval;
  tick_ = last + (missed + 1) * policy_.interval;
  return tick_;
}

void TickGovernor::measure(TimePoint now, std::size_t messages) {
  if (policy_.mode != TickPolicy::Mode::by_load) return;
  if (window_start_ == TimePoint{}) window_start_ = now;
  window_messages_ += messages;
  const auto elapsed = now - window_start_;
  if (elapsed < kWindow) return;
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const double rate = static_cast<double>(window_messages_) / seconds;
  busy_ = rate > (busy_ ? policy_.frames_per_second_off : policy_.frames_per_second_on);
  window_messages_ = 0;
  window_start_ = now;
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
