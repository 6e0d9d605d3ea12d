#pragma once

#include <string_view>

namespace voicebridge {

/// agents.schema.json, built in so that the library needs no file beside it.
extern const std::string_view kAgentsSchema;

}  // namespace voicebridge
