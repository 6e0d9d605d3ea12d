#pragma once

#include <string>
#include <utility>
#include <vector>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Lends string buffers, so that sockets which need one for a moment neither keep nor allocate it.
/// One thread.
class BufferPool {
 public:
  /// An empty string, with capacity when one was given back.
  std::string take() {
    if (free_.empty()) return {};
    std::string buffer = std::move(free_.back());
    free_.pop_back();
    kept_bytes_ -= buffer.capacity();
    return buffer;
  }

  /// Leaves `buffer` empty and without memory.
  void give(std::string& buffer) {
    std::string returned = std::exchange(buffer, std::string());
    if (returned.capacity() < kSmallest || returned.capacity() > kLargest) return;
    if (kept_bytes_ + returned.capacity() > kMostKept) return;
    kept_bytes_ += returned.capacity();
    returned.clear();
    free_.push_back(std::move(returned));
  }

 private:
  static constexpr std::size_t kMostKept = 4 * 1024 * 1024;  ///< In bytes.
  static constexpr std::size_t kSmallest = 64;
  static constexpr std::size_t kLargest = 64 * 1024;
  std::vector<std::string> free_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
