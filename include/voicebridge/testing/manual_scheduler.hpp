#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <utility>

#include "voicebridge/core/scheduler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A scheduler whose clock stands still until a test moves it. What is due runs in the order of
/// (time, moment it was asked for), so that a run with the same inputs is the same run.
///
/// @par Threads `post`, `offload` and `now` from any thread; everything else from the one that
/// drives it.
class VOICEBRIDGE_API ManualScheduler : public Scheduler {
 public:
  /// Where it begins, and how blocking work behaves.
  struct Options {
    TimePoint start{std::chrono::hours(1)};  ///< Not 0, so that "never" and "at the start" differ.
    Millis offload_delay{0};                 ///< How long blocking work takes, in virtual time.
    std::size_t offload_limit = 1024;        ///< Work waiting at once; beyond it `offload` says no.
  };

  ManualScheduler();
  /// By these options.
  explicit ManualScheduler(Options options);

  /// As it was last moved to.
  TimePoint now() const override;
  /// Runs at the next `run_ready` or move of the clock.
  void post(Task task) override;
  TimerId run_at(TimePoint when, Task task) override;
  void cancel(TimerId timer) override;
  /// The work runs on the driving thread, `offload_delay` later, between the tasks.
  bool offload(Task work) override;

  /// Runs all that is due now, also what that posts, until nothing is. Returns how many tasks ran.
  std::size_t run_ready();
  /// Moves the clock from one due time to the next up to `when`, running what is due at each.
  void advance_to(TimePoint when);
  /// Moves the clock by so much.
  void advance(Millis by) { advance_to(now() + by); }

  /// Timers that have neither run nor been cancelled.
  std::size_t pending_timers() const;
  /// Offloaded work that has not run.
  std::size_t pending_offloads() const;
  /// When the next task, timer or work is due.
  Deadline next_due() const;
  /// Work offloaded from now on takes this long.
  void set_offload_delay(Millis delay);

 private:
  enum class Kind { task, timer, work };
  struct Entry {
    Kind kind;
    Task task;
  };
  using Key = std::pair<TimePoint, TimerId>;

  TimerId add(TimePoint when, Kind kind, Task task);
  bool take_due(Task& task);
  std::size_t count(Kind kind) const;

  mutable std::mutex mutex_;
  std::map<Key, Entry> agenda_;
  std::map<TimerId, TimePoint> timers_;
  TimePoint now_;
  TimerId next_id_ = 1;
  Millis offload_delay_;
  std::size_t offload_limit_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
