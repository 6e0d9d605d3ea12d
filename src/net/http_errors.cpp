#include "net/http_errors.hpp"

#include <algorithm>

#include "voicebridge/core/json.hpp"
#include "voicebridge/core/log.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

constexpr std::size_t kMaxText = 300;

std::string without_phone_numbers(std::string_view text) {
  constexpr std::size_t kFewestDigits = 7;
  std::string out;
  while (!text.empty()) {
    const std::size_t plus = std::min(text.find('+'), text.size());
    out.append(text.substr(0, plus));
    text.remove_prefix(plus);
    if (text.empty()) break;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    const std::string_view number = text.substr(0, end);
    out.append(end > kFewestDigits ? mask_phone(number) : std::string(number));
    text.remove_prefix(end);
  }
  return out;
}

}  // namespace

Errc meaning_of_status(int status) noexcept {
  switch (status) {
    case 400:
    case 422:
      return Errc::invalid_argument;
    case 401:
      return Errc::unauthenticated;
    case 403:
      return Errc::permission_denied;
    case 404:
      return Errc::not_found;
    case 408:
      return Errc::deadline_exceeded;
    case 409:
      return Errc::conflict;
    case 413:
      return Errc::payload_too_large;
    case 429:
      return Errc::resource_exhausted;
    default:
      return status >= 500 ? Errc::unavailable : Errc::protocol_error;
  }
}

std::string error_body(int status, std::string_view message) {
  return JsonWriter()
      .object()
      .key("error")
      .object()
      .field("code", to_string(meaning_of_status(status)))
      .field("message", message)
      .end()
      .end()
      .take();
}

std::string short_message(std::string_view text) {
  std::string message = without_phone_numbers(text);
  if (message.size() > kMaxText) message.resize(kMaxText);
  return message;
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
