#pragma once

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

/// The call is over, or never was.
inline constexpr std::string_view kCallNotFound = "call_id_not_found";

/// What an answer with another status than 2xx says (API reference, error bodies), whether or not
/// its body can be read. Phone numbers in its text are masked.
Error api_error(const HttpResponse& response);

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
