#pragma once

#include <cstddef>

#include "voicebridge/core/time.hpp"
#include "voicebridge/net/runtime.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Decides when a shard serves its ready sockets next: at the next tick, or as soon as one is
/// ready. No clock.
class TickGovernor {
 public:
  explicit TickGovernor(const TickPolicy& policy) : policy_(policy) {}

  /// To be told after each batch: how many messages came, and whether any socket was ready at all.
  /// The time of the next batch; nothing: wake up as soon as something is ready.
  Deadline after_batch(TimePoint now, std::size_t messages, bool any_ready);

 private:
  void measure(TimePoint now, std::size_t messages);

  /// Ticks that find nothing cost CPU for nothing; after so many in a row the shard sleeps.
  static constexpr unsigned kMaxEmptyTicks = 9;
  static constexpr Millis kWindow{100};  ///< Over which the rate of messages is measured.

  const TickPolicy policy_;
  bool busy_ = false;  ///< by_load: the rate is high.
  unsigned empty_ticks_ = 0;
  Deadline tick_;  ///< The tick that was waited for last, while ticking.
  std::size_t window_messages_ = 0;
  TimePoint window_start_{};
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
