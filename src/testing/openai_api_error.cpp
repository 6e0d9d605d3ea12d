#include "openai_api_error.hpp"

#include "openai_event_out.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

ApiError beta_disabled() {
  return {"beta_api_shape_disabled",
          "The Realtime Beta API is no longer supported. Please use the GA API.", ""};
}

HttpResponse error_response(int status, const ApiError& error) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  JsonWriter body;
  body.object().key("error").object();
  write_error_fields(body, error);
  response.body = body.end().end().take();
  return response;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
