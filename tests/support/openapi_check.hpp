#pragma once

#include <string>
#include <vector>

#include "voicebridge/core/json.hpp"

namespace voicebridge::test {

/// What of an OpenAPI document breaks the rules of version 3.1 that no schema is needed for: the
/// members that must be there, names that must be unique or defined, parameters that must fit their
/// path, references that must lead somewhere. Each with the place it is at.
std::vector<std::string> openapi_faults(JsonView document);

}  // namespace voicebridge::test
