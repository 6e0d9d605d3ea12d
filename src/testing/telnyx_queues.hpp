#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// The call queues of `enqueue`: who waits where, in order.
class TelnyxQueues {
 public:
  struct Waiting {
    std::string call;
    TimePoint since{};
  };
  struct Left {
    std::string queue;
    std::size_t position = 0;  ///< From 1.
    Millis waited{0};
  };

  bool full(const std::string& queue, std::size_t size_when_new) {
    const auto found = sizes_.emplace(queue, size_when_new).first;
    return queues_[queue].size() >= found->second;
  }
  /// @return the position, from 1.
  std::size_t add(const std::string& queue, const std::string& call, TimePoint now) {
    queues_[queue].push_back({call, now});
    return queues_[queue].size();
  }
  bool contains(const std::string& call) const {
    return std::any_of(queues_.begin(), queues_.end(), [&](const auto& queue) {
      return std::any_of(queue.second.begin(), queue.second.end(),
                         [&](const Waiting& waiting) { return waiting.call == call; });
    });
  }
  std::optional<Left> remove(const std::string& call, TimePoint now) {
    for (auto& [name, waiting] : queues_) {
      for (auto it = waiting.begin(); it != waiting.end(); ++it) {
        if (it->call != call) continue;
        const Left left{name, static_cast<std::size_t>(it - waiting.begin()) + 1,
                        std::chrono::duration_cast<Millis>(now - it->since)};
        waiting.erase(it);
        return left;
      }
    }
    return std::nullopt;
  }
  /// Who is next; empty: nobody.
  std::string first(const std::string& queue) const {
    const auto found = queues_.find(queue);
    return found == queues_.end() || found->second.empty() ? "" : found->second.front().call;
  }

 private:
  std::map<std::string, std::deque<Waiting>> queues_;
  std::map<std::string, std::size_t> sizes_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
