#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A rule of a schema that a document breaks.
struct JsonFault {
  std::string pointer;  ///< Where: a JSON pointer (RFC 6901); empty: the whole document.
  std::string message;  ///< What is demanded there: `must be of type "string"`, `is missing`.
};

/// Every rule that a document breaks, in the document's order, where `JsonSchema::validate` stops
/// at the first. For files that people write; `JsonSchema` is the quicker one for messages.
/// @param limit  Of the faults told.
/// @return The error of `JsonSchema::compile` for a schema that does not compile.
VOICEBRIDGE_API Result<std::vector<JsonFault>> json_faults(JsonView schema, JsonView document,
                                                           std::size_t limit = 100);

/// `pointer` with one step more, escaped.
VOICEBRIDGE_API std::string json_pointer(const std::string& pointer, std::string_view step);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
