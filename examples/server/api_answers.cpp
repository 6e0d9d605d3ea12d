#include "api_answers.hpp"

#include "voicebridge/tools/tool_registry.hpp"

namespace server {

using namespace voicebridge;

int http_status_of(const Error& error) {
  switch (error.code) {
    case Errc::invalid_argument:
      return 422;
    case Errc::not_found:
      return 404;
    case Errc::conflict:
      return 409;
    case Errc::unauthenticated:
      return 401;
    case Errc::permission_denied:
      return 403;
    case Errc::resource_exhausted:
      return 429;
    case Errc::payload_too_large:
      return 413;
    case Errc::unavailable:
    case Errc::cancelled:
      return 503;
    case Errc::deadline_exceeded:
      return 504;
    case Errc::unsupported:
      return 501;
    case Errc::protocol_error:
    case Errc::internal:
      return 500;
  }
  return 500;
}

HttpResponse refusal(int status, const Error& error) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}};
  if (status == 401) response.headers.add("WWW-Authenticate", "Bearer");
  if (error.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after);
    response.headers.add("Retry-After", std::to_string(seconds.count()));
  }
  response.body = tool_error_json(error);
  return response;
}

void refuse(const HttpResponder& responder, int status, const Error& error) {
  responder.send(refusal(status, error));
}

void refuse(const HttpResponder& responder, const Error& error) {
  refuse(responder, http_status_of(error), error);
}

Error too_busy() { return fail(Errc::unavailable, "too much work is waiting").value(); }

}  // namespace server
