#pragma once

#include <type_traits>
#include <utility>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Prints the error on the error output and ends the program with code 1.
[[noreturn]] VOICEBRIDGE_API void exit_with(const Error& error);

/// For `main` functions: the value, or the end of the program with the reason.
/// @code
/// auto phone = or_exit(TelnyxPhone::create(or_exit(telnyx_phone_options())));
/// @endcode
template <class T>
T or_exit(Result<T> result) {
  if (!result) exit_with(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
