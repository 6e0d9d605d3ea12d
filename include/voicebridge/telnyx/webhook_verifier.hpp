#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/webhook.hpp"
#include "voicebridge/telnyx/webhook_event.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

using voicebridge::http_status;
using voicebridge::WebhookFault;

/// Which keys count, and how old a webhook may be.
struct WebhookVerifierOptions {
  /// Account public keys: base64 of the 32 bytes, base64 of the DER form, or PEM. Two while a key
  /// is rolled.
  std::vector<std::string> public_keys;
  std::chrono::seconds tolerance{300};  ///< Either side of now; just this far is accepted.
  std::size_t max_remembered =
      10000;  ///< Signatures and event ids each; beyond it the oldest are forgotten.
};

/// Decides whether a request is a webhook from Telnyx (Receiving webhooks, "Webhook signing").
/// @par Threads Any.
class VOICEBRIDGE_API WebhookVerifier {
 public:
  /// `Errc::invalid_argument` without a key, with a malformed one, or without a memory.
  static Result<WebhookVerifier> create(WebhookVerifierOptions options);
  ///@{
  /// What was moved from may only go, or be assigned to.
  WebhookVerifier(WebhookVerifier&&) noexcept;
  WebhookVerifier& operator=(WebhookVerifier&&) noexcept;
  ///@}
  ~WebhookVerifier();

  /// The signature alone: header form, age, keys, and that it was not used before.
  /// @param raw_body  As it came, before any decoding.
  /// @param now  Wall-clock time.
  tl::expected<void, WebhookFault> verify(const HttpHeaders& headers, std::string_view raw_body,
                                          UnixMillis now) const;

  /// `verify`, then `parse_webhook`, then that the event's id is new.
  tl::expected<WebhookEvent, WebhookFault> receive(const HttpHeaders& headers,
                                                   std::string_view raw_body, UnixMillis now) const;

 private:
  struct State;
  explicit WebhookVerifier(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
