#pragma once

#include <functional>
#include <memory>
#include <string>

#include "voicebridge/core/log.hpp"
#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/openai/webhook_verifier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// Serves webhooks: checks each, answers at once, and hands on every call once, while it can still
/// be ringing. Events of other types are answered 200 and left alone. What is refused is logged
/// without its body. Several routes may share a verifier. Add it before `HttpServer::start`.
/// @param on_call  On the shard that accepted the request, which is `on`; must not block.
VOICEBRIDGE_API void add_webhook_route(
    HttpServer& server, std::string pattern, std::shared_ptr<const WebhookVerifier> verifier,
    std::function<void(const IncomingSipCall& call, Scheduler& on)> on_call, Logger log = {});

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
