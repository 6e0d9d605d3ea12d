#pragma once

#include <string>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Reads the wall off the monotonic clock, so that a run on the manual clock writes the same times
/// again.
class WallClock {
 public:
  WallClock(UnixMillis wall, TimePoint at) : wall_(wall), at_(at) {}

  UnixMillis millis(TimePoint now) const { return micros(now) / 1000; }

  /// `2026-11-21T09:30:00.123456Z`, as Telnyx writes `occurred_at`.
  std::string iso(TimePoint now) const {
    const std::int64_t total = micros(now);
    std::string text = to_iso8601(total / 1000);
    const std::string rest = std::to_string(1000 + total % 1000);
    text.insert(text.size() - 1, rest, 1, 3);
    return text;
  }

 private:
  std::int64_t micros(TimePoint now) const {
    return wall_ * 1000 + std::chrono::duration_cast<Micros>(now - at_).count();
  }

  UnixMillis wall_;
  TimePoint at_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
