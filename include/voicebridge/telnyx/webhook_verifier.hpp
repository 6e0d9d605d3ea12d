#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/telnyx/webhook_event.hpp"

namespace voicebridge::telnyx {

/// Why a webhook is not acted upon.
enum class WebhookFault {
  missing,          ///< No signature or no timestamp header, or one of them twice.
  malformed,        ///< The headers have not the documented form.
  stale,            ///< Signed too long ago, or in the future.
  wrong_signature,  ///< Not signed by any of the keys, or the body was changed.
  replayed,         ///< The very signature was accepted before: somebody sends a recorded request.
  malformed_event,  ///< Properly signed, but not an event (`parse_webhook`).
  repeated,         ///< Telnyx delivers an event again that was accepted before: done already.
};

/// The name as it is written in logs: "wrong_signature".
VOICEBRIDGE_API std::string_view to_string(WebhookFault fault) noexcept;

/// What to answer Telnyx: 401 to what it cannot have sent, 403 to what is too old, 400 to what is
/// no event, and 200 to a repeated one, which it would otherwise deliver again and again.
VOICEBRIDGE_API int http_status(WebhookFault fault) noexcept;

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
  WebhookVerifier(WebhookVerifier&&) noexcept;
  WebhookVerifier& operator=(WebhookVerifier&&) noexcept;
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

}  // namespace voicebridge::telnyx
