#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Where a recording goes and how long it may become.
struct CallRecorderOptions {
  std::filesystem::path path;                 ///< The WAV file; what is there is replaced.
  std::uint32_t sample_rate = 8000;           ///< Hz, 8 to 48 kHz.
  Millis max_length = std::chrono::hours(4);  ///< Audio beyond it is dropped and counted.
};

/// What a recorder leaves.
struct Recording {
  std::filesystem::path path;  ///< The file that was written.
  Millis duration{0};          ///< Of the recording.
};

/// Records a call in stereo: left the caller, right the agent as heard. Every piece stands at its
/// position on the call's timeline, in any order, of any format that has a codec; the later piece
/// wins where two overlap, gaps are silence. Agent audio may be placed ahead of time and cut off
/// when the caller interrupts. Pieces that follow each other within 2 ms are one stream, so that
/// positions rounded to milliseconds do not click. Holds at most one second of each side;
/// everything else is in the file, which can be played at any time. A failing disk never disturbs
/// the call: `finish` tells. One thread at a time.
class VOICEBRIDGE_API CallRecorder {
 public:
  /// Opens the file. `Errc::invalid_argument` naming an option; `internal` when it cannot be
  /// written.
  static Result<CallRecorder> create(CallRecorderOptions options);
  ~CallRecorder();  ///< Finishes; errors go unseen.
  /// What was moved from may only go, or be assigned to.
  CallRecorder(CallRecorder&&) noexcept;
  /// The same.
  CallRecorder& operator=(CallRecorder&&) noexcept;

  /// The caller's audio. `position` counts from the beginning of the recording.
  void add_caller(const AudioPayload& audio, Millis position);
  /// The agent's, at the time at which it is heard.
  void add_agent(const AudioPayload& audio, Millis position);
  /// The agent was not heard from `position` on: what stands there is replaced by silence.
  void cut_agent_from(Millis position);
  /// Completes the file; it ends with the last audio of either side. Fails with the first error the
  /// disk gave. Nothing can be added afterwards.
  Result<Recording> finish();

  /// Pieces not recorded in full: malformed, without a codec, before 0, beyond the length, or after
  /// `finish`.
  std::uint64_t dropped() const noexcept;

 private:
  struct Impl;
  explicit CallRecorder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
