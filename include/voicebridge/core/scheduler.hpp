#pragma once

#include <cstdint>
#include <functional>

#include "voicebridge/core/time.hpp"
#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// One thread of execution with timers: a shard of the runtime, or the manual clock of the tests.
///
/// @par Threads `post`, `offload` and `now` may be called from any thread; `run_at` and `cancel`
/// only on the scheduler's own. Tasks run on the scheduler's thread, one at a time, in the order
/// posted, and never inside the call that took them.
class VOICEBRIDGE_API Scheduler {
 public:
  /// Work to be done; must not throw.
  using Task = std::function<void()>;
  using TimerId = std::uint64_t;  ///< Never 0; not used again.

  virtual ~Scheduler() = default;

  /// The time by this scheduler's clock.
  virtual TimePoint now() const = 0;
  /// Runs the task on the scheduler's thread, soon.
  virtual void post(Task task) = 0;
  /// Runs `task` once at `when` or soon after; a `when` in the past runs on the next turn of the
  /// loop.
  virtual TimerId run_at(TimePoint when, Task task) = 0;
  /// After this the task does not run. Unknown and past ids are ignored.
  virtual void cancel(TimerId timer) = 0;
  /// Runs blocking work on the offload pool. False when the pool's queue is full: nothing will run.
  virtual bool offload(Task work) = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
