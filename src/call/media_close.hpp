#pragma once

#include <cstdint>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// Whether a carrier that closes its media socket so has let go of the stream for no reason that it
/// gave: at the end of a call it closes with 1000 or without a code. RFC 6455, 7.4.1
constexpr bool is_lost_stream(std::uint16_t close_code) {
  constexpr std::uint16_t kNormal = 1000;
  constexpr std::uint16_t kNoCode = 1005;
  return close_code != kNormal && close_code != kNoCode;
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
