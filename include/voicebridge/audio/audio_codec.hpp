#pragma once

#include <memory>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/audio/samples.hpp"
#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Turns the bytes of one wire format into linear samples and back, one codec a direction of a
/// call. Of a format with a constant rate the bytes may be cut anywhere: a codec keeps what it
/// cannot use yet. Of Opus each call is about one packet. One thread at a time.
class VOICEBRIDGE_API AudioCodec {
 public:
  virtual ~AudioCodec() = default;
  /// What it encodes to and decodes from.
  virtual AudioFormat format() const noexcept = 0;
  /// Appends the samples that `bytes` complete; of Opus they are one whole packet. Fails with
  /// `Errc::protocol_error` on bytes that the format does not allow (only Opus has such), and has
  /// then neither appended nor remembered anything.
  [[nodiscard]] virtual Result<void> decode(ByteView bytes, Samples& out) = 0;
  /// Appends the bytes of the frames that `samples` complete. Opus makes a packet of every 20 ms,
  /// at most one a call: fails with `Errc::invalid_argument` naming `samples` when there are enough
  /// for two.
  [[nodiscard]] virtual Result<void> encode(SampleView samples, Bytes& out) = 0;
  /// Appends what the encoder still holds, its last frame filled with silence.
  [[nodiscard]] virtual Result<void> flush(Bytes& out) = 0;
  /// Appends what stands in for lost audio of that length, 120 ms at most: Opus carries on from
  /// what came before and fades, the others are silent.
  [[nodiscard]] virtual Result<void> conceal(Micros missing, Samples& out);
  /// How much later the audio is after encoding and decoding, beside the length of a frame.
  virtual Micros delay() const noexcept { return Micros(0); }
  /// Forgets everything, as if newly made.
  virtual void reset() noexcept = 0;
};

/// A codec: G.711 µ-law and A-law at 8 kHz, L16 in both byte orders at 8 to 48 kHz, G.722 at 64
/// kbit/s and 16 kHz, Opus for voice at 8, 12, 16, 24 or 48 kHz (one packet of 20 ms; 24 kbit/s at
/// 8 kHz, else 32). Fails with `Errc::unsupported` naming `encoding` for G.722 and Opus where the
/// build has them switched off (`VOICEBRIDGE_WITH_G722`, `VOICEBRIDGE_WITH_OPUS`), with
/// `Errc::invalid_argument` for a wrong sample rate.
VOICEBRIDGE_API Result<std::unique_ptr<AudioCodec>> make_audio_codec(AudioFormat format);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
