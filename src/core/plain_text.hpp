#pragma once

#include <cstdint>
#include <cstring>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// ASCII that stands for itself inside a JSON string.
inline bool is_plain(char c) noexcept {
  const auto code = static_cast<unsigned char>(c);
  return code >= 0x20 && code < 0x80 && code != '"' && code != '\\';
}

/// The first character that is not plain, or `end`. For the scanners that read many small strings a
/// frame: eight characters at a time.
inline const char* skip_plain(const char* at, const char* end) noexcept {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  constexpr std::uint64_t kHighs = 0x8080808080808080u;
  const auto below = [](std::uint64_t word, std::uint64_t n) { return word - kOnes * n; };
  while (end - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    // A high bit shows up where a byte is above ASCII, below a space, a quote or a backslash. A
    // borrow can show one too many behind a true one, so the lowest is always true.
    const std::uint64_t odd = kHighs & (word | below(word, 0x20) | below(word ^ (kOnes * '"'), 1) |
                                        below(word ^ (kOnes * '\\'), 1));
    if (odd != 0) return at + __builtin_ctzll(odd) / 8;
    at += 8;
  }
#endif
  while (at != end && is_plain(*at)) ++at;
  return at;
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
