#include "net/shard.hpp"

#include <utility>

#include "net/runtime_impl.hpp"
#include "net/ws/codec.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

Shard::Shard(unsigned index, const TickPolicy& tick, MetricsRegistry& metrics, OffloadPool& pool)
    : index_(index),
      pool_(pool),
      io_(1),  // one thread runs it
      work_(asio::make_work_guard(io_)),
      timer_(io_),
      media_(new MediaSet(*this, io_, tick, metrics, *this)) {}

Shard::~Shard() {
  timers_.clear();
  media_.reset();
}

void Shard::post(Task task) {
  posted_.store(true, std::memory_order_relaxed);
  asio::post(io_, [this, task = std::move(task)]() mutable {
    posted_.store(false, std::memory_order_relaxed);
    task();
  });
}

/// A loop that the application drives is never held up.
TimePoint Shard::free_until() const {
  const bool wanted = polled_ || posted_.load(std::memory_order_relaxed);
  return wanted ? TimePoint::min() : TimePoint::max();
}

Shard::TimerId Shard::run_at(TimePoint when, Task task) {
  const TimerId id = timers_.add(when, std::move(task));
  arm_timer();
  return id;
}

void Shard::cancel(TimerId timer) { timers_.cancel(timer); }

bool Shard::offload(Task work) { return pool_.submit(std::move(work)); }

/// Only ever moves the wake-up forward: one that comes too early costs less than moving it back
/// each time. Wake-ups stand `kTimerStep` apart, so that a thousand calls' timers come in
/// hundreds; what is due at once is not held up.
void Shard::arm_timer() {
  Deadline next = timers_.next();
  if (next && *next > now() + kTimerStep) {
    const auto steps =
        (next->time_since_epoch() + kTimerStep - TimePoint::duration(1)) / kTimerStep;
    next = TimePoint(steps * kTimerStep);
  }
  if (!wake_at_ || !next || *next < *wake_at_) wake_at_ = next;
  if (!next || (armed_for_ && *armed_for_ <= *next)) return;
  armed_for_ = next;
  timer_.expires_at(*next);
  timer_.async_wait([this](const asio::error_code& error) {
    if (!error) on_timer();
  });
}

void Shard::on_timer() {
  armed_for_.reset();
  run_due_timers();
}

/// Asio's timer stays as it is when it fires early: moving it is what the loop is spared here.
void Shard::run_due_timers() {
  wake_at_.reset();
  timers_.run_due(now());
  arm_timer();
}

void Shard::run() {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  polled_ = false;
  io_.run();
}

std::size_t Shard::poll() {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  polled_ = true;
  return io_.poll();
}

void Shard::stop() {
  post([this] { begin_stop(); });
}

void Shard::begin_stop() {
  if (std::exchange(stopping_, true)) return;
  media_->close_all(ws::kCloseGoingAway, "going away", [this] { end_loop(); });
  run_at(now() + kStopGrace, [this] { media_->abort_all(); });
}

void Shard::end_loop() {
  // Behind what the last handlers have posted.
  post([this] {
    work_.reset();
    io_.stop();
  });
}

void adopt(Shard& shard, MediaSetup setup) {
  if (shard.is_current()) return shard.media().adopt(std::move(setup));
  asio::post(shard.io(), [&shard, setup = std::move(setup)]() mutable {
    shard.media().adopt(std::move(setup));
  });
}

Shard* find_shard(Runtime& runtime, const Scheduler& scheduler) {
  for (const auto& shard : runtime.impl().shards) {
    if (shard.get() == &scheduler) return shard.get();
  }
  return nullptr;
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
