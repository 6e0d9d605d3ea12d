#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "voicebridge/testing/media_faults.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Decides what becomes of each frame on its way from the callee to the application. Repeatable.
class FaultyLine {
 public:
  FaultyLine(MediaFaults faults, std::uint64_t seed) : faults_(std::move(faults)), random_(seed) {}

  /// When the frame that sets out now arrives; nothing: never.
  std::optional<TimePoint> arrival(TimePoint now, Millis since_answer) {
    if (random_.chance(faults_.loss) || in_gap(since_answer)) return std::nullopt;
    const auto jitter = Millis(static_cast<std::int64_t>(
        random_.up_to(static_cast<std::uint64_t>(faults_.jitter.count()))));
    const TimePoint due = std::max(last_, now + jitter);
    if (random_.chance(faults_.reorder)) return due + kReorderDelay;
    last_ = due;
    return due;
  }

 private:
  /// After the two frames that follow.
  static constexpr Millis kReorderDelay{50};

  bool in_gap(Millis since_answer) const {
    return std::any_of(faults_.gaps.begin(), faults_.gaps.end(), [&](const auto& gap) {
      return since_answer >= gap.begin && since_answer < gap.begin + gap.length;
    });
  }

  const MediaFaults faults_;
  SeededRandom random_;
  TimePoint last_{};
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
