#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "voicebridge/core/time.hpp"
#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What kind of thing failed. Values are appended, never renumbered.
enum class Errc {
  cancelled = 1,       ///< The caller, a hang-up or a shutdown stopped the work.
  invalid_argument,    ///< The input is wrong; `Error::field` names it.
  not_found,           ///< The thing named does not exist.
  conflict,            ///< The thing exists, but its state forbids the request.
  unauthenticated,     ///< Missing or wrong key, token or signature.
  permission_denied,   ///< Known caller, not allowed.
  resource_exhausted,  ///< A limit, quota or rate was reached.
  deadline_exceeded,   ///< Nothing came in time.
  unavailable,         ///< The peer cannot be reached or refuses for now.
  protocol_error,      ///< The peer said something its protocol does not allow.
  payload_too_large,   ///< A size limit was exceeded.
  unsupported,         ///< Understood, but not offered.
  internal,            ///< A defect or a failing machine.
};

/// The name of a code as it is written in logs, such as "deadline_exceeded".
VOICEBRIDGE_API std::string_view to_string(Errc code) noexcept;

/// What failed, who said so, and whether trying again can help. Never holds a secret.
struct Error {
  Errc code = Errc::internal;  ///< What kind of thing failed.
  std::string message;         ///< One sentence for a person; names what was expected.
  std::string field;           ///< The wrong input, as a dotted path; empty when there is none.
  std::string origin;  ///< Who said so: "telnyx", "openai", "sqlite"; empty for voicebridge itself.
  int http_status = 0;        ///< Status of the HTTP answer that carried it, 0 when there was none.
  std::string provider_code;  ///< The provider's own code, such as "90018" or "insufficient_quota".
  bool retryable = false;     ///< Whether the same request may succeed later.
  std::optional<Millis> retry_after;  ///< How long to wait before, when the peer said so.
};

/// One line for logs: `telnyx 422 90018 conflict: call has already ended`.
VOICEBRIDGE_API std::string to_string(const Error& error);

/// A value, or why there is none. `Result<>` is success without a value.
template <class T = void>
using Result = tl::expected<T, Error>;

/// `return fail(Errc::not_found, "no lead with this id");`
[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string message,
                                                std::string field = {}) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.field = std::move(field);
  error.retryable = code == Errc::unavailable || code == Errc::deadline_exceeded;
  return tl::unexpected<Error>(std::move(error));
}

/// Passes an error on.
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
