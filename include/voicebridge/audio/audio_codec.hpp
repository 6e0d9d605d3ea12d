#pragma once

#include <memory>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/audio/samples.hpp"
#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/error.hpp"

namespace voicebridge {

/// Turns the bytes of one wire format into linear samples and back, one codec a direction of a
/// call. Bytes may be cut anywhere: a codec keeps what it cannot use yet. One thread at a time.
class VOICEBRIDGE_API AudioCodec {
 public:
  virtual ~AudioCodec() = default;
  virtual AudioFormat format() const noexcept = 0;
  /// Appends the samples that `bytes` complete. Fails with `Errc::protocol_error` on bytes that the
  /// format does not allow (G.711 and L16 allow all).
  [[nodiscard]] virtual Result<void> decode(ByteView bytes, Samples& out) = 0;
  /// Appends the bytes of the frames that `samples` complete.
  [[nodiscard]] virtual Result<void> encode(SampleView samples, Bytes& out) = 0;
  /// Appends what the encoder still holds, its last frame filled with silence.
  [[nodiscard]] virtual Result<void> flush(Bytes& out) = 0;
  /// Forgets everything, as if newly made.
  virtual void reset() noexcept = 0;
};

/// A codec of voicebridge itself: G.711 µ-law and A-law at 8 kHz, L16 in both byte orders at 8 to
/// 48 kHz. Fails with `Errc::unsupported` for G.722 and Opus, `Errc::invalid_argument` for a wrong
/// sample rate.
VOICEBRIDGE_API Result<std::unique_ptr<AudioCodec>> make_audio_codec(AudioFormat format);

}  // namespace voicebridge
