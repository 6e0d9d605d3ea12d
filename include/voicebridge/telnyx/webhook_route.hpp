#pragma once

#include <functional>
#include <memory>
#include <string>

#include "voicebridge/call/carrier.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/telnyx/webhook_verifier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// Serves webhooks: checks each, answers at once, and hands on what is new. What is refused is
/// logged without its body. Several routes may share a verifier. Add it before `HttpServer::start`.
/// @param on_event  On the shard that accepted the request; must not block.
VOICEBRIDGE_API void add_webhook_route(HttpServer& server, std::string pattern,
                                       std::shared_ptr<const WebhookVerifier> verifier,
                                       std::function<void(const CarrierEvent&)> on_event,
                                       Logger log = {});

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
