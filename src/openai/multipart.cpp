#include "openai/multipart.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

MultipartForm write_multipart(const std::vector<FormPart>& parts,
                              const std::function<std::string()>& make_boundary) {
  std::string boundary;
  const auto holds_boundary = [&](const FormPart& part) {
    return part.body.find(boundary) != std::string::npos;
  };
  do {
    boundary = make_boundary();
  } while (std::any_of(parts.begin(), parts.end(), holds_boundary));

  MultipartForm form;
  form.content_type = "multipart/form-data; boundary=" + boundary;
  for (const FormPart& part : parts) {
    form.body += fmt::format(
        "--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\nContent-Type: {}\r\n\r\n{}\r\n",
        boundary, part.name, part.content_type, part.body);
  }
  form.body += fmt::format("--{}--\r\n", boundary);
  return form;
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
