#pragma once

#include <string_view>

#include "voicebridge/core/log.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/net/webhook.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Answers a webhook that is taken, before it is acted upon.
void answer_taken(const HttpResponder& responder);

/// Answers and logs a webhook that is not taken.
void answer_fault(WebhookFault fault, const HttpServerRequest& request,
                  const HttpResponder& responder, const Logger& log, std::string_view component);

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
