#include "call/media_clock.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

/// What lies further ahead is a counter that jumped, not a gap.
constexpr std::uint64_t kMaxMissing = 50 * 60;
constexpr std::uint64_t kMaxStepMillis = 60 * 60 * 1000;
/// Bursts are not longer; what is longer is another beginning of the timestamps.
constexpr Millis kMostAhead{1000};

}  // namespace

Millis MediaClock::next(std::optional<std::uint64_t> timestamp, std::uint64_t missing,
                        Micros duration) {
  if (begun_) {
    const auto step = step_to(timestamp);
    if (step && missing == 0 && lasts_as_long_as_the_frame(*step)) in_milliseconds_ = true;
    const auto lost = static_cast<std::int64_t>(missing > kMaxMissing ? 0 : missing);
    position_ += step && in_milliseconds_ ? advance(*step) : last_duration_ + lost * duration;
    if (!step && in_milliseconds_) run_ahead(last_duration_ + lost * duration);
  }
  begun_ = true;
  last_duration_ = duration;
  last_timestamp_ = timestamp;
  return std::chrono::duration_cast<Millis>(position_);
}

std::optional<Millis> MediaClock::step_to(std::optional<std::uint64_t> timestamp) const {
  if (!timestamp || !last_timestamp_ || *timestamp <= *last_timestamp_) return std::nullopt;
  const std::uint64_t step = *timestamp - *last_timestamp_;
  if (step > kMaxStepMillis) return std::nullopt;
  return Millis(static_cast<std::int64_t>(step));
}

/// A frame does not begin before the one ahead of it is over, whatever its timestamp says.
Micros MediaClock::advance(Micros step) {
  const Micros taken = std::max(step - ahead_, last_duration_);
  const Micros before = ahead_;
  ahead_ = Micros(0);
  run_ahead(before + taken - step);
  return taken;
}

void MediaClock::run_ahead(Micros by) {
  ahead_ = std::clamp(ahead_ + by, Micros(0), Micros(kMostAhead));
}

bool MediaClock::lasts_as_long_as_the_frame(Millis step) const {
  return step > last_duration_ - Millis(1) && step < last_duration_ + Millis(1);
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
