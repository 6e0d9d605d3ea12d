#pragma once

#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Whether the text is a token of RFC 9110 section 5.6.2: what methods and field names are made of.
bool is_token(std::string_view text);
/// Whether the text may stand as a field value: no CR, LF, NUL or other control character but the
/// tab.
bool is_field_value(std::string_view text);

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
