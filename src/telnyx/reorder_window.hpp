#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "call/media_scanner.hpp"
#include "voicebridge/core/footprint.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

using detail::MediaFrame;

/// Puts frames back into the order of their chunk numbers, which the carrier does not promise to
/// keep.
///
/// A frame that is ahead is held until the missing ones come, three frames are held, or 60 ms have
/// passed; then the missing ones are given up. Frames that come after they were given up are
/// dropped. In order, nothing is copied and nothing allocated.
class ReorderWindow {
 public:
  enum class Verdict {
    deliver,    ///< Next in line: use it now, then `pop` those that were waiting for it.
    held,       ///< Copied; `pop` may already give it, or others, back.
    late,       ///< Given up before: drop it.
    duplicate,  ///< Delivered before, or already held: drop it.
  };
  struct Released {
    MediaFrame frame;       ///< Valid until the next call of `offer`.
    std::uint64_t missing;  ///< Frames given up just before this one.
  };

  Verdict offer(const MediaFrame& frame, std::uint64_t chunk, TimePoint now);
  /// The next held frame whose turn it is.
  std::optional<Released> pop();
  /// When what is missing shall be given up by `on_deadline`.
  Deadline next_deadline() const { return deadline_; }
  void on_deadline(TimePoint now);
  /// What a frame in order touches.
  void footprint(Footprint& to) const;

 private:
  static constexpr std::uint64_t kFrames = 3;
  static constexpr Millis kMaxHold{60};
  /// So many frames from the past in a row are no stragglers: the carrier has begun to count anew.
  static constexpr unsigned kResyncAfter = 25;

  struct Slot {
    bool used = false;
    MediaFrame frame;
    std::uint64_t chunk = 0;
    std::string payload;
  };

  void begin(std::uint64_t chunk);
  Verdict judge_past(std::uint64_t chunk);
  Verdict hold(const MediaFrame& frame, std::uint64_t chunk, TimePoint now);
  void advance_past(std::uint64_t chunk);
  bool delivered(std::uint64_t chunk) const;
  bool begun_ = false;
  bool giving_up_ = false;
  std::uint64_t next_ = 1;
  std::uint64_t delivered_ = 0;  ///< Bit i: chunk `next_ - 1 - i` was delivered.
  unsigned past_in_a_row_ = 0;
  Deadline deadline_;
  std::size_t held_ = 0;  ///< Slots in use: mostly none, and then they need not be looked at.
  std::array<Slot, kFrames + 1> slots_;
};

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
