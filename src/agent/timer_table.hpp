#pragma once

#include <array>
#include <cstddef>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A few timers with fixed names. Which is due next is asked for with every frame of audio, and
/// they change a few times a turn: so the answer is kept.
template <std::size_t Count>
class TimerTable {
 public:
  void arm(std::size_t timer, TimePoint at) {
    timers_[timer] = at;
    stale_ = true;
  }
  void disarm(std::size_t timer) {
    stale_ = stale_ || timers_[timer].has_value();
    timers_[timer].reset();
  }
  void disarm_all() {
    timers_.fill({});
    stale_ = true;
  }
  /// When the timer is due; empty: it is not armed.
  const Deadline& operator[](std::size_t timer) const { return timers_[timer]; }
  bool due(std::size_t timer, TimePoint now) const {
    return timers_[timer] && *timers_[timer] <= now;
  }

  /// Where the answer is kept: for `Footprint`.
  const Deadline& next_known() const { return next_; }

  Deadline next() const {
    if (stale_) {
      next_.reset();
      for (const Deadline& timer : timers_) next_ = earliest(next_, timer);
      stale_ = false;
    }
    return next_;
  }

 private:
  mutable Deadline next_;
  mutable bool stale_ = false;
  std::array<Deadline, Count> timers_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
