#pragma once

#include <cstdint>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {

// RFC 6455 section 7.4.1.
inline constexpr std::uint16_t kNormalClosure = 1000;
inline constexpr std::uint16_t kPolicyViolation = 1008;
inline constexpr std::uint16_t kInternalError = 1011;
// Of our own, section 7.4.2: the HTTP status that it would be, behind 4000.
inline constexpr std::uint16_t kNotAdmitted = 4401;
inline constexpr std::uint16_t kConflict = 4409;
inline constexpr std::uint16_t kTooMany = 4429;

/// What a page is told that the application did not want.
constexpr std::uint16_t refusal_code(Errc code) {
  switch (code) {
    case Errc::unauthenticated:
    case Errc::permission_denied:
    case Errc::not_found:
      return kNotAdmitted;
    case Errc::conflict:
      return kConflict;
    case Errc::resource_exhausted:
      return kTooMany;
    default:
      return kInternalError;
  }
}

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
