#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/footprint.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What the far ear has heard of one utterance.
struct HeardUtterance {
  std::string utterance;  ///< Which one.
  Micros heard{0};        ///< Of it, at the best estimate.
  Micros sent{0};         ///< Of it, to the carrier.
  Micros error_bound{0};  ///< Half of the span in which the truth must lie.
};

/// Knows what the carrier has played of all that it was sent, from the times of sending and from
/// the marks that come back.
///
/// Two lines bound the truth. Nothing is played before it was sent: the *upper* line starts when a
/// run of contiguous audio is sent. What a mark stands behind was played when the mark comes back:
/// the *lower* line goes through the best of them. A mark sent while nothing is playing measures
/// the round trip, which is what the lower line lags behind. Sans-I/O; one owner.
class VOICEBRIDGE_API PlaybackLedger {
 public:
  /// Audio was handed to the carrier now, behind all that was sent before.
  void sent(std::string_view utterance, Micros audio, TimePoint now);

  /// The name of a mark to send now; comes back through `echoed`. Names are unique over clears.
  std::string_view mark(TimePoint now);
  /// A mark came back. False: unknown, or sent before the last clear, which proves nothing.
  bool echoed(std::string_view name, TimePoint now);

  /// The far side says how much of the audio sent since the last clear it has played.
  void played(Micros position, TimePoint now);

  /// What a barge-in cut.
  struct Interruption {
    std::optional<HeardUtterance> playing;  ///< What was in the ear; empty when nothing was.
    std::vector<std::string> unheard;       ///< Sent behind it, not begun.
  };
  /// The carrier is told to drop everything now. The position is the one at which the order will
  /// arrive.
  Interruption clear(TimePoint now);

  /// Whether something may still be playing.
  bool audible(TimePoint now) const;
  /// Whether all that was sent is known to have been played.
  bool drained() const { return acked_ >= sent_; }
  /// When the last audio will have been played if no mark comes back.
  TimePoint estimated_end(TimePoint now) const;
  /// How much the carrier surely still has ahead of it: what pacing is measured by.
  Micros lead(TimePoint now) const;
  /// When audio sent now will begin to be heard, at the earliest.
  TimePoint next_start(TimePoint now) const { return now + lead(now); }
  /// The round trip to the carrier, once it is measured.
  std::optional<Micros> round_trip() const { return round_trip_; }
  /// Adds what `sent` will touch.
  void footprint(Footprint& to) const;

 private:
  struct Segment {
    std::string utterance;
    Micros begin;
    Micros end;
  };
  struct Mark {
    std::uint32_t sequence;
    Micros position;
    TimePoint sent_at;
    bool idle;
  };
  Micros upper(TimePoint now) const;
  Micros lower(TimePoint now) const;
  Micros position(TimePoint now) const;
  void raise_lower(Micros position, TimePoint now);
  void forget_heard();

  static constexpr std::size_t kMaxMarks = 512;  ///< Older ones are forgotten: they only refine.

  std::vector<Segment> segments_;
  std::vector<Mark> marks_;  ///< In order; few, and no allocation in the steady state.
  std::string mark_name_;
  std::uint32_t generation_ = 0;
  std::uint32_t sequence_ = 0;
  Micros sent_{0};
  Micros acked_{0};
  std::optional<TimePoint> run_start_;  ///< When the current run was sent …
  Micros run_begin_{0};                 ///< … and its first position.
  std::optional<TimePoint> lower_at_;   ///< The best mark: at this time …
  Micros lower_position_{0};            ///< … this position had been played.
  std::optional<Micros> round_trip_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
