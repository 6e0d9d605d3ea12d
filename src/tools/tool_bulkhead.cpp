#include <atomic>

#include "voicebridge/tools/tool_runner.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

struct ToolBulkhead::State {
  explicit State(std::size_t limit) : total(limit) {}
  const std::size_t total;
  std::atomic<std::size_t> running{0};
  std::atomic<std::uint64_t> refused{0};
};

ToolBulkhead::ToolBulkhead(std::size_t total) : state_(std::make_shared<State>(total)) {}

bool ToolBulkhead::enter() noexcept {
  std::size_t running = state_->running.load(std::memory_order_relaxed);
  do {
    if (running >= state_->total) {
      state_->refused.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
  } while (!state_->running.compare_exchange_weak(running, running + 1, std::memory_order_relaxed));
  return true;
}

void ToolBulkhead::leave() noexcept { state_->running.fetch_sub(1, std::memory_order_relaxed); }
std::size_t ToolBulkhead::running() const noexcept {
  return state_->running.load(std::memory_order_relaxed);
}
std::uint64_t ToolBulkhead::refused() const noexcept {
  return state_->refused.load(std::memory_order_relaxed);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
