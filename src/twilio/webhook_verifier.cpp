#include "voicebridge/twilio/webhook_verifier.hpp"

#include <set>
#include <utility>

#include "net/ascii.hpp"
#include "signed_url.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

constexpr std::string_view kSignatureHeader = "x-twilio-signature";
constexpr std::string_view kBodyDigest = "bodySHA256";
constexpr std::size_t kSignatureBytes = 20;

tl::unexpected<WebhookFault> reject(WebhookFault fault) {
  return tl::unexpected<WebhookFault>(fault);
}

std::string hex(const std::array<std::uint8_t, 32>& digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : digest) out += {kDigits[byte >> 4], kDigits[byte & 15]};
  return out;
}

/// Name and value of each field behind each other, sorted by name, then by value; the same pair
/// counts once.
std::string signed_fields(const FormFields& form) {
  const std::set<std::pair<std::string, std::string>> sorted(form.fields().begin(),
                                                             form.fields().end());
  std::string out;
  for (const auto& [name, value] : sorted) out.append(name).append(value);
  return out;
}

std::string signature_of(const Secret& token, std::string_view data) {
  const auto digest = hmac_sha1(ByteView(token.reveal()), ByteView(data));
  return base64_encode({digest.data(), digest.size()});
}

/// The one signature of a request, well-formed.
tl::expected<std::string_view, WebhookFault> read_signature(const HttpHeaders& headers) {
  if (headers.count(kSignatureHeader) != 1) return reject(WebhookFault::missing);
  const std::string_view signature = *headers.find(kSignatureHeader);
  const auto bytes = base64_decode(signature);
  if (!bytes || bytes->size() != kSignatureBytes) return reject(WebhookFault::malformed);
  return signature;
}

bool is_form(const HttpHeaders& headers) {
  const std::string_view type = headers.find("content-type").value_or("");
  return net::equals_ignore_case(net::trim(type.substr(0, type.find(';'))),
                                 "application/x-www-form-urlencoded");
}

/// The same place for a media socket: http becomes ws, https wss.
std::string socket_origin(const std::string& public_url) { return "ws" + public_url.substr(4); }

}  // namespace

std::string request_signature(const Secret& auth_token, std::string_view url,
                              const FormFields& form) {
  return signature_of(auth_token, std::string(url.substr(0, url.find('#'))) + signed_fields(form));
}

Result<WebhookVerifier> WebhookVerifier::create(WebhookVerifierOptions options) {
  if (options.auth_tokens.empty()) {
    return fail(Errc::invalid_argument, "the account's auth token is needed to check webhooks",
                "auth_tokens");
  }
  for (const Secret& token : options.auth_tokens) {
    if (token.empty()) {
      return fail(Errc::invalid_argument, "an auth token must not be empty", "auth_tokens");
    }
  }
  std::string& url = options.public_url;
  const std::string scheme = net::ascii_lower(std::string_view(url).substr(0, url.find("://")));
  const bool strange = url.find_first_of("?# ") != std::string::npos;
  if ((scheme != "https" && scheme != "http") || signed_urls(url).empty() || strange) {
    return fail(Errc::invalid_argument, "public_url must be an http:// or https:// address",
                "public_url");
  }
  url.replace(0, scheme.size(), scheme);
  while (url.back() == '/') url.pop_back();
  return WebhookVerifier(std::move(options));
}

bool WebhookVerifier::fits(std::string_view signature, std::string_view url,
                           const FormFields& form) const {
  const std::string fields = signed_fields(form);
  bool found = false;
  // Every combination is tried, so that the time tells nothing about the one that fits.
  for (const std::string& candidate : signed_urls(url)) {
    for (const Secret& token : options_.auth_tokens) {
      const bool same =
          constant_time_equal(std::string_view(signature_of(token, candidate + fields)), signature);
      found = found || same;
    }
  }
  return found;
}

WebhookVerifier::Verdict WebhookVerifier::verify(std::string_view method, std::string_view target,
                                                 const HttpHeaders& headers,
                                                 std::string_view raw_body) const {
  const auto signature = read_signature(headers);
  if (!signature) return reject(signature.error());
  FormFields form;
  if (const auto digest = query_parameter(target, kBodyDigest)) {
    if (!constant_time_equal(std::string_view(hex(sha256(ByteView(raw_body)))),
                             std::string_view(*digest))) {
      return reject(WebhookFault::wrong_signature);
    }
  } else if (method == "POST" && is_form(headers)) {
    auto fields = FormFields::parse(raw_body);
    if (!fields) return reject(WebhookFault::malformed);
    form = std::move(*fields);
  } else if (!raw_body.empty()) {
    return reject(WebhookFault::wrong_signature);  // A body that nothing vouches for.
  }
  if (!fits(*signature, options_.public_url + std::string(target), form)) {
    return reject(WebhookFault::wrong_signature);
  }
  return {};
}

WebhookVerifier::Verdict WebhookVerifier::verify_socket(std::string_view target,
                                                        const HttpHeaders& headers) const {
  const auto signature = read_signature(headers);
  if (!signature) return reject(signature.error());
  const bool plain = target.find('?') == std::string_view::npos;
  if (!plain || !fits(*signature, socket_origin(options_.public_url) + std::string(target))) {
    return reject(WebhookFault::wrong_signature);
  }
  return {};
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
