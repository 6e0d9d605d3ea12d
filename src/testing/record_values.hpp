#pragma once

#include <cstdint>
#include <optional>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// As the records write a time: milliseconds, or null.
inline std::optional<std::int64_t> milliseconds(const std::optional<Millis>& time) {
  if (!time) return std::nullopt;
  return time->count();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
