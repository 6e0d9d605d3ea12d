#pragma once

#include <functional>
#include <string>
#include <vector>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

struct FormPart {
  std::string name;  ///< Of ours: written without escapes.
  std::string content_type;
  std::string body;
};

struct MultipartForm {
  std::string content_type;  ///< With the boundary.
  std::string body;
};

/// A form as RFC 7578 has it. `make_boundary` is asked until the boundary occurs in no part, so it
/// must not be repeatable.
MultipartForm write_multipart(const std::vector<FormPart>& parts,
                              const std::function<std::string()>& make_boundary);

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
