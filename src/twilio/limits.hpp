#pragma once

#include <cstddef>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// What both the REST requests and TwiML are held to.
inline constexpr std::size_t kMaxLabel = 128;      ///< Of a participant.
inline constexpr std::size_t kMaxParameter = 500;  ///< Name and value of a stream's parameter.
inline constexpr std::string_view kTrim = "trim-silence do-not-trim";

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
