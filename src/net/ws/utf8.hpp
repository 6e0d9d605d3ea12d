#pragma once

#include <cstdint>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net::ws {

/// Checks UTF-8 (RFC 3629) that arrives in pieces cut anywhere.
class Utf8Validator {
 public:
  /// False at the first byte that cannot continue a valid text.
  bool feed(std::string_view piece);
  /// Whether the text may end here: no code point is half read.
  bool at_boundary() const { return missing_ == 0; }

 private:
  bool start(std::uint8_t byte);

  std::uint8_t missing_ = 0;     ///< Bytes the code point still needs.
  std::uint8_t lowest_ = 0x80;   ///< What the next of them may be: overlong forms, surrogates and
  std::uint8_t highest_ = 0xBF;  ///< values beyond U+10FFFF show in the second byte.
};

bool is_utf8(std::string_view text);

/// The longest beginning of `text` with at most `size` bytes that does not cut a code point.
std::string_view utf8_prefix(std::string_view text, std::size_t size);

}  // namespace net::ws
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
