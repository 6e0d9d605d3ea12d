#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/net/form.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// Writes the form of a request field by field and keeps the first fault it meets. What is empty or
/// not set is left out.
class RequestForm {
 public:
  static constexpr std::size_t kAnyLength = std::numeric_limits<std::size_t>::max();

  void text(std::string_view name, std::string_view value, std::size_t max_characters = kAnyLength);
  void required(std::string_view name, std::string_view value);
  /// http(s), absolute: there is nothing that a request's URL could be relative to.
  void web_url(std::string_view name, std::string_view value);
  void method(std::string_view name, std::string_view value);
  /// One of `words`, which are separated by spaces.
  void word(std::string_view name, std::string_view value, std::string_view words);
  /// The name once for each value.
  void words(std::string_view name, const std::vector<std::string>& values, std::string_view words);
  void sid(std::string_view name, std::string_view value, std::string_view prefix);
  void flag(std::string_view name, std::optional<bool> value);
  void number(std::string_view name, std::optional<std::int64_t> value, std::int64_t min,
              std::int64_t max = std::numeric_limits<std::int32_t>::max());
  template <class Duration>
  void duration(std::string_view name, std::optional<Duration> value, std::int64_t min,
                std::int64_t max = std::numeric_limits<std::int32_t>::max()) {
    number(name, value ? std::optional<std::int64_t>(value->count()) : std::nullopt, min, max);
  }

  /// Remembers `field` and `complaint` unless `good`.
  void check(bool good, std::string_view field, std::string_view complaint);
  void add(std::string_view name, std::string_view value) {
    fields_.add(std::string(name), std::string(value));
  }
  Result<std::string> finish() const;

 private:
  FormFields fields_;
  std::optional<Error> fault_;
};

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
