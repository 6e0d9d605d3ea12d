#pragma once

#include <functional>
#include <initializer_list>
#include <string>

#include "voicebridge/core/error.hpp"
#include "voicebridge/openai/realtime_client.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What a variable says; empty when it is not set.
using Variables = std::function<std::string(const std::string& name)>;

/// A variable of the process's environment.
VOICEBRIDGE_API std::string environment_variable(const std::string& name);

/// Who the model is, under the names that voicebridge-server reads: OPENAI_API_KEY, and, where they
/// are set, OPENAI_BASE_URL, OPENAI_REALTIME_URL, OPENAI_REALTIME_MODEL, OPENAI_PROJECT_ID.
/// @return `Errc::invalid_argument`; `field` is the variable that is missing.
VOICEBRIDGE_API Result<openai::RealtimeClientOptions> realtime_options(
    const Variables& variables = environment_variable);

/// `Errc::invalid_argument` with the first of the names that says nothing.
VOICEBRIDGE_API Result<> need_variables(const Variables& variables,
                                        std::initializer_list<const char*> names);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
