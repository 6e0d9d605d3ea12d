#pragma once

#include <memory>
#include <optional>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/resampler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Carries a stream from one wire format to another: decode, resample, encode. Between equal
/// formats it copies, whatever the format. A stream cut anywhere gives the same bytes as the stream
/// in one piece; Opus is given packet by packet. No allocation after the first chunk of a size,
/// when `out` has room. One thread at a time.
class VOICEBRIDGE_API Transcoder {
 public:
  /// Fails with `Errc::unsupported` or `Errc::invalid_argument` when a format has no codec here,
  /// and with `Errc::unsupported` for a way to Opus, whose packets a stream of bytes does not keep
  /// apart.
  static Result<Transcoder> create(AudioFormat from, AudioFormat to);

  /// What it takes.
  AudioFormat from() const noexcept { return from_; }
  /// What it gives.
  AudioFormat to() const noexcept { return to_; }
  /// Whether bytes go through as they are.
  bool identity() const noexcept { return decoder_ == nullptr; }
  /// How much later the audio is behind the far codec than before the near one; 0 between G.711 and
  /// L16 of one sample rate.
  Micros delay() const noexcept;

  /// Appends what `in` yields.
  [[nodiscard]] Result<void> process(ByteView in, Bytes& out);
  /// Appends what the filter still holds and starts anew.
  [[nodiscard]] Result<void> flush(Bytes& out);
  /// Starts anew and drops what is held.
  void reset() noexcept;

 private:
  Transcoder(AudioFormat from, AudioFormat to) : from_(from), to_(to) {}

  AudioFormat from_;
  AudioFormat to_;
  std::unique_ptr<AudioCodec> decoder_;
  std::unique_ptr<AudioCodec> encoder_;
  std::optional<Resampler> resampler_;
  Samples decoded_;
  Samples resampled_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
