#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// One of the sockets that may be open at once; gives its place back when it goes.
/// @par Threads Any.
class StreamPlace {
 public:
  using Count = std::shared_ptr<std::atomic<std::size_t>>;

  /// Nothing when all places are taken.
  static std::optional<StreamPlace> take(const Count& count, std::size_t max) {
    if (count->fetch_add(1) < max) return StreamPlace(count);
    count->fetch_sub(1);
    return std::nullopt;
  }
  StreamPlace(StreamPlace&&) noexcept = default;
  StreamPlace& operator=(StreamPlace&&) = delete;
  ~StreamPlace() {
    if (count_) count_->fetch_sub(1);
  }

 private:
  explicit StreamPlace(Count count) : count_(std::move(count)) {}
  Count count_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
