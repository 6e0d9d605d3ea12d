#include "voicebridge/net/webhook.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

std::string_view to_string(WebhookFault fault) noexcept {
  switch (fault) {
    case WebhookFault::missing:
      return "missing";
    case WebhookFault::malformed:
      return "malformed";
    case WebhookFault::stale:
      return "stale";
    case WebhookFault::wrong_signature:
      return "wrong_signature";
    case WebhookFault::replayed:
      return "replayed";
    case WebhookFault::malformed_event:
      return "malformed_event";
    case WebhookFault::repeated:
      return "repeated";
    case WebhookFault::late:
      return "late";
  }
  return "unknown";
}

int http_status(WebhookFault fault) noexcept {
  switch (fault) {
    case WebhookFault::missing:
    case WebhookFault::malformed:
    case WebhookFault::wrong_signature:
      return 401;
    case WebhookFault::stale:
    case WebhookFault::replayed:
      return 403;
    case WebhookFault::malformed_event:
      return 400;
    case WebhookFault::repeated:
    case WebhookFault::late:
      return 200;
  }
  return 401;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
