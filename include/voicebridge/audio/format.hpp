#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {

enum class AudioEncoding { pcmu, pcma, l16le, l16be, g722, opus };
VOICEBRIDGE_API std::string_view to_string(AudioEncoding encoding) noexcept;

/// Mono audio as it stands on a wire.
struct AudioFormat {
  AudioEncoding encoding = AudioEncoding::pcmu;
  std::uint32_t sample_rate = 8000;  ///< Hz

  static constexpr AudioFormat pcmu() { return {AudioEncoding::pcmu, 8000}; }
  static constexpr AudioFormat pcma() { return {AudioEncoding::pcma, 8000}; }
  static constexpr AudioFormat l16(std::uint32_t rate) { return {AudioEncoding::l16le, rate}; }

  friend constexpr bool operator==(AudioFormat a, AudioFormat b) {
    return a.encoding == b.encoding && a.sample_rate == b.sample_rate;
  }
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
  /// The byte that is silence in the encoding: µ-law 0xFF, A-law 0xD5, linear 0.
  constexpr std::uint8_t silence_byte() const {
    return encoding == AudioEncoding::pcmu ? 0xFF : encoding == AudioEncoding::pcma ? 0xD5 : 0x00;
  }
};

/// "PCMU/8000", "L16/16000"
VOICEBRIDGE_API std::string to_string(AudioFormat format);

/// A piece of audio on its way through: as base64 text still on the wire's envelope, or as bytes.
/// Exactly one of the two is set, so that a lane with the same format on both sides never decodes.
/// The views are valid during the call they are passed to only.
struct AudioPayload {
  AudioFormat format;
  std::string_view base64;
  ByteView bytes;

  static AudioPayload from_base64(AudioFormat f, std::string_view text) { return {f, text, {}}; }
  static AudioPayload from_bytes(AudioFormat f, ByteView b) { return {f, {}, b}; }
};

/// Bytes the payload carries, without decoding it.
VOICEBRIDGE_API std::size_t payload_size(const AudioPayload& payload) noexcept;
/// The bytes, decoded into `scratch` when they come as base64. False when the base64 is malformed.
VOICEBRIDGE_API bool payload_bytes(const AudioPayload& payload, Bytes& scratch, ByteView& out);

}  // namespace voicebridge
