#pragma once

#include <string>

#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// What stands in the `error` object of an `error` event, or in the body of a refused request.
struct ApiError {
  std::string code;
  std::string message;
  std::string param;  ///< Dotted path of the wrong input; empty: null on the wire.
  std::string type = "invalid_request_error";
};

/// What a client of the switched-off beta gets.
ApiError beta_disabled();

/// A refused request as the service answers it.
HttpResponse error_response(int status, const ApiError& error);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
