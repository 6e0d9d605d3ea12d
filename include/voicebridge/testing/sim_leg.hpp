#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/testing/callee_script.hpp"
#include "voicebridge/testing/playout.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Everything counted over all media streams of a leg. What a carrier does not know stays 0.
struct LegStats {
  std::uint64_t frames_sent = 0;     ///< Inbound track: from the callee to the application.
  std::uint64_t frames_lost = 0;     ///< By loss and gaps.
  std::uint64_t media_received = 0;  ///< Messages.
  std::uint64_t heard_bytes = 0;     ///< Really played to the callee.
  std::uint64_t muted_bytes =
      0;  ///< Played to nobody: target_legs "opposite" on a leg that is not bridged.
  std::uint64_t opposite_bytes = 0;   ///< Played to the others of the bridge or conference.
  std::uint64_t cleared_bytes = 0;    ///< Thrown away by clears.
  std::uint64_t ignored_bytes = 0;    ///< Raw audio in mp3 mode.
  std::uint64_t mp3_files = 0;        ///< Sent to be played, in mp3 mode.
  std::uint64_t early_bytes = 0;      ///< Came before `start`: dropped.
  std::uint64_t overflow_bytes = 0;   ///< Beyond the cap of the queue: dropped.
  std::uint64_t unplayed_bytes = 0;   ///< Still waiting when a stream ended: lost.
  std::uint64_t short_chunks = 0;     ///< Below 20 ms: clicks on the real service.
  std::uint64_t marks_received = 0;   ///< Of the application.
  std::uint64_t marks_echoed = 0;     ///< Sent back.
  std::uint64_t nameless_marks = 0;   ///< Never echoed.
  std::uint64_t clears = 0;           ///< Of the application.
  std::uint64_t errors_sent = 0;      ///< Messages the carrier found fault with.
  std::uint64_t unsent_messages = 0;  ///< The application read too slowly.
  std::uint64_t late_ticks = 0;       ///< Ticks skipped because the driver came too late.
};

/// One phone leg as the simulated carrier saw it, whichever carrier it is: what the callee said and
/// really heard. Valid until the next call is made.
class VOICEBRIDGE_API SimLeg {
 public:
  virtual ~SimLeg() = default;
  /// Whether a media stream is open.
  virtual bool streaming() const noexcept = 0;
  /// As they stand.
  virtual const LegStats& stats() const noexcept = 0;
  /// What was really played to the callee by media streams, in the format of `playout()`: that of
  /// the application's audio, and linear audio where that is G.722 or Opus.
  virtual const Bytes& heard() const noexcept = 0;
  virtual const Bytes& cleared() const noexcept = 0;  ///< What clears threw away, in order.
  /// What was sent to the application, in the order of the frames' numbers, lost ones left out.
  virtual const Bytes& said() const noexcept = 0;
  /// Of the latest stream; null before the first.
  virtual const Playout* playout() const noexcept = 0;
  /// Who is at the far end.
  virtual const ScriptedCallee& callee() const noexcept = 0;
  /// Nothing: it was not answered.
  virtual std::optional<TimePoint> answered_at() const noexcept = 0;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
