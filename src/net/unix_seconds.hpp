#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Digits only: no sign, no space, no fraction. Twelve of them last for thirty thousand years.
inline std::optional<std::int64_t> parse_unix_seconds(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || text.size() > 12 || !std::all_of(text.begin(), text.end(), is_digit)) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

/// Whether `seconds` is at most `tolerance` away from now, on either side.
inline bool is_near(std::int64_t seconds, UnixMillis now, std::chrono::seconds tolerance) {
  return std::abs(now / 1000 - seconds) <= tolerance.count();
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
