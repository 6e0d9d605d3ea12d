#pragma once

#include <optional>
#include <string>

#include "openai_api_error.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// Checks one client event against the grammar of the GA Realtime API: type known, every key known,
/// every required key there, every value of the right type and range. What needs the state of the
/// session (does the item exist, is a response running) is not judged here.
/// `on_call`: of a WebRTC or SIP call, which knows one event more.
std::optional<ApiError> check_client_event(JsonView event, bool on_call = false);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
