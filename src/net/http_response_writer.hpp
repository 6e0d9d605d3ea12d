#pragma once

#include <ctime>
#include <string>

#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

struct HttpResponseContext {
  bool to_head = false;  ///< The request was HEAD: the body's length is told, the body is not sent.
  bool to_http_1_0 = false;
  bool keep_alive = true;
  std::time_t date = 0;
};

/// The bytes of a response. Content-Length, Date and Connection are set here, whatever the handler
/// says; a response that HTTP does not allow (a status outside 200 … 599, CR or LF in a header)
/// becomes a 500.
std::string write_http_response(const HttpResponse& response, const HttpResponseContext& context);

/// A small JSON answer: `{"error":"body too large"}`.
HttpResponse http_error(int status, std::string_view reason);

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
