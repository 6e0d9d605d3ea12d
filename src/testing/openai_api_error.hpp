#pragma once

#include <string>

namespace voicebridge::testing::detail {

/// What stands in the `error` object of an `error` event, or in the body of a refused upgrade.
struct ApiError {
  std::string code;
  std::string message;
  std::string param;  ///< Dotted path of the wrong input; empty: null on the wire.
  std::string type = "invalid_request_error";
};

}  // namespace voicebridge::testing::detail
