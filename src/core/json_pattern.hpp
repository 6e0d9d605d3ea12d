#pragma once

#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// Checks a regular expression of JSON Schema and rewrites it into the smaller language of
/// RapidJSON, whose matcher takes linear time on any input but trusts its patterns: what is
/// malformed trips its assertions. Understood are characters, `.`, classes, `\d \w \s \D \W \S`,
/// groups, alternatives, the quantifiers `? * + {n} {n,} {n,m}`, `^` in front and `$` at the end.
/// Fails with a sentence that goes on from "the pattern".
Result<std::string> translate_pattern(std::string_view pattern);

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
