#pragma once

#include <vector>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What the network does to the callee's frames on their way to the application.
struct MediaFaults {
  Millis jitter{0};    ///< Each frame is late by up to so much; the order stays.
  double loss = 0;     ///< Share of frames that never come, 0 … 1. Their numbers are missing.
  double reorder = 0;  ///< Share of frames that come after the two that follow them; Telnyx only.
  /// A time without frames.
  struct Gap {
    Millis begin{0};   ///< Since the answer.
    Millis length{0};  ///< How long.
  };
  std::vector<Gap> gaps;  ///< Nothing comes in these times.
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
