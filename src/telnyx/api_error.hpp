#pragma once

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// "Call has already ended": the normal end of a race with the hang-up.
inline constexpr std::string_view kCallHasEnded = "90018";
inline constexpr std::string_view kConferenceHasEnded = "90019";

/// What an answer with another status than 2xx says (API errors, `errors[0]`), whether or not its
/// body can be read. Phone numbers in its text are masked.
Error api_error(const HttpResponse& response);

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
