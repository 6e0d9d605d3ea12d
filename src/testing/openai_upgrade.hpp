#pragma once

#include <string_view>
#include <variant>

#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/testing/openai_scenario.hpp"
#include "voicebridge/testing/openai_sim_session.hpp"

namespace voicebridge::testing::detail {

/// Judges the upgrade request of a Realtime WebSocket: the handshake of the session it opens, or
/// the answer that refuses it. `connection` and `unix_seconds` of the handshake are left to the
/// caller.
std::variant<OpenAiSimHandshake, HttpResponse> check_upgrade(std::string_view target,
                                                             const HttpHeaders& headers,
                                                             const Secret& api_key,
                                                             const ConnectionFault& fault);

}  // namespace voicebridge::testing::detail
