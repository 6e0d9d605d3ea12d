#pragma once

#include <string>

#include "voicebridge/call/media_stream.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

Error trouble(Errc code, std::string message);
/// Both forms in use: `payload` with a number as code, and the older `error` with text.
Error carrier_error(JsonView message);
/// All of a `start` but its formats.
MediaStart media_start(JsonView message);

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
