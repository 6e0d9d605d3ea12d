#pragma once

#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// What an answer of an API means by its status alone, when it is no success.
Errc meaning_of_status(int status) noexcept;

/// The body of a refusal, in the one shape that errors have:
/// `{"error":{"code":"not_found","message":"no such path"}}`.
std::string error_body(int status, std::string_view message);

/// The text of an error as it may be logged: phone numbers masked, 300 bytes at most.
std::string short_message(std::string_view text);

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
