#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "net/offload_pool.hpp"
#include "net/shard.hpp"
#include "net/stop_listener.hpp"
#include "voicebridge/net/runtime.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

struct Runtime::Impl {
  explicit Impl(RuntimeOptions runtime_options);
  ~Impl();

  void start_threads();
  void stop();
  void join();
  /// `listener` is told when the runtime stops, before the loops are: they still run what it posts.
  /// Any thread.
  void add_stop_listener(std::weak_ptr<net::StopListener> listener);

  RuntimeOptions options;
  MetricsRegistry metrics;
  net::OffloadPool offload;
  std::vector<std::unique_ptr<net::Shard>> shards;
  std::vector<std::thread> threads;  ///< One a shard; none when the application drives the loop.
  std::atomic<unsigned> next_shard{0};
  std::mutex stop_mutex;
  std::vector<std::weak_ptr<net::StopListener>> stop_listeners;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
