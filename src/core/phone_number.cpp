#include "voicebridge/core/phone_number.hpp"

#include <fmt/format.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::size_t kMinE164Digits = 8;
constexpr std::size_t kMaxE164Digits = 15;
/// A number with all its punctuation is shorter. The library's own patterns take minutes for long
/// texts.
constexpr std::size_t kMaxText = 100;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The library wants upper case, and "ZZ" for no region.
std::string region_code(std::string_view region) {
  if (region.empty()) return "ZZ";
  std::string code(region);
  for (char& c : code) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return code;
}

tl::unexpected<Error> fail_phone(std::string message) {
  return fail(Errc::invalid_argument, std::move(message), "phone");
}

std::string parse_failure(PhoneNumberUtil::ErrorType error, std::string_view region) {
  switch (error) {
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
      return region.empty() ? "the phone number must begin with + and a known country code"
                            : "the phone number has an unknown country code";
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN:
      return "the phone number is too short";
    case PhoneNumberUtil::TOO_LONG_NSN:
      return "the phone number is too long";
    default:
      return "this is not a phone number";
  }
}

std::string invalid_reason(const PhoneNumberUtil& util, const PhoneNumber& number) {
  switch (util.IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::TOO_SHORT:
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
      return "the phone number is too short";
    case PhoneNumberUtil::TOO_LONG:
      return "the phone number is too long";
    case PhoneNumberUtil::INVALID_COUNTRY_CODE:
      return "the phone number has an unknown country code";
    default:
      return "no such phone number can exist in the numbering plan of its country";
  }
}

}  // namespace

Result<std::string> normalize_phone(std::string_view text, std::string_view region) {
  if (text.size() > kMaxText) return fail_phone("the phone number is too long");
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  const auto error = util.Parse(std::string(text), region_code(region), &number);
  if (error != PhoneNumberUtil::NO_PARSING_ERROR) return fail_phone(parse_failure(error, region));
  if (number.has_extension()) {
    return fail_phone("the phone number must not have an extension: it cannot be dialled");
  }
  if (!util.IsValidNumber(number)) return fail_phone(invalid_reason(util, number));
  std::string e164;
  util.Format(number, PhoneNumberUtil::E164, &e164);
  return e164;
}

PhoneFacts phone_facts(std::string_view e164) {
  PhoneFacts facts;
  if (!looks_like_e164(e164)) return facts;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  if (util.Parse(std::string(e164), "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR) {
    return facts;
  }
  util.GetRegionCodeForNumber(number, &facts.region);
  if (facts.region == "ZZ") {
    util.GetRegionCodeForCountryCode(number.country_code(), &facts.region);
  }
  // Satellite phones and international premium numbers are of no country: "001".
  if (facts.region == "ZZ" || facts.region == "001") facts.region.clear();
  const auto type = util.GetNumberType(number);
  facts.at_a_price = type == PhoneNumberUtil::PREMIUM_RATE ||
                     type == PhoneNumberUtil::SHARED_COST ||
                     type == PhoneNumberUtil::PERSONAL_NUMBER;
  return facts;
}

bool looks_like_e164(std::string_view text) noexcept {
  if (text.empty() || text.front() != '+') return false;
  text.remove_prefix(1);
  return text.size() >= kMinE164Digits && text.size() <= kMaxE164Digits && text.front() != '0' &&
         std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
