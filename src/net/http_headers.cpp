#include <algorithm>

#include "net/ascii.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

void HttpHeaders::set(std::string_view name, std::string value) {
  const auto is_named = [name](const auto& field) {
    return net::equals_ignore_case(field.first, name);
  };
  const auto first = std::find_if(fields_.begin(), fields_.end(), is_named);
  if (first == fields_.end()) return add(std::string(name), std::move(value));
  first->second = std::move(value);
  fields_.erase(std::remove_if(first + 1, fields_.end(), is_named), fields_.end());
}

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
  for (const auto& [field_name, value] : fields_) {
    if (net::equals_ignore_case(field_name, name)) return value;
  }
  return std::nullopt;
}

std::size_t HttpHeaders::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields_.begin(), fields_.end(),
      [name](const auto& field) { return net::equals_ignore_case(field.first, name); }));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
