#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A mark as the far end saw it. Positions count accepted bytes since the stream began.
struct PlayoutMark {
  std::string name;            ///< The mark's.
  std::uint64_t position = 0;  ///< Bytes accepted before the mark: where it stands in the stream.
  std::uint64_t played = 0;    ///< Bytes really played when it was echoed.
  TimePoint received{};        ///< When it came.
  TimePoint echoed{};          ///< When it went back.
  bool by_clear = false;       ///< Echoed by a clear: it proves nothing.
};

/// A clear and what it found.
struct PlayoutClear {
  TimePoint at{};             ///< When it came.
  std::uint64_t played = 0;   ///< Bytes really played until then.
  std::uint64_t dropped = 0;  ///< Bytes it threw away.
  std::size_t marks = 0;      ///< Marks it sent back.
};

/// A stretch played without a pause.
struct PlayoutRun {
  TimePoint begin{};             ///< When its first byte was played.
  std::uint64_t first_byte = 0;  ///< Among the bytes played.
  std::uint64_t bytes = 0;       ///< How many.
};

/// How much waits, and how long it takes.
struct PlayoutOptions {
  AudioFormat format = AudioFormat::pcmu();  ///< Of the audio.
  Millis max_queue{30000};       ///< Audio beyond it is dropped from the tail and counted.
  Micros start_delay{0};         ///< From the arrival at an idle queue to the first sample played.
  std::size_t max_marks = 1000;  ///< Waiting at one time; more are refused.
};

/// Told while the playout runs; must not call back into it.
class VOICEBRIDGE_API PlayoutObserver {
 public:
  virtual ~PlayoutObserver() = default;
  /// A piece that was played just now.
  virtual void on_played(ByteView audio, TimePoint now) = 0;
  virtual void on_dropped(ByteView audio, TimePoint now) = 0;  ///< By a clear.
  /// A mark's time has come.
  virtual void on_mark_echo(std::string_view name, TimePoint now) = 0;
};

/// The carrier's play-out queue: first in, first out, in real time to the byte. A mark comes back
/// when all before it has been played, at once when nothing waits, and at a clear. No clock: time
/// is an argument.
class VOICEBRIDGE_API Playout {
 public:
  /// Told by `observer`, which must outlive it.
  Playout(PlayoutOptions options, PlayoutObserver& observer);

  /// The number of bytes accepted; less than given when the queue is full.
  std::size_t append(ByteView audio, TimePoint now);
  /// False when too many marks wait.
  bool mark(std::string_view name, TimePoint now);
  /// Throws away what waits; marks come back.
  void clear(TimePoint now);

  /// When a mark is due or the queue runs dry.
  Deadline next_deadline() const;
  /// Plays up to `now`.
  void on_deadline(TimePoint now);

  /// Of the audio.
  const AudioFormat& format() const noexcept { return options_.format; }
  std::uint64_t played() const noexcept { return played_; }      ///< Bytes, up to the last call.
  std::uint64_t cleared() const noexcept { return cleared_; }    ///< Bytes.
  std::uint64_t overflow() const noexcept { return overflow_; }  ///< Bytes refused by a full queue.
  /// Bytes that wait.
  std::uint64_t queued() const noexcept { return accepted_ - head(); }
  /// Whether nothing waits.
  bool idle() const noexcept { return queued() == 0; }

  /// Marks that came back, in order.
  const std::vector<PlayoutMark>& marks() const noexcept { return echoed_marks_; }
  /// Clears, in order.
  const std::vector<PlayoutClear>& clears() const noexcept { return clears_; }
  /// Stretches, in order.
  const std::vector<PlayoutRun>& runs() const noexcept { return runs_; }

 private:
  std::uint64_t head() const noexcept { return played_ + cleared_; }
  TimePoint time_of(std::uint64_t position) const;
  void play(TimePoint now);
  void echo_due_marks(TimePoint now);
  void echo_front(TimePoint now, bool by_clear);
  void forget_front(std::size_t bytes);

  PlayoutOptions options_;
  PlayoutObserver& observer_;
  Bytes queue_;  ///< From `queue_begin_` on: bytes [head, accepted).
  std::size_t queue_begin_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t played_ = 0;
  std::uint64_t cleared_ = 0;
  std::uint64_t overflow_ = 0;
  TimePoint run_begin_{};  ///< When the byte `run_first_` began; meaningful while not idle.
  std::uint64_t run_first_ = 0;
  std::deque<PlayoutMark> waiting_marks_;
  std::vector<PlayoutMark> echoed_marks_;
  std::vector<PlayoutClear> clears_;
  std::vector<PlayoutRun> runs_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
