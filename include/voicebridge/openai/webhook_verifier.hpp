#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/webhook.hpp"
#include "voicebridge/openai/webhook_event.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

using voicebridge::http_status;
using voicebridge::WebhookFault;

/// Which secrets count, and how old a webhook may be.
struct WebhookVerifierOptions {
  /// Signing secrets, "whsec_…". Two while one is rotated: the old one lives on for a day.
  std::vector<Secret> secrets;
  std::chrono::seconds tolerance{300};  ///< Either side of now; just this far is accepted.
  /// How long a caller hears it ring. An incoming call that is older is over.
  std::chrono::seconds ring_time{60};
  std::size_t max_remembered = 10000;  ///< Webhooks and calls each; beyond it the oldest go.
};

/// Decides whether a request is a webhook from OpenAI, by the Standard Webhooks signature: HMAC of
/// id, timestamp and the raw body.
/// @par Threads Any.
class VOICEBRIDGE_API WebhookVerifier {
 public:
  /// `Errc::invalid_argument` without a secret, with a malformed one, or without a window or
  /// memory.
  static Result<WebhookVerifier> create(WebhookVerifierOptions options);
  ///@{
  /// What was moved from may only go, or be assigned to.
  WebhookVerifier(WebhookVerifier&&) noexcept;
  WebhookVerifier& operator=(WebhookVerifier&&) noexcept;
  ///@}
  ~WebhookVerifier();

  /// The signature alone: header form, age, secrets. Of the signatures in the header the first 32
  /// are looked at. Nothing is remembered.
  /// @param raw_body  As it came, before any decoding.
  /// @param now  Wall-clock time.
  tl::expected<void, WebhookFault> verify(const HttpHeaders& headers, std::string_view raw_body,
                                          UnixMillis now) const;

  /// `verify`, then `parse_webhook`, then that neither the webhook nor the call it tells of came
  /// before, and that the call can still be ringing.
  tl::expected<WebhookEvent, WebhookFault> receive(const HttpHeaders& headers,
                                                   std::string_view raw_body, UnixMillis now) const;

 private:
  struct State;
  explicit WebhookVerifier(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
