#include "net/offload_pool.hpp"

#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

OffloadPool::OffloadPool(unsigned threads, std::size_t queue_limit, MetricsRegistry& metrics)
    : queue_limit_(queue_limit), refused_(metrics.counter("net.offload.refused")) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

OffloadPool::~OffloadPool() { stop(); }

bool OffloadPool::submit(Work work) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_ || threads_.empty() || queue_.size() >= queue_limit_) {
      refused_.add();
      return false;
    }
    queue_.push_back(std::move(work));
  }
  ready_.notify_one();
  return true;
}

void OffloadPool::stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void OffloadPool::serve() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // what it captured must not be destroyed under the lock
    lock.lock();
  }
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
