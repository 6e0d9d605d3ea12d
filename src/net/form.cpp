#include "voicebridge/net/form.hpp"

#include <algorithm>

#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// A space is a plus here; what was a plus is %2B by then.
void append_encoded(std::string& out, std::string_view text) {
  const std::string escaped = url_encode(text);
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped.compare(i, 3, "%20") == 0) {
      out += '+';
      i += 2;
    } else {
      out += escaped[i];
    }
  }
}

}  // namespace

Result<FormFields> FormFields::parse(std::string_view text, std::size_t max_fields) {
  FormFields form;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (form.fields_.size() == max_fields) {
      return fail(Errc::payload_too_large, "the form has too many fields");
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    form.add(url_decode(pair.substr(0, equals), true),
             url_decode(pair.substr(std::min(equals + 1, pair.size())), true));
  }
  return form;
}

std::optional<std::string_view> FormFields::find(std::string_view name) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const auto& field) { return field.first == name; });
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

std::string FormFields::text_or(std::string_view name, std::string_view fallback) const {
  return std::string(find(name).value_or(fallback));
}

std::string FormFields::encode() const {
  std::string out;
  for (const auto& [name, value] : fields_) {
    if (!out.empty()) out += '&';
    append_encoded(out, name);
    out += '=';
    append_encoded(out, value);
  }
  return out;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
