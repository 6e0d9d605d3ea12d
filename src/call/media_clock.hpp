#pragma once

#include <cstdint>
#include <optional>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// Tells where in the caller's time each frame begins: 0 for the first one, and jumping over what
/// is missing.
///
/// Where the unit of the timestamps is not documented they are believed from the moment two
/// neighbouring frames differ by as many milliseconds as the first one lasts; until then, and
/// without them, the bytes are counted and a lost frame is taken to be as long as the one after it.
///
/// Frames that were stamped late, and come in a burst with one timestamp, lie one behind the other;
/// those after them do not leave a gap because of that.
class MediaClock {
 public:
  enum class Timestamps { to_be_proved, in_milliseconds };
  explicit MediaClock(Timestamps timestamps = Timestamps::to_be_proved)
      : in_milliseconds_(timestamps == Timestamps::in_milliseconds) {}

  /// @param missing  Frames lost just before this one.
  /// @param duration  Of this frame.
  Millis next(std::optional<std::uint64_t> timestamp, std::uint64_t missing, Micros duration);

 private:
  std::optional<Millis> step_to(std::optional<std::uint64_t> timestamp) const;
  Micros advance(Micros step);
  void run_ahead(Micros by);
  bool lasts_as_long_as_the_frame(Millis step) const;

  Micros position_{0};       ///< Of the frame before.
  Micros last_duration_{0};  ///< Of the frame before.
  Micros ahead_{0};          ///< How far `position_` is beyond its timestamp.
  std::optional<std::uint64_t> last_timestamp_;
  bool begun_ = false;
  bool in_milliseconds_;
};

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
