#pragma once

#include <array>
#include <cstdint>

#include "voicebridge/export.hpp"

/// ITU-T G.711 as tables, made by the compiler from the segment arithmetic of the standard.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// The 256 output values of a law, scaled to 16 bit.
using G711DecodeTable = std::array<std::int16_t, 256>;
extern const G711DecodeTable kUlawDecode;
extern const G711DecodeTable kAlawDecode;

/// The code of each magnitude, without its sign: by 14 bit magnitude for µ-law, by 13 bit for A-law
/// with its lowest bit, which no decision value uses, left out.
extern const std::array<std::uint8_t, 8192> kUlawEncode;
extern const std::array<std::uint8_t, 2048> kAlawEncode;

/// µ-law has a zero: the negative half mirrors the positive one, −1..−3 being a negative zero.
inline std::uint8_t ulaw_encode(std::int16_t sample) noexcept {
  const int magnitude = sample < 0 ? -int{sample} : int{sample};
  const auto index = static_cast<std::size_t>(magnitude > 32767 ? 32767 : magnitude) >> 2;
  return static_cast<std::uint8_t>(kUlawEncode[index] ^ (sample < 0 ? 0x7F : 0xFF));
}

/// A-law has none: its intervals tile the line evenly, −16..−1 being the first negative one.
inline std::uint8_t alaw_encode(std::int16_t sample) noexcept {
  const int magnitude = sample < 0 ? ~int{sample} : int{sample};
  return static_cast<std::uint8_t>(kAlawEncode[static_cast<std::size_t>(magnitude) >> 4] ^
                                   (sample < 0 ? 0x55 : 0xD5));
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
