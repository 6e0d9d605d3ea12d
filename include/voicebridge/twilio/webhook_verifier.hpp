#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/form.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/webhook.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// What Twilio puts into X-Twilio-Signature: base64 of the HMAC-SHA1 of the URL, byte for byte, and
/// of the decoded form fields (Security, "Validating requests").
VOICEBRIDGE_API std::string request_signature(const Secret& auth_token, std::string_view url,
                                              const FormFields& form = {});

/// Whose signatures count, and for which addresses.
struct WebhookVerifierOptions {
  std::vector<Secret> auth_tokens;  ///< Of the account, not of an API key. Two while rotated.
  /// The https:// address that Twilio was given for this server, with a path before that of the
  /// routes if there is one. What the request says about its host is not believed.
  std::string public_url;
};

/// Decides whether a request comes from Twilio.
///
/// The scheme of the signed URL is vague about ports: it is accepted without one, as it is written,
/// and with the scheme's default; user and password never count. The signature has no time in it,
/// so a recorded request passes again: what must happen once is to be told by the event
/// (`SequenceNumber`, a token of our own).
/// @par Threads Any.
class VOICEBRIDGE_API WebhookVerifier {
 public:
  /// A signature that fits, or what is wrong.
  using Verdict = tl::expected<void, WebhookFault>;

  /// `Errc::invalid_argument` without a token or with a `public_url` that is no http(s) URL.
  static Result<WebhookVerifier> create(WebhookVerifierOptions options);

  /// A webhook: form, JSON with `bodySHA256` in its query, or GET.
  /// @param target  Path and query as they came.
  /// @param raw_body  As it came, before any decoding.
  Verdict verify(std::string_view method, std::string_view target, const HttpHeaders& headers,
                 std::string_view raw_body) const;

  /// The upgrade request of a media stream. One with a query is refused: Twilio sends none.
  Verdict verify_socket(std::string_view target, const HttpHeaders& headers) const;

  /// Whether the signature fits the URL and the fields, by any token.
  bool fits(std::string_view signature, std::string_view url, const FormFields& form = {}) const;

 private:
  explicit WebhookVerifier(WebhookVerifierOptions options) : options_(std::move(options)) {}
  WebhookVerifierOptions options_;
};

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
