#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "voicebridge/core/metrics.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Threads for work that blocks, behind a bounded queue. Any thread.
class OffloadPool {
 public:
  using Work = std::function<void()>;

  OffloadPool(unsigned threads, std::size_t queue_limit, MetricsRegistry& metrics);
  ~OffloadPool();  ///< Runs what was accepted, then joins.
  OffloadPool(const OffloadPool&) = delete;
  OffloadPool& operator=(const OffloadPool&) = delete;

  /// False when the queue is full or the pool is stopping: `work` will not run. `work` must not
  /// throw.
  bool submit(Work work);
  /// No more work is accepted; what was accepted runs, then the threads are joined.
  void stop();

 private:
  void serve();

  const std::size_t queue_limit_;
  Counter& refused_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
