#pragma once

#include <cstdint>

#include "voicebridge/audio/format.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// Finds out by ear whether L16 comes in the byte order it is taken for, which the vendor does not
/// document. From sample to sample a voice moves by a part of its level; with the bytes swapped it
/// is white noise and jumps over the whole range.
class ByteOrderCheck {
 public:
  enum class Verdict {
    unknown,  ///< Not a second of voice yet.
    right,
    wrong,
  };
  /// `assumed` is `l16le` or `l16be`.
  explicit ByteOrderCheck(AudioFormat assumed) : assumed_(assumed) {}

  /// The next frame, whole samples.
  Verdict listen(ByteView bytes) noexcept;

 private:
  AudioFormat assumed_;
  std::uint64_t samples_ = 0;  ///< Of frames with a voice.
  std::uint64_t little_ = 0;   ///< Sum of the steps between samples of such frames …
  std::uint64_t big_ = 0;      ///< … in either order.
};

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
