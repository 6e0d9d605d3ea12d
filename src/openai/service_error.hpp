#pragma once

#include "voicebridge/core/error.hpp"
#include "voicebridge/openai/conversation.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

/// What an error of the service means for the session.
enum class Gravity {
  benign,       ///< Expected in a race: nothing to do.
  recoverable,  ///< Something did not happen; the session lives on.
  over,         ///< This session ends; another one would work.
  fatal,        ///< Another session would fail in the same way.
};

Gravity gravity_of(const ServiceError& error) noexcept;

/// Whether the code is one that says what it means.
bool is_known(const ServiceError& error) noexcept;

/// The same in voicebridge's words: origin "openai", the service's code as `provider_code`, and how
/// long to wait, when the message says it.
Error to_error(const ServiceError& error);

/// An error that this side found out.
Error make_error(Errc code, std::string message);

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
