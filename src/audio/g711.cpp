#include "audio/g711.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

// A magnitude code is a segment (3 bits) and an interval in it (4 bits).
constexpr int kIntervals = 16;

// G.711 table 2a in 14 bit units: with the bias of 33 added, segment s covers 2^(s+5) to 2^(s+6).
constexpr int kUlawBias = 33;
constexpr int kUlawClip = 8158;

constexpr std::uint8_t ulaw_magnitude_code(int magnitude14) {
  const int biased = (magnitude14 < kUlawClip ? magnitude14 : kUlawClip) + kUlawBias;
  int segment = 0;
  while (biased >= (64 << segment)) ++segment;
  const int interval = (biased >> (segment + 1)) & 0xF;
  return static_cast<std::uint8_t>(segment << 4 | interval);
}

constexpr int ulaw_magnitude14(int code) {
  const int segment = code >> 4;
  const int interval = code & 0xF;
  return ((2 * interval + kUlawBias) << segment) - kUlawBias;
}

// G.711 table 1a in units of 16 of the 16 bit scale: the first two segments are one straight line,
// each of the others is twice as coarse as the one before.
constexpr std::uint8_t alaw_magnitude_code(int magnitude12) {
  if (magnitude12 < 2 * kIntervals) return static_cast<std::uint8_t>(magnitude12);
  int shift = 1;
  while (magnitude12 >= (2 * kIntervals << shift)) ++shift;
  const int segment = shift + 1;
  return static_cast<std::uint8_t>(segment << 4 | ((magnitude12 >> shift) & 0xF));
}

constexpr int alaw_magnitude16(int code) {
  const int segment = code >> 4;
  const int interval = code & 0xF;
  if (segment == 0) return 16 * interval + 8;
  return (16 * (interval + kIntervals) + 8) << (segment - 1);
}

constexpr G711DecodeTable make_ulaw_decode() {
  G711DecodeTable table{};
  for (int byte = 0; byte < 256; ++byte) {
    const int magnitude = 4 * ulaw_magnitude14((byte ^ 0x7F) & 0x7F);
    table[static_cast<std::size_t>(byte)] =
        static_cast<std::int16_t>((byte & 0x80) != 0 ? magnitude : -magnitude);
  }
  return table;
}

constexpr G711DecodeTable make_alaw_decode() {
  G711DecodeTable table{};
  for (int byte = 0; byte < 256; ++byte) {
    const int magnitude = alaw_magnitude16((byte ^ 0x55) & 0x7F);
    table[static_cast<std::size_t>(byte)] =
        static_cast<std::int16_t>((byte & 0x80) != 0 ? magnitude : -magnitude);
  }
  return table;
}

template <std::size_t Size>
constexpr std::array<std::uint8_t, Size> make_encode(std::uint8_t (*code_of)(int)) {
  std::array<std::uint8_t, Size> table{};
  for (std::size_t i = 0; i < Size; ++i) table[i] = code_of(static_cast<int>(i));
  return table;
}

}  // namespace

constexpr G711DecodeTable kUlawDecode = make_ulaw_decode();
constexpr G711DecodeTable kAlawDecode = make_alaw_decode();
constexpr std::array<std::uint8_t, 8192> kUlawEncode = make_encode<8192>(ulaw_magnitude_code);
constexpr std::array<std::uint8_t, 2048> kAlawEncode = make_encode<2048>(alaw_magnitude_code);

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
