#include "voicebridge/store/lead_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kMaxNameCharacters = 100;

constexpr std::string_view kWhiteSpace = " \t\r\n\f\v";

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1));
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

Result<> check_name(std::string& name, const char* field) {
  name = trimmed(name);
  if (name.empty())
    return fail(Errc::invalid_argument, fmt::format("\"{}\" must not be empty", field), field);
  if (count_characters(name) > kMaxNameCharacters) {
    return fail(
        Errc::invalid_argument,
        fmt::format("\"{}\" must not be longer than {} characters", field, kMaxNameCharacters),
        field);
  }
  const bool has_control = std::any_of(name.begin(), name.end(),
                                       [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (has_control)
    return fail(Errc::invalid_argument, fmt::format("\"{}\" must be one line of text", field),
                field);
  return {};
}

}  // namespace

Result<LeadInput> normalize_lead(LeadInput input) {
  if (auto checked = check_name(input.first_name, "first_name"); !checked)
    return fail(checked.error());
  if (auto checked = check_name(input.last_name, "last_name"); !checked)
    return fail(checked.error());
  auto phone = normalize_phone(input.phone, input.region);
  if (!phone) return fail(phone.error());
  input.phone = std::move(*phone);
  return input;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
