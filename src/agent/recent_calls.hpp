#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// The last call for each key, such as a number. Forgets those that were asked for longest ago.
class RecentCalls {
 public:
  struct Entry {
    std::string call_id;
    TimePoint at;
    std::string wish;  ///< What exactly was asked for.
  };
  explicit RecentCalls(std::size_t max = 10000) : max_(max) {}

  const Entry* find(const std::string& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }
  void put(const std::string& key, Entry entry) {
    while (order_.size() >= max_) {
      const auto oldest = entries_.find(order_.front().first);
      const bool renewed = oldest == entries_.end() || oldest->second.at != order_.front().second;
      if (!renewed) entries_.erase(oldest);
      order_.pop_front();
    }
    order_.emplace_back(key, entry.at);
    entries_[key] = std::move(entry);
  }
  /// Only when the key still leads to this call.
  void forget(const std::string& key, const std::string& call_id) {
    const auto found = entries_.find(key);
    if (found != entries_.end() && found->second.call_id == call_id) entries_.erase(found);
  }

 private:
  std::size_t max_;
  std::map<std::string, Entry> entries_;
  std::deque<std::pair<std::string, TimePoint>> order_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
