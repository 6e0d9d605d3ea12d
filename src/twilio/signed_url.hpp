#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// The forms in which Twilio may have signed a URL: without a port, as it is written, with the
/// default port; for a media socket each with and without a slash at its end. Never with user and
/// password or a fragment. Empty for what is no absolute URL.
std::vector<std::string> signed_urls(std::string_view url);

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
