#include "byte_order_check.hpp"

#include <cstdlib>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

/// About −42 dBFS: between the noise of a line and a quiet voice.
constexpr int kVoicedPeak = 260;
/// Speech gives 20 and more, white noise on the line 1.
constexpr std::uint64_t kClearly = 4;

struct Steps {
  std::uint64_t sum = 0;
  int peak = 0;
};

Steps steps_of(ByteView bytes, std::size_t low, std::size_t high) noexcept {
  Steps steps;
  int last = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const int sample = static_cast<std::int16_t>(bytes[i + low] | bytes[i + high] << 8);
    if (i > 0) steps.sum += static_cast<std::uint64_t>(std::abs(sample - last));
    if (std::abs(sample) > steps.peak) steps.peak = std::abs(sample);
    last = sample;
  }
  return steps;
}

}  // namespace

ByteOrderCheck::Verdict ByteOrderCheck::listen(ByteView bytes) noexcept {
  const Steps little = steps_of(bytes, 0, 1);
  const Steps big = steps_of(bytes, 1, 0);
  // The smoother of the two is what was said, if anything was.
  const Steps& smoother = little.sum < big.sum ? little : big;
  if (smoother.peak < kVoicedPeak) return Verdict::unknown;
  samples_ += bytes.size() / 2;
  little_ += little.sum;
  big_ += big.sum;
  if (samples_ < assumed_.sample_rate) return Verdict::unknown;
  const bool little_assumed = assumed_.encoding == AudioEncoding::l16le;
  const std::uint64_t as_assumed = little_assumed ? little_ : big_;
  const std::uint64_t otherwise = little_assumed ? big_ : little_;
  return as_assumed > kClearly * otherwise ? Verdict::wrong : Verdict::right;
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
