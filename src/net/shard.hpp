#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "net/asio.hpp"
#include "net/media_set.hpp"
#include "net/offload_pool.hpp"
#include "net/timer_queue.hpp"
#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/net/runtime.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// One event loop: an io_context, the timers over it and the open WebSockets that live on it.
///
/// Everything on a shard runs on one thread, so that nothing of it needs a lock. Tasks and
/// callbacks must not throw.
class Shard final : public Scheduler, private LoopDuties {
 public:
  Shard(unsigned index, const TickPolicy& tick, MetricsRegistry& metrics, OffloadPool& pool);
  ~Shard() override;

  // Scheduler
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
  void post(Task task) override;
  TimerId run_at(TimePoint when, Task task) override;
  void cancel(TimerId timer) override;
  bool offload(Task work) override;

  unsigned index() const { return index_; }
  /// For sockets that Asio serves: listeners, HTTP connections, connections on their way.
  asio::io_context& io() { return io_; }
  MediaSet& media() { return *media_; }
  /// Whether the caller is on the shard's thread.
  bool is_current() const {
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  /// Drives the loop on this thread until the shard has stopped.
  void run();
  /// Does what is ready; the number of things done.
  std::size_t poll();
  /// Closes the WebSockets with 1001 and ends the loop when they are gone, or after `kStopGrace`.
  /// Any thread.
  void stop();
  /// Whether `stop` is done: the loop has ended.
  bool stopped() const { return io_.stopped(); }

  static constexpr Millis kStopGrace{1000};
  static constexpr Millis kTimerStep{5};  ///< Timers further off come up to this later.

 private:
  void begin_stop();
  void end_loop();
  void arm_timer();
  void on_timer();
  TimePoint free_until() const override;
  TimePoint timers_due() const override { return wake_at_.value_or(TimePoint::max()); }
  void run_due_timers() override;

  unsigned index_;
  OffloadPool& pool_;
  TimerQueue
      timers_;  // outlives the io_context, whose last handlers may cancel timers when they go
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer timer_;
  Deadline wake_at_;    ///< When timers are to run next …
  Deadline armed_for_;  ///< … and when `timer_` fires, which may be sooner.
  bool stopping_ = false;
  bool polled_ = false;              ///< The application drives the loop.
  std::atomic<bool> posted_{false};  ///< A task waits, or has just run: a hint.
  std::unique_ptr<MediaSet> media_;
  std::atomic<std::thread::id> thread_{};
};

/// Hands a connection to `shard`, from any thread. `setup.handler->on_open` runs there: inside this
/// call when the caller is on that thread, else soon. If the shard stops before, the connection is
/// closed unseen.
void adopt(Shard& shard, MediaSetup setup);

/// The shard behind a scheduler that the application named; null when it is none of the runtime's.
Shard* find_shard(Runtime& runtime, const Scheduler& scheduler);

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
