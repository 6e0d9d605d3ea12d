#include "request_form.hpp"

#include <fmt/format.h>

#include "twiml_rules.hpp"
#include "value_checks.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

void RequestForm::text(std::string_view name, std::string_view value, std::size_t max_characters) {
  if (value.empty()) return;
  check(max_characters == kAnyLength || character_count(value) <= max_characters, name,
        fmt::format("must not have more than {} characters", max_characters));
  add(name, value);
}

void RequestForm::required(std::string_view name, std::string_view value) {
  check(!value.empty(), name, "is required");
  text(name, value);
}

void RequestForm::web_url(std::string_view name, std::string_view value) {
  check(value.empty() || is_web_url(value), name, "must be an absolute http:// or https:// URL");
  text(name, value);
}

void RequestForm::method(std::string_view name, std::string_view value) {
  word(name, value, "GET POST");
}

void RequestForm::word(std::string_view name, std::string_view value, std::string_view words) {
  check(value.empty() || is_one_of(value, words), name, fmt::format("must be one of: {}", words));
  text(name, value);
}

void RequestForm::words(std::string_view name, const std::vector<std::string>& values,
                        std::string_view words) {
  for (const std::string& value : values) {
    check(!value.empty(), name, "must not be empty");
    word(name, value, words);
  }
}

void RequestForm::sid(std::string_view name, std::string_view value, std::string_view prefix) {
  check(value.empty() || is_sid(value, prefix), name,
        fmt::format("must be {} and 32 hexadecimal digits", prefix));
  text(name, value);
}

void RequestForm::flag(std::string_view name, std::optional<bool> value) {
  if (value) add(name, *value ? "true" : "false");
}

void RequestForm::number(std::string_view name, std::optional<std::int64_t> value, std::int64_t min,
                         std::int64_t max) {
  if (!value) return;
  check(*value >= min && *value <= max, name, fmt::format("must be from {} to {}", min, max));
  add(name, std::to_string(*value));
}

void RequestForm::check(bool good, std::string_view field, std::string_view complaint) {
  if (good || fault_) return;
  fault_ = fail(Errc::invalid_argument, fmt::format("{} {}", field, complaint), std::string(field))
               .value();
}

Result<std::string> RequestForm::finish() const {
  if (fault_) return fail(*fault_);
  return fields_.encode();
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
