#include "openai/api_error.hpp"

#include <fmt/format.h>

#include "core/wire/read.hpp"
#include "net/http_errors.hpp"
#include "openai/conversation_shapes.hpp"
#include "openai/service_error.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/retry.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

Error api_error(const HttpResponse& response) {
  ServiceError told;
  if (const auto body = Json::parse(response.body)) WireReader().read((*body)["error"], told);
  if (told.message.empty()) told.message = fmt::format("HTTP status {}", response.status);
  told.message = net::short_message(told.message);
  Error error = to_error(told);
  error.http_status = response.status;
  if (!is_known(told)) {
    error.code = net::meaning_of_status(response.status);
    error.retryable = error.code == Errc::unavailable || error.code == Errc::deadline_exceeded ||
                      error.code == Errc::resource_exhausted;
  }
  if (const auto wait = retry_after(response.headers)) error.retry_after = wait;
  return error;
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
