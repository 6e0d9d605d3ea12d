#pragma once

#include <cstdint>
#include <filesystem>

#include "voicebridge/audio/samples.hpp"
#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Linear audio of a whole file.
struct WavAudio {
  std::uint32_t sample_rate = 8000;  ///< Hz
  unsigned channels = 1;             ///< 1, or 2: left and right in turn
  Samples samples;                   ///< Interleaved.

  /// Samples of one channel.
  std::size_t frames() const noexcept { return channels == 0 ? 0 : samples.size() / channels; }
  /// Of all of it, rounded down.
  Millis duration() const noexcept {
    return Millis(sample_rate == 0 ? 0 : static_cast<std::int64_t>(frames()) * 1000 / sample_rate);
  }
};

/// What a reader accepts. Larger files fail with `Errc::payload_too_large`.
struct WavLimits {
  std::size_t max_bytes = std::size_t{64} << 20;  ///< Of the file; larger ones are refused.
};

/// Reads RIFF/WAVE: 16 bit linear, G.711 A-law and µ-law (formats 1, 6, 7, plain or extensible),
/// mono or stereo, chunks in any order, unknown chunks skipped. The data size that a program writes
/// when it cannot know it (0xFFFFFFFF, or beyond 2 GB less 4 KB) means: up to the end. Fails with
/// `Errc::invalid_argument` (malformed, cut off) or `Errc::unsupported` (another encoding).
VOICEBRIDGE_API Result<WavAudio> parse_wav(ByteView bytes, WavLimits limits = {});

/// Reads a file. Also fails with `Errc::not_found` and `Errc::internal` (cannot be read). Blocks.
VOICEBRIDGE_API Result<WavAudio> read_wav(const std::filesystem::path& path, WavLimits limits = {});

/// Writes a file of 16 bit linear samples, replacing what is there. Blocks.
VOICEBRIDGE_API Result<void> write_wav(const std::filesystem::path& path, const WavAudio& audio);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
