#pragma once

#include <algorithm>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {

/// Lets through so many things a second, and ten seconds' worth of them at once.
class FloodGate {
 public:
  FloodGate(unsigned rate, TimePoint now) : rate_(rate), room_(kBurst * rate), at_(now) {}

  bool pass(TimePoint now) {
    const std::chrono::duration<double> passed = now - at_;
    at_ = std::max(at_, now);
    room_ = std::min(kBurst * rate_, room_ + std::max(passed.count(), 0.0) * rate_);
    if (room_ < 1) return false;
    room_ -= 1;
    return true;
  }

 private:
  static constexpr double kBurst = 10;
  double rate_;
  double room_;
  TimePoint at_;
};

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
