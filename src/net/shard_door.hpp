#pragma once

#include <mutex>

#include "voicebridge/core/scheduler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// A way to a scheduler for threads that may outlive it. @par Threads Any.
class ShardDoor {
 public:
  explicit ShardDoor(Scheduler& scheduler) : scheduler_(&scheduler) {}

  /// Posts `task`, or drops it when the door is closed.
  void post(Scheduler::Task task) {
    const std::lock_guard lock(mutex_);
    if (scheduler_ != nullptr) scheduler_->post(std::move(task));
  }

  /// The scheduler is not touched after this returns.
  void close() {
    const std::lock_guard lock(mutex_);
    scheduler_ = nullptr;
  }

 private:
  std::mutex mutex_;
  Scheduler* scheduler_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
