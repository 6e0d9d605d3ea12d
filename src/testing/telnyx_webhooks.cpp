#include "testing/telnyx_webhooks.hpp"

#include <utility>

#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

std::string telnyx_webhook_body(const WebhookAttempt& attempt) {
  JsonWriter json;
  json.object().key("data").object();
  json.field("record_type", "event")
      .field("event_type", attempt.event.type)
      .field("id", attempt.event.id)
      .field("occurred_at", attempt.event.occurred_at)
      .key("payload")
      .raw(attempt.event.payload)
      .end();
  json.key("meta")
      .object()
      .field("attempt", attempt.number)
      .field("delivered_to", attempt.url)
      .end();
  return json.end().take();
}

}  // namespace

SimPost telnyx_webhook(const Ed25519KeyPair& key, const WebhookAttempt& attempt) {
  SimPost post;
  post.url = attempt.url;
  post.body = telnyx_webhook_body(attempt);
  const std::string timestamp =
      std::to_string((attempt.wall_time - attempt.rule.stale.count()) / 1000);
  auto signature = key.sign(ByteView(timestamp + "|" + post.body));
  if (attempt.rule.bad_signature) signature[0] ^= 1;
  post.headers = {
      {"content-type", "application/json"},
      {"user-agent", "telnyx-webhooks"},
      {"telnyx-signature-ed25519", base64_encode(ByteView(signature.data(), signature.size()))},
      {"telnyx-timestamp", timestamp}};
  return post;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
