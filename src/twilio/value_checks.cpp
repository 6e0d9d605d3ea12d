#include "value_checks.hpp"

#include <algorithm>

#include "net/ascii.hpp"
#include "voicebridge/core/phone_number.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

constexpr std::size_t kMaxSipUri = 255;
constexpr std::size_t kMaxSipHeaders = 1024;

bool has_prefix(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// `user:password@` is part of URLs here: Twilio uses it for HTTP authentication.
std::string without_credentials(std::string_view url) {
  const std::size_t authority = url.find("://");
  if (authority == std::string_view::npos) return std::string(url);
  const std::size_t end = std::min(url.find_first_of("/?#", authority + 3), url.size());
  const std::size_t at = url.substr(0, end).rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return std::string(url.substr(0, authority + 3)).append(url.substr(at + 1));
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

/// Headers of Twilio's list may go into the INVITE, and those of our own.
bool is_sip_header(std::string_view pair) {
  const std::size_t equals = pair.find('=');
  const std::string name = net::ascii_lower(pair.substr(0, equals));
  if (equals == std::string_view::npos) return false;
  return (has_prefix(name, "x-") && name.size() > 2) || name == "user-to-user" ||
         name == "remote-party-id" || name == "p-preferred-identity" || name == "p-called-party-id";
}

}  // namespace

bool is_web_url(std::string_view text) {
  const auto url = parse_url(without_credentials(text));
  return url && (url->scheme == "http" || url->scheme == "https");
}

bool is_relative_url(std::string_view text) {
  return !text.empty() && is_printable_ascii(text) && text.find("://") == std::string_view::npos &&
         text.find('#') == std::string_view::npos;
}

bool is_stream_url(std::string_view text) {
  const auto url = parse_url(text);
  if (!url || text.find_first_of("?#") != std::string_view::npos) return false;
  return url->scheme == "wss" || (url->scheme == "ws" && is_loopback(url->host));
}

bool is_sid(std::string_view text, std::string_view prefix) {
  return text.size() == 34 && has_prefix(text, prefix) &&
         text.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

bool is_caller(std::string_view text) {
  if (text.empty() || text.size() > 255 || !is_printable_ascii(text)) return false;
  return text.front() != '+' || looks_like_e164(text);
}

bool is_callee(std::string_view text) {
  if (has_prefix(text, "client:")) return text.size() > 7 && is_printable_ascii(text);
  if (has_prefix(text, "sip:") || has_prefix(text, "sips:")) return fault_of_sip_uri(text).empty();
  return looks_like_e164(text);
}

std::string fault_of_sip_uri(std::string_view text) {
  const std::size_t question = text.find('?');
  const std::string_view uri = text.substr(0, question);
  const std::size_t before_host = uri.find(uri.find('@') == std::string_view::npos ? ':' : '@');
  if ((!has_prefix(uri, "sip:") && !has_prefix(uri, "sips:")) || before_host + 1 >= uri.size() ||
      !is_printable_ascii(text)) {
    return "must be an address such as sip:user@host";
  }
  if (uri.size() >= kMaxSipUri) return "must be shorter than 255 characters, without the headers";
  if (question == std::string_view::npos) return {};
  const std::string_view headers = text.substr(question + 1);
  if (headers.size() >= kMaxSipHeaders) return "must have less than 1024 characters of headers";
  const bool strange =
      net::any_part(headers, '&', [](std::string_view pair) { return !is_sip_header(pair); });
  return strange ? "may only carry headers that begin with X-, and a few of the standard" : "";
}

std::size_t character_count(std::string_view text) {
  // Every byte but those that continue a character.
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
