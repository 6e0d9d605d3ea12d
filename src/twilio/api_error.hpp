#pragma once

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// What an answer with another status than 2xx says, whether or not its body can be read. Phone
/// numbers in its text are masked; the vendor's page about the code is named behind it.
Error api_error(const HttpResponse& response);

/// Whether the thing that was to end is over already.
bool is_over(const Error& error);

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
