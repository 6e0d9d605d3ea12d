#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Remembers texts for a while. When it is full the oldest one is forgotten early, and counted.
class RecentSet {
 public:
  RecentSet(Millis keep, std::size_t max_entries) : keep_(keep), max_entries_(max_entries) {}

  /// Whether the text was not remembered yet; now it is.
  bool insert(std::string_view text, UnixMillis now) {
    forget_before(now - keep_.count());
    if (!known_.insert(std::string(text)).second) return false;
    order_.push_back({std::string(text), now});
    if (order_.size() > max_entries_) {
      ++forgotten_early_;
      forget_oldest();
    }
    return true;
  }
  std::size_t size() const { return order_.size(); }
  std::size_t forgotten_early() const { return forgotten_early_; }

 private:
  struct Entry {
    std::string text;
    UnixMillis since;
  };
  void forget_before(UnixMillis limit) {
    while (!order_.empty() && order_.front().since < limit) forget_oldest();
  }
  void forget_oldest() {
    known_.erase(order_.front().text);
    order_.pop_front();
  }

  Millis keep_;
  std::size_t max_entries_;
  std::size_t forgotten_early_ = 0;
  std::unordered_set<std::string> known_;
  std::deque<Entry> order_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
