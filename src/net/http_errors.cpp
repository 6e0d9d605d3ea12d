#include "net/http_errors.hpp"

namespace voicebridge::net {

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

}  // namespace voicebridge::net
