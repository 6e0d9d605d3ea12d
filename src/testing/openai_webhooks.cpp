#include "openai_webhooks.hpp"

#include <utility>

#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
/// Of the secret that is no longer the one, while it is rotated.
constexpr std::string_view kOldSecret = "whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0LW9sZC0=";
/// Deliveries that wait for their time or an answer; events beyond it are lost.
constexpr std::size_t kMaxDeliveries = 10'000;

}  // namespace

std::string webhook_signature(std::string_view secret, std::string_view id,
                              std::string_view timestamp, std::string_view body) {
  if (secret.substr(0, kSecretPrefix.size()) == kSecretPrefix) {
    secret.remove_prefix(kSecretPrefix.size());
  }
  const auto key = base64_decode(secret);
  std::string message(id);
  message.append(".").append(timestamp).append(".").append(body);
  const auto digest = hmac_sha256(key ? ByteView(*key) : ByteView(secret), ByteView(message));
  return "v1," + base64_encode(ByteView(digest.data(), digest.size()));
}

Webhooks::Webhooks(std::string secret, WallClock wall, OpenAiCallsNetwork& network,
                   IdGenerator& ids)
    : secret_(std::move(secret)), wall_(wall), network_(network), ids_(ids) {}

void Webhooks::add(const WebhookEvent& event, const SipWebhookPlan& plan, TimePoint now) {
  if (url_.empty() || agenda_.size() + unanswered_.size() >= kMaxDeliveries) return;
  const Delivery delivery{event, plan, ids_.make("wh_"), 0, 0};
  TimePoint when = now + plan.delay;
  for (unsigned copy = 0; copy < plan.copies; ++copy, when += plan.copy_spacing) {
    schedule(delivery, when);
  }
  if (plan.late) schedule(delivery, now + *plan.late);
}

void Webhooks::schedule(Delivery delivery, TimePoint when) {
  agenda_.add(when, [this, d = std::move(delivery)](TimePoint now) { send(d, now); });
}

void Webhooks::send(Delivery delivery, TimePoint now) {
  SimPost post;
  post.id = ++last_post_;
  post.url = url_;
  post.headers = sign(delivery, now);
  post.body = delivery.event.body;
  post.timeout = delivery.plan.timeout;
  delivery.index = note_(delivery.event.call_id,
                         {delivery.webhook_id, delivery.event.event_id, delivery.event.type}, now);
  unanswered_.emplace(post.id, std::move(delivery));
  network_.post_webhook(post);
}

HttpHeaders Webhooks::sign(const Delivery& delivery, TimePoint now) const {
  const std::string timestamp =
      std::to_string((wall_.millis(now) - delivery.plan.stale.count()) / 1000);
  std::string signature =
      webhook_signature(secret_, delivery.webhook_id, timestamp, delivery.event.body);
  if (delivery.plan.bad_signature) {
    // The first character stands for six bits of the digest.
    signature[3] = signature[3] == 'A' ? 'B' : 'A';
  }
  if (delivery.plan.rotated) {
    signature = webhook_signature(kOldSecret, delivery.webhook_id, timestamp, delivery.event.body) +
                " " + signature;
  }
  return {{"Content-Type", "application/json"},
          {"User-Agent", "OpenAI/1.0 (+https://platform.openai.com/docs/webhooks)"},
          {"webhook-id", delivery.webhook_id},
          {"webhook-timestamp", timestamp},
          {"webhook-signature", signature}};
}

void Webhooks::on_answer(std::uint64_t post_id, int status, TimePoint now) {
  auto found = unanswered_.extract(post_id);
  if (found.empty()) return;
  Delivery delivery = std::move(found.mapped());
  answered_(delivery.event.call_id, delivery.index, status);
  const bool taken = status >= 200 && status < 300;
  if (taken || delivery.attempt >= delivery.plan.retries.size()) return;
  const Millis pause = delivery.plan.retries[delivery.attempt++];
  schedule(std::move(delivery), now + pause);
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
