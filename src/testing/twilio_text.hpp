#pragma once

#include <string>
#include <string_view>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// "Fri, 21 Nov 2025 00:20:53 +0000"
std::string rfc2822(UnixMillis at);

/// The URL that `reference` means in a document that came from `base`; empty when it is relative
/// and there is no base.
std::string resolve_url(std::string_view base, std::string_view reference);

/// The URL as a request goes to it: without user, password and fragment.
std::string plain_url(std::string_view url);

/// `user:password` of the URL; empty: none.
std::string credentials_of(std::string_view url);

/// The URL that Twilio signs for a webhook: plain, over https without the port (Security).
std::string signed_webhook_url(std::string_view url);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
