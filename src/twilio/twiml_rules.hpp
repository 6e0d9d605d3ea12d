#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// What the value of a TwiML attribute has to look like.
enum class AttributeKind {
  text,
  flag,         ///< true, false
  number,       ///< A whole one, `min` … `max`.
  number_or,    ///< The same, or one of `words`.
  word,         ///< One of `words`.
  words,        ///< Some of `words`, separated by spaces.
  url,          ///< http(s), absolute or relative.
  url_or_none,  ///< The same, or nothing.
  full_url,     ///< http(s), absolute.
  socket_url,   ///< wss without a query, or relative.
  keys,         ///< Nothing, or of the characters of `words`.
  phone,        ///< E.164, client: or a SIP user.
  call_sid,
};

struct AttributeRule {
  std::string_view name;
  AttributeKind kind = AttributeKind::text;
  std::string_view words = {};
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int32_t>::max();
};

enum class TextRule { none, optional, required, phone, url, url_or_none, sip };

/// What the documentation says about one element.
struct ElementRule {
  std::string_view name;
  std::string_view parents;  ///< Where it may stand, separated by spaces.
  TextRule text = TextRule::none;
  const AttributeRule* attributes = nullptr;
  std::size_t attribute_count = 0;
};

/// Null for an element nobody knows.
const ElementRule* element_rule(std::string_view name) noexcept;
const AttributeRule* attribute_rule(const ElementRule& element, std::string_view name) noexcept;

/// Whether `word` is one of those in `list`, which are separated by spaces.
bool is_one_of(std::string_view word, std::string_view list) noexcept;

/// What is wrong with a value or a text; empty when it is right.
std::string fault_of_value(const AttributeRule& rule, std::string_view value);
std::string fault_of_text(TextRule rule, std::string_view text);

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
