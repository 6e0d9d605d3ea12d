#pragma once

#include <string>
#include <string_view>

#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// An error of Twilio's REST interface.
struct TwilioApiError {
  int status = 400;
  int code = 0;
  std::string message;
};

HttpResponse to_response(const TwilioApiError& error);

TwilioApiError twilio_not_authenticated();                    ///< 20003
TwilioApiError twilio_not_found(std::string_view path);       ///< 20404
TwilioApiError twilio_too_many();                             ///< 20429
TwilioApiError twilio_not_in_progress();                      ///< 21220
TwilioApiError twilio_bad(int code, std::string_view value);  ///< 400 with the text of the code
TwilioApiError twilio_failure(int status);                    ///< Made to order.

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
