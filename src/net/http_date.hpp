#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// `Sun, 06 Nov 1994 08:49:37 GMT` (the IMF-fixdate of RFC 9110 section 5.6.7).
std::string format_http_date(std::time_t at);
/// Reads an IMF-fixdate; the two obsolete forms are not accepted.
std::optional<std::time_t> parse_http_date(std::string_view text);

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
