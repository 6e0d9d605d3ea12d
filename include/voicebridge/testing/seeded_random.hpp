#pragma once

#include <cstdint>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Repeatable chance (SplitMix64): the same seed gives the same run on every platform, which the
/// distributions of the standard library do not promise.
class SeededRandom {
 public:
  /// The same seed gives the same numbers.
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  /// The next one (SplitMix64).
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  /// From 0 to `limit`, both included.
  std::uint64_t up_to(std::uint64_t limit) {
    return limit == UINT64_MAX ? next() : next() % (limit + 1);
  }
  /// True with the given probability, 0 … 1. Draws in any case, so that a knob does not shift what
  /// follows.
  bool chance(double probability) {
    return static_cast<double>(next() >> 11) * (1.0 / 9007199254740992.0) < probability;
  }

 private:
  std::uint64_t state_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
