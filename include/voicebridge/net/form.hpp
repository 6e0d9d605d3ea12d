#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// The fields of an application/x-www-form-urlencoded text, in order. A name may come more than
/// once.
class VOICEBRIDGE_API FormFields {
 public:
  FormFields() = default;
  /// Fields in the order given, not encoded.
  FormFields(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  /// Names and values decoded, as UTF-8 or whatever came. Malformed escapes stay as they are, empty
  /// pairs are left out.
  /// @return `Errc::payload_too_large` for more than `max_fields`.
  static Result<FormFields> parse(std::string_view text, std::size_t max_fields = 1000);

  /// Adds one behind the others.
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  std::optional<std::string_view> find(std::string_view name) const;  ///< The first of the name.
  /// The first of the name, or `fallback`.
  std::string text_or(std::string_view name, std::string_view fallback) const;
  /// All, in order.
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

  /// `a=1&a=2&b=x+y`
  std::string encode() const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
