#include "net/socket_refusal.hpp"

#include "net/http_errors.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

HttpResponse socket_refusal(int status, std::string_view error) {
  HttpResponse response;
  response.status = status;
  response.headers.add("content-type", "application/json");
  response.body = error_body(status, error);
  return response;
}

int socket_refusal_status(Errc code) noexcept {
  switch (code) {
    case Errc::not_found:
      return 404;
    case Errc::resource_exhausted:
    case Errc::unavailable:
      return 503;
    default:
      return 403;
  }
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
