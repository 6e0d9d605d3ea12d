#include "voicebridge/net/runtime.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "net/runtime_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

Runtime::Impl::Impl(RuntimeOptions runtime_options)
    : options(std::move(runtime_options)),
      offload(options.offload_threads, options.offload_queue, metrics) {
  const unsigned count = options.threads == 0 ? 1 : options.threads;
  for (unsigned i = 0; i < count; ++i) {
    shards.push_back(std::make_unique<net::Shard>(i, options.tick, metrics, offload));
  }
}

Runtime::Impl::~Impl() {
  stop();
  join();
}

void Runtime::Impl::join() {
  if (threads.empty()) shards.front()->run();
  for (std::thread& thread : threads) {
    if (thread.joinable()) thread.join();
  }
  offload.stop();
}

void Runtime::Impl::start_threads() {
  if (options.threads == 0) return;
  for (const auto& shard : shards) {
    threads.emplace_back([shard = shard.get()] { shard->run(); });
  }
}

void Runtime::Impl::stop() {
  std::vector<std::weak_ptr<net::StopListener>> listeners;
  {
    const std::lock_guard lock(stop_mutex);
    listeners.swap(stop_listeners);
  }
  for (const auto& weak : listeners) {
    if (const auto listener = weak.lock()) listener->on_runtime_stop();
  }
  for (const auto& shard : shards) shard->stop();
}

void Runtime::Impl::add_stop_listener(std::weak_ptr<net::StopListener> listener) {
  const std::lock_guard lock(stop_mutex);
  stop_listeners.erase(std::remove_if(stop_listeners.begin(), stop_listeners.end(),
                                      [](const auto& weak) { return weak.expired(); }),
                       stop_listeners.end());
  stop_listeners.push_back(std::move(listener));
}

Runtime::Runtime() = default;
Runtime::~Runtime() = default;

Result<std::unique_ptr<Runtime>> Runtime::create(RuntimeOptions options) {
  if (options.tick.mode != TickPolicy::Mode::off && options.tick.interval <= Micros::zero()) {
    return fail(Errc::invalid_argument, "a tick needs an interval above zero", "tick.interval");
  }
  try {
    std::unique_ptr<Runtime> runtime(new Runtime());
    runtime->impl_ = std::make_unique<Impl>(std::move(options));
    runtime->impl_->start_threads();
    return runtime;
  } catch (const std::exception& error) {
    return fail(Errc::internal, std::string("no event loop could be made: ") + error.what());
  }
}

unsigned Runtime::shard_count() const noexcept {
  return static_cast<unsigned>(impl_->shards.size());
}

Scheduler& Runtime::shard(unsigned index) { return *impl_->shards.at(index); }

Scheduler& Runtime::next_shard() {
  return shard(impl_->next_shard.fetch_add(1, std::memory_order_relaxed) % shard_count());
}

MetricsRegistry& Runtime::metrics() { return impl_->metrics; }
const Logger& Runtime::log() const { return impl_->options.log; }

void Runtime::run() {
  if (impl_->threads.empty()) impl_->shards.front()->run();
}

std::size_t Runtime::poll() { return impl_->threads.empty() ? impl_->shards.front()->poll() : 0; }

void Runtime::stop() { impl_->stop(); }
void Runtime::join() { impl_->join(); }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
