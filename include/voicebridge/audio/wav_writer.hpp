#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "voicebridge/audio/samples.hpp"
#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A WAV file of 16 bit samples that grows as audio comes. Its header is brought up to date after
/// each second of new audio, so that the file can be played when the process dies. A frame is one
/// sample of each channel. Every function may block on the disk; the first failure stays: later
/// writes fail the same way. One thread at a time.
class VOICEBRIDGE_API WavWriter {
 public:
  /// Creates the file, replacing what is there. `channels` is 1 or 2, `sample_rate` 8 to 48 kHz.
  static Result<WavWriter> create(const std::filesystem::path& path, std::uint32_t sample_rate,
                                  unsigned channels);
  /// Closes; errors go unseen.
  ~WavWriter();
  /// What was moved from may only go.
  WavWriter(WavWriter&&) noexcept = default;
  WavWriter& operator=(WavWriter&&) = delete;

  /// Adds whole frames at the end. Fails with `Errc::resource_exhausted` at the format's 4 GB.
  [[nodiscard]] Result<void> append(SampleView interleaved) {
    return write_at(frames_, interleaved);
  }
  /// Writes whole frames over what is there; a gap before them becomes silence.
  [[nodiscard]] Result<void> write_at(std::uint64_t frame, SampleView interleaved);
  /// Replaces `out` by `frames` frames from `frame` on; beyond the end they are silence.
  [[nodiscard]] Result<void> read_at(std::uint64_t frame, std::size_t frames, Samples& out);
  /// Cuts the end off; does nothing when the file is not longer than `frames`.
  [[nodiscard]] Result<void> truncate(std::uint64_t frames);
  /// Completes the header and closes. Closing again does nothing.
  [[nodiscard]] Result<void> close();

  /// Samples written of each channel.
  std::uint64_t frames() const noexcept { return frames_; }
  /// Of what was written.
  Millis duration() const noexcept;

 private:
  WavWriter(std::filesystem::path path, std::uint32_t sample_rate, unsigned channels);
  Result<void> write_header();
  Result<void> check(bool ok, const char* doing);
  std::streamoff offset_of(std::uint64_t frame) const noexcept;

  std::filesystem::path path_;
  std::uint32_t sample_rate_;
  unsigned channels_;
  std::fstream file_;
  std::uint64_t frames_ = 0;
  std::uint64_t frames_in_header_ = 0;
  Bytes scratch_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
