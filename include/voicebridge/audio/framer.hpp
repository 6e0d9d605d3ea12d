#pragma once

#include <algorithm>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Cuts a stream of a constant-rate format into whole frames: carriers click on shorter ones. Holds
/// less than one frame. `on_frame` is called with a `ByteView` that is valid during the call only,
/// and must not call the framer. One thread at a time.
class VOICEBRIDGE_API Framer {
 public:
  /// Fails with `Errc::unsupported` for formats without a constant rate, `Errc::invalid_argument`
  /// when `frame` is not 10 to 1,000 ms or holds no whole number of samples.
  static Result<Framer> create(AudioFormat format, Millis frame = Millis(20));

  /// The size of a whole frame.
  std::size_t frame_bytes() const noexcept { return frame_bytes_; }
  /// Bytes waiting for the rest of their frame.
  std::size_t pending() const noexcept { return held_.size(); }

  /// Calls `on_frame` with each frame that `bytes` complete.
  template <class OnFrame>
  void push(ByteView bytes, OnFrame&& on_frame) {
    if (!held_.empty()) {
      bytes = bytes.subview(hold(bytes));
      if (held_.size() < frame_bytes_) return;
      on_frame(ByteView(held_));
      held_.clear();
    }
    while (bytes.size() >= frame_bytes_) {
      on_frame(bytes.subview(0, frame_bytes_));
      bytes = bytes.subview(frame_bytes_);
    }
    hold(bytes);
  }

  /// Fills the last frame with silence and calls `on_frame` with it, when there is one.
  template <class OnFrame>
  void flush(OnFrame&& on_frame) {
    if (held_.empty()) return;
    held_.resize(frame_bytes_, silence_);
    on_frame(ByteView(held_));
    held_.clear();
  }

  /// Drops the bytes that wait.
  void reset() noexcept { held_.clear(); }

 private:
  Framer(std::size_t frame_bytes, std::uint8_t silence);
  /// Takes what still fits into the frame; returns how much that was.
  std::size_t hold(ByteView bytes);

  std::size_t frame_bytes_;
  std::uint8_t silence_;
  Bytes held_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
