#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// How samples are written: G.711 µ-law and A-law, 16 bits linear in both byte orders, G.722, Opus.
enum class AudioEncoding { pcmu, pcma, l16le, l16be, g722, opus };
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(AudioEncoding encoding) noexcept;

/// Mono audio as it stands on a wire. G.722 has a sample rate of 16000, though its RTP clock and
/// its bytes count 8000 a second. Opus comes in packets of any size: its bytes tell no time, and
/// two packets that run together cannot be told apart.
struct AudioFormat {
  AudioEncoding encoding = AudioEncoding::pcmu;  ///< How samples are written.
  std::uint32_t sample_rate = 8000;              ///< Of the audio, Hz.

  ///@{
  /// The formats by name, the rate in Hz where there is a choice.
  static constexpr AudioFormat pcmu() { return {AudioEncoding::pcmu, 8000}; }
  static constexpr AudioFormat pcma() { return {AudioEncoding::pcma, 8000}; }
  static constexpr AudioFormat l16(std::uint32_t rate) { return {AudioEncoding::l16le, rate}; }
  static constexpr AudioFormat g722() { return {AudioEncoding::g722, 16000}; }
  static constexpr AudioFormat opus(std::uint32_t rate) { return {AudioEncoding::opus, rate}; }
  ///@}

  /// Whether both mean the same bytes.
  friend constexpr bool operator==(AudioFormat a, AudioFormat b) {
    return a.encoding == b.encoding && a.sample_rate == b.sample_rate;
  }
  /// The reverse.
  friend constexpr bool operator!=(AudioFormat a, AudioFormat b) { return !(a == b); }

  /// Whether bytes and time are proportional (not so for Opus).
  constexpr bool constant_rate() const { return encoding != AudioEncoding::opus; }
  /// Bytes of one second; 0 for Opus.
  constexpr std::size_t bytes_per_second() const {
    switch (encoding) {
      case AudioEncoding::pcmu:
      case AudioEncoding::pcma:
        return sample_rate;
      case AudioEncoding::l16le:
      case AudioEncoding::l16be:
        return std::size_t{2} * sample_rate;
      case AudioEncoding::g722:
        return 8000;
      case AudioEncoding::opus:
        return 0;
    }
    return 0;
  }
  /// Bytes of a 20 ms frame; 0 for Opus.
  constexpr std::size_t frame_bytes() const { return bytes_per_second() / 50; }
  /// Play-out time of so many bytes, rounded down to the microsecond.
  constexpr Micros duration(std::size_t bytes) const {
    const std::size_t rate = bytes_per_second();
    return Micros(rate == 0 ? 0
                            : static_cast<std::int64_t>(bytes) * 1000000 /
                                  static_cast<std::int64_t>(rate));
  }
  /// The byte that is silence in the encoding: µ-law 0xFF, A-law 0xD5, linear 0. G.722 has none
  /// that is exact: 0xFF lets its decoder come to rest within ±3. Means nothing for Opus.
  constexpr std::uint8_t silence_byte() const {
    switch (encoding) {
      case AudioEncoding::pcmu:
      case AudioEncoding::g722:
        return 0xFF;
      case AudioEncoding::pcma:
        return 0xD5;
      case AudioEncoding::l16le:
      case AudioEncoding::l16be:
      case AudioEncoding::opus:
        return 0x00;
    }
    return 0x00;
  }
};

/// "PCMU/8000", "L16/16000"
VOICEBRIDGE_API std::string to_string(AudioFormat format);

/// A piece of audio on its way through: as base64 text still on the wire's envelope, or as bytes.
/// Exactly one of the two is set, so that a lane with the same format on both sides never decodes.
/// The views are valid during the call they are passed to only.
struct AudioPayload {
  AudioFormat format;       ///< Of the bytes, however they are given.
  std::string_view base64;  ///< The bytes as base64; empty: they are in `bytes`.
  ByteView bytes;           ///< The bytes as they are; empty: they are in `base64`.

  /// A view of base64 text, which is not checked here.
  static AudioPayload from_base64(AudioFormat f, std::string_view text) { return {f, text, {}}; }
  /// A view of codec bytes.
  static AudioPayload from_bytes(AudioFormat f, ByteView b) { return {f, {}, b}; }
};

/// Bytes the payload carries, without decoding it.
VOICEBRIDGE_API std::size_t payload_size(const AudioPayload& payload) noexcept;
/// Play-out time of the payload: by its bytes, and of an Opus packet by its head (RFC 6716 section
/// 3.1). 0 for what is no Opus packet, or malformed.
VOICEBRIDGE_API Micros payload_duration(const AudioPayload& payload) noexcept;
/// The bytes, decoded into `scratch` when they come as base64. False when the base64 is malformed.
VOICEBRIDGE_API bool payload_bytes(const AudioPayload& payload, Bytes& scratch, ByteView& out);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
