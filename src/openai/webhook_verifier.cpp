#include "voicebridge/openai/webhook_verifier.hpp"

#include <mutex>
#include <string>

#include "net/recent_set.hpp"
#include "net/unix_seconds.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

constexpr std::string_view kIdHeader = "webhook-id";
constexpr std::string_view kTimestampHeader = "webhook-timestamp";
constexpr std::string_view kSignatureHeader = "webhook-signature";
constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kVersion = "v1,";
constexpr std::size_t kMaxSignatures = 32;
constexpr std::size_t kMaxIdBytes = 256;

using Verdict = tl::expected<void, WebhookFault>;

tl::unexpected<WebhookFault> reject(WebhookFault fault) {
  return tl::unexpected<WebhookFault>(fault);
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// The bytes that sign, kept as a `Secret` so that they are wiped and never printed.
Result<Secret> read_key(const Secret& secret) {
  const std::string_view text = secret.reveal();
  const auto key = starts_with(text, kSecretPrefix)
                       ? base64_decode(text.substr(kSecretPrefix.size()))
                       : Result<Bytes>(fail(Errc::invalid_argument, ""));
  if (!key || key->empty()) {
    return fail(Errc::invalid_argument, "a webhook secret is whsec_ and base64", "secrets");
  }
  return Secret(ByteView(*key).text());
}

std::string signed_message(std::string_view id, std::string_view timestamp,
                           std::string_view raw_body) {
  std::string message;
  message.reserve(id.size() + timestamp.size() + raw_body.size() + 2);
  message.append(id).append(1, '.').append(timestamp).append(1, '.').append(raw_body);
  return message;
}

/// Whether one of the signatures is the expected one. Entries of other versions are skipped.
bool names(std::string_view signatures, std::string_view expected) {
  for (std::size_t n = 0; n < kMaxSignatures && !signatures.empty(); ++n) {
    const std::string_view entry = signatures.substr(0, signatures.find(' '));
    signatures.remove_prefix(std::min(entry.size() + 1, signatures.size()));
    if (starts_with(entry, kVersion) &&
        constant_time_equal(entry.substr(kVersion.size()), expected)) {
      return true;
    }
  }
  return false;
}

}  // namespace

struct WebhookVerifier::State {
  explicit State(const WebhookVerifierOptions& options)
      : tolerance(options.tolerance),
        ring_time(options.ring_time),
        webhooks(kRedelivery, options.max_remembered),
        calls(kRedelivery, options.max_remembered) {}

  /// Whether one of the keys signs the message with one of the signatures.
  bool is_signed(std::string_view message, std::string_view signatures) const {
    bool good = false;
    for (const Secret& key : keys) {
      const auto mac = hmac_sha256(ByteView(key.reveal()), ByteView(message));
      good |= names(signatures, base64_encode(ByteView(mac.data(), mac.size())));
    }
    return good;
  }

  bool is_late(const WebhookEvent& event, UnixMillis now) const {
    return event.call && now / 1000 - event.created_at > ring_time.count();
  }

  bool is_new(const WebhookEvent& event, UnixMillis now) {
    const std::lock_guard<std::mutex> lock(mutex);
    return webhooks.insert(event.webhook_id, now) &&
           (!event.call || calls.insert(event.call->call_id, now));
  }

  /// Deliveries go on for three days, but one that is older than the ring time is late anyway.
  static constexpr Millis kRedelivery{60 * 60 * 1000};

  std::vector<Secret> keys;
  const std::chrono::seconds tolerance;
  const std::chrono::seconds ring_time;
  std::mutex mutex;
  net::RecentSet webhooks;
  net::RecentSet calls;
};

WebhookVerifier::WebhookVerifier(std::unique_ptr<State> state) : state_(std::move(state)) {}
WebhookVerifier::WebhookVerifier(WebhookVerifier&&) noexcept = default;
WebhookVerifier& WebhookVerifier::operator=(WebhookVerifier&&) noexcept = default;
WebhookVerifier::~WebhookVerifier() = default;

Result<WebhookVerifier> WebhookVerifier::create(WebhookVerifierOptions options) {
  if (options.secrets.empty()) {
    return fail(Errc::invalid_argument, "a secret is needed to check webhooks", "secrets");
  }
  if (options.max_remembered == 0) {
    return fail(Errc::invalid_argument, "the memory must not be empty", "max_remembered");
  }
  if (options.tolerance.count() <= 0 || options.ring_time.count() <= 0) {
    return fail(Errc::invalid_argument, "the window must not be empty",
                options.tolerance.count() <= 0 ? "tolerance" : "ring_time");
  }
  auto state = std::make_unique<State>(options);
  for (const Secret& secret : options.secrets) {
    auto key = read_key(secret);
    if (!key) return fail(key.error());
    state->keys.push_back(std::move(*key));
  }
  return WebhookVerifier(std::move(state));
}

Verdict WebhookVerifier::verify(const HttpHeaders& headers, std::string_view raw_body,
                                UnixMillis now) const {
  for (const std::string_view name : {kIdHeader, kTimestampHeader, kSignatureHeader}) {
    if (headers.count(name) != 1) return reject(WebhookFault::missing);
  }
  const std::string_view id = *headers.find(kIdHeader);
  const std::string_view timestamp = *headers.find(kTimestampHeader);
  const auto seconds = net::parse_unix_seconds(timestamp);
  if (id.empty() || id.size() > kMaxIdBytes || !seconds) return reject(WebhookFault::malformed);
  if (!net::is_near(*seconds, now, state_->tolerance)) return reject(WebhookFault::stale);
  const std::string message = signed_message(id, timestamp, raw_body);
  if (!state_->is_signed(message, *headers.find(kSignatureHeader))) {
    return reject(WebhookFault::wrong_signature);
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
  event->webhook_id = *headers.find(kIdHeader);
  if (event->call) event->call->webhook_id = event->webhook_id;
  if (state_->is_late(*event, now)) return reject(WebhookFault::late);
  if (!state_->is_new(*event, now)) return reject(WebhookFault::repeated);
  return std::move(*event);
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
