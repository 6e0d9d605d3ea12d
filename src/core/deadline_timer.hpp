#pragma once

#include <memory>
#include <utility>

#include "voicebridge/core/scheduler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// The one timer behind all deadlines of its owner, in which it lies. A deadline that moves away
/// leaves the timer as it is: it fires early, and whoever owns it looks again. That is cheaper than
/// moving a timer with every audio frame.
/// @par Threads The scheduler's.
class DeadlineTimer {
 public:
  /// Sees to it that `due` is told at `next` or before. Without a deadline nothing changes.
  /// @param on     The same in every call.
  /// @param owner  In a `shared_ptr`.
  /// @param due    Called with the owner, if that still lives; the timer is at rest then.
  template <class Owner, class Due>
  void follow(Scheduler& on, const Deadline& next, Owner& owner, Due due) {
    if (!next || fires_by(*next)) return;
    cancel(on);
    at_ = *next;
    id_ = on.run_at(at_, [this, weak = owner.weak_from_this(), due = std::move(due)] {
      const auto self = weak.lock();
      if (!self) return;
      id_ = 0;
      due(*self);
    });
  }
  void cancel(Scheduler& on) {
    if (id_ != 0) on.cancel(std::exchange(id_, 0));
  }
  bool fires_by(TimePoint when) const { return id_ != 0 && at_ <= when; }

 private:
  Scheduler::TimerId id_ = 0;  ///< 0: at rest.
  TimePoint at_;
};

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
