#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/testing/openai_scenario.hpp"
#include "voicebridge/testing/openai_sim_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// Who may come in. A null function knows nobody.
struct UpgradeDoor {
  const Secret& api_key;
  /// The session JSON that an ephemeral key was made with; nothing when it is unknown or expired.
  std::function<std::optional<std::string>(std::string_view key)> session_of_key;
  /// Whether a call can be attached to.
  std::function<bool(const std::string& call_id)> has_call;
};

/// The key of an `Authorization: Bearer` header, or of a browser's subprotocol
/// `openai-insecure-api-key.…`.
std::optional<std::string_view> bearer_key(const HttpHeaders& headers);

/// Judges the upgrade request of a Realtime WebSocket: the handshake of the session it opens or of
/// the call it attaches to, or the answer that refuses it. `connection` and `unix_seconds` of the
/// handshake are left to the caller.
std::variant<OpenAiSimHandshake, HttpResponse> check_upgrade(std::string_view target,
                                                             const HttpHeaders& headers,
                                                             const UpgradeDoor& door,
                                                             const ConnectionFault& fault);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
