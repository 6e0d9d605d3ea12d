#pragma once

#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Why a webhook is not acted upon, whoever sent it.
enum class WebhookFault {
  missing,          ///< A header that it is signed by is not there, or one of them twice.
  malformed,        ///< The headers have not the documented form.
  stale,            ///< Signed too long ago, or in the future.
  wrong_signature,  ///< Not signed by any of the keys, or the body was changed.
  replayed,         ///< The very signature was accepted before: somebody sends a recorded request.
  malformed_event,  ///< Properly signed, but not an event.
  repeated,         ///< An event that was accepted before is delivered again: done already.
  late,             ///< What the event tells of is over by now.
};

/// The name as it is written in logs: "wrong_signature".
VOICEBRIDGE_API std::string_view to_string(WebhookFault fault) noexcept;

/// What to answer: 401 to what the service cannot have sent, 403 to what is too old, 400 to what is
/// no event, and 200 to a repeated or late one, which would otherwise be delivered again and again.
VOICEBRIDGE_API int http_status(WebhookFault fault) noexcept;

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
