#pragma once

#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// agents.schema.json, built in so that the library needs no file beside it.
extern const std::string_view kAgentsSchema;

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
