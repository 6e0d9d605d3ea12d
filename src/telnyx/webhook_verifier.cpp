#include "voicebridge/telnyx/webhook_verifier.hpp"

#include <algorithm>
#include <mutex>

#include "net/recent_set.hpp"
#include "net/unix_seconds.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

constexpr std::string_view kSignatureHeader = "telnyx-signature-ed25519";
constexpr std::string_view kTimestampHeader = "telnyx-timestamp";
constexpr std::size_t kSignatureBytes = 64;

using Verdict = tl::expected<void, WebhookFault>;

tl::unexpected<WebhookFault> reject(WebhookFault fault) {
  return tl::unexpected<WebhookFault>(fault);
}

std::string signed_message(std::string_view timestamp, std::string_view raw_body) {
  std::string message;
  message.reserve(timestamp.size() + 1 + raw_body.size());
  message.append(timestamp).append(1, '|').append(raw_body);
  return message;
}

}  // namespace

struct WebhookVerifier::State {
  explicit State(const WebhookVerifierOptions& options)
      : tolerance(options.tolerance),
        // A signature can be used from `tolerance` before its timestamp to `tolerance` after it.
        signatures(2 * options.tolerance, options.max_remembered),
        events(kRedelivery, options.max_remembered) {}

  /// The vendor publishes no limit for redelivery; a policy of a call allows one minute.
  static constexpr Millis kRedelivery{60 * 60 * 1000};

  std::vector<Ed25519PublicKey> keys;
  const std::chrono::seconds tolerance;
  std::mutex mutex;
  net::RecentSet signatures;
  net::RecentSet events;
};

WebhookVerifier::WebhookVerifier(std::unique_ptr<State> state) : state_(std::move(state)) {}
WebhookVerifier::WebhookVerifier(WebhookVerifier&&) noexcept = default;
WebhookVerifier& WebhookVerifier::operator=(WebhookVerifier&&) noexcept = default;
WebhookVerifier::~WebhookVerifier() = default;

Result<WebhookVerifier> WebhookVerifier::create(WebhookVerifierOptions options) {
  if (options.public_keys.empty()) {
    return fail(Errc::invalid_argument, "a Telnyx public key is needed to check webhooks",
                "public_keys");
  }
  if (options.max_remembered == 0 || options.tolerance.count() <= 0) {
    return fail(Errc::invalid_argument, "the window and the memory for replays must not be empty",
                options.max_remembered == 0 ? "max_remembered" : "tolerance");
  }
  auto state = std::make_unique<State>(options);
  for (const std::string& text : options.public_keys) {
    auto key = Ed25519PublicKey::parse(text);
    if (!key) return fail(Errc::invalid_argument, key.error().message, "public_keys");
    state->keys.push_back(*key);
  }
  return WebhookVerifier(std::move(state));
}

Verdict WebhookVerifier::verify(const HttpHeaders& headers, std::string_view raw_body,
                                UnixMillis now) const {
  if (headers.count(kSignatureHeader) != 1 || headers.count(kTimestampHeader) != 1) {
    return reject(WebhookFault::missing);
  }
  const std::string_view timestamp = *headers.find(kTimestampHeader);
  const auto seconds = net::parse_unix_seconds(timestamp);
  const auto signature = base64_decode(*headers.find(kSignatureHeader));
  if (!seconds || !signature || signature->size() != kSignatureBytes) {
    return reject(WebhookFault::malformed);
  }
  if (!net::is_near(*seconds, now, state_->tolerance)) return reject(WebhookFault::stale);

  const std::string message = signed_message(timestamp, raw_body);
  const auto fits = [&](const Ed25519PublicKey& key) {
    return key.verify(ByteView(message), *signature);
  };
  if (std::none_of(state_->keys.begin(), state_->keys.end(), fits)) {
    return reject(WebhookFault::wrong_signature);
  }
  const std::lock_guard<std::mutex> lock(state_->mutex);
  if (!state_->signatures.insert(ByteView(*signature).text(), now)) {
    return reject(WebhookFault::replayed);
  }
  return {};
}

tl::expected<WebhookEvent, WebhookFault> WebhookVerifier::receive(const HttpHeaders& headers,
                                                                  std::string_view raw_body,
                                                                  UnixMillis now) const {
  if (const Verdict verdict = verify(headers, raw_body, now); !verdict) {
    return reject(verdict.error());
  }
  auto event = parse_webhook(raw_body);
  if (!event) return reject(WebhookFault::malformed_event);
  const std::lock_guard<std::mutex> lock(state_->mutex);
  if (!state_->events.insert(event->id, now)) return reject(WebhookFault::repeated);
  return std::move(*event);
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
