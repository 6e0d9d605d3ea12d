#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// An element of an XML document as TwiML needs it: no name spaces, no DTD.
struct XmlElement {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< Decoded.
  std::vector<XmlElement> children;
  std::string text;  ///< Directly inside, decoded, of all pieces.

  /// The value of an attribute; null without it.
  const std::string* find(std::string_view attribute) const;
  std::string get(std::string_view attribute, std::string_view fallback = {}) const;
};

struct XmlLimits {
  std::size_t max_bytes = 64 * 1024;
  unsigned max_depth = 16;
};

/// The root element. `Errc::protocol_error` names the byte, `Errc::payload_too_large` what is
/// beyond the limits.
Result<XmlElement> parse_xml(std::string_view text, XmlLimits limits = {});

/// Without white space at both ends.
std::string_view trimmed_xml(std::string_view text);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
