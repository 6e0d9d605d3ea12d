#pragma once

#include <cstdint>
#include <mutex>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Keeps what is stored of one call in order, whichever thread of the pool comes first: a write
/// that is older than one already made is left out.
/// @par Threads Any.
class OrderedWrites {
 public:
  template <class Write>
  void in_order(std::uint64_t number, Write write) {
    const std::lock_guard lock(mutex_);
    if (number <= last_) return;
    last_ = number;
    write();
  }

 private:
  std::mutex mutex_;
  std::uint64_t last_ = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
