#pragma once

#include <utility>

#include "voicebridge/core/scheduler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Gives a sans-I/O object its time: keeps one timer of a scheduler at the object's
/// `next_deadline()` and calls `on_deadline(now)` then. Call `rearm()` after every other input.
/// Both must outlive the driver; its thread only.
template <class Rules>
class DeadlineDriver {
 public:
  /// No timer is set before `rearm`.
  DeadlineDriver(Scheduler& scheduler, Rules& rules) : scheduler_(scheduler), rules_(rules) {}
  ~DeadlineDriver() { stop(); }
  DeadlineDriver(const DeadlineDriver&) = delete;
  DeadlineDriver& operator=(const DeadlineDriver&) = delete;

  /// Sets the timer anew.
  void rearm() {
    const Deadline next = rules_.next_deadline();
    if (timer_ != 0 && next == armed_) return;
    stop();
    armed_ = next;
    if (!next) return;
    timer_ = scheduler_.run_at(*next, [this] {
      timer_ = 0;
      rules_.on_deadline(scheduler_.now());
      rearm();
    });
  }

  /// Takes the timer away.
  void stop() {
    if (timer_ != 0) scheduler_.cancel(std::exchange(timer_, 0));
  }

 private:
  Scheduler& scheduler_;
  Rules& rules_;
  Scheduler::TimerId timer_ = 0;
  Deadline armed_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
