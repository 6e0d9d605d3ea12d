#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::cancelled:
      return "cancelled";
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::not_found:
      return "not_found";
    case Errc::conflict:
      return "conflict";
    case Errc::unauthenticated:
      return "unauthenticated";
    case Errc::permission_denied:
      return "permission_denied";
    case Errc::resource_exhausted:
      return "resource_exhausted";
    case Errc::deadline_exceeded:
      return "deadline_exceeded";
    case Errc::unavailable:
      return "unavailable";
    case Errc::protocol_error:
      return "protocol_error";
    case Errc::payload_too_large:
      return "payload_too_large";
    case Errc::unsupported:
      return "unsupported";
    case Errc::internal:
      return "internal";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  std::string line;
  const auto append_word = [&line](std::string_view word) {
    if (word.empty()) return;
    line += word;
    line += ' ';
  };
  append_word(error.origin);
  if (error.http_status != 0) append_word(std::to_string(error.http_status));
  append_word(error.provider_code);
  line += to_string(error.code);
  if (!error.field.empty()) line += " (" + error.field + ")";
  line += ": ";
  line += error.message;
  return line;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
