#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "net/offload_pool.hpp"
#include "net/shard.hpp"
#include "voicebridge/net/runtime.hpp"

namespace voicebridge {

struct Runtime::Impl {
  explicit Impl(RuntimeOptions runtime_options);
  ~Impl();

  void start_threads();
  void stop();

  RuntimeOptions options;
  MetricsRegistry metrics;
  net::OffloadPool offload;
  std::vector<std::unique_ptr<net::Shard>> shards;
  std::vector<std::thread> threads;  ///< One a shard; none when the application drives the loop.
  std::atomic<unsigned> next_shard{0};
};

}  // namespace voicebridge
