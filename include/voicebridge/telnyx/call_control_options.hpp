#pragma once

#include <functional>
#include <string>

#include "voicebridge/core/secret.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/retry.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Where Telnyx is, and how long it may take.
struct TelnyxCallControlOptions {
  std::string api_base = "https://api.telnyx.com/v2";  ///< http(s), without a slash at the end.
  Secret api_key;                                      ///< Of the account, "KEY…".
  Millis dial_timeout{5000};                           ///< Of one attempt.
  Millis command_timeout{
      2000};  ///< Of one attempt. Telnyx advises to repeat what is not answered soon.
  /// How often a request is tried.
  RetryOptions retry{3, Millis{100}, Millis{2000}, Millis{5000}, 0};
  /// Makes command ids; nothing: `random_uuid`. Called on the thread of the request.
  std::function<std::string()> make_command_id;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
