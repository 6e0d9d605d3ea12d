#include "voicebridge/core/phone_number.hpp"

#include "support/catch.hpp"

namespace voicebridge {
namespace {

std::string reason(std::string_view text, std::string_view region = {}) {
  const auto phone = normalize_phone(text, region);
  REQUIRE_FALSE(phone);
  CHECK(phone.error().code == Errc::invalid_argument);
  CHECK(phone.error().field == "phone");
  return phone.error().message;
}

}  // namespace

TEST_CASE("numbers as people write them become E.164", "[phone]") {
  CHECK(normalize_phone("+33 6 12 34 56 78").value() == "+33612345678");
  CHECK(normalize_phone("06 12 34 56 78", "FR").value() == "+33612345678");
  CHECK(normalize_phone("06.12.34.56.78", "fr").value() == "+33612345678");
  CHECK(normalize_phone("0033612345678", "FR").value() == "+33612345678");
  CHECK(normalize_phone("(202) 555-0123", "US").value() == "+12025550123");
  CHECK(normalize_phone("+44 (0)20 7031 3000").value() == "+442070313000");
  CHECK(normalize_phone("tel:+33-6-12-34-56-78").value() == "+33612345678");
  CHECK(normalize_phone("+3906 698 12345").value() == "+390669812345");
  CHECK(normalize_phone("+33612345678", "US").value() == "+33612345678");
  CHECK(normalize_phone("+33612345678", "XX").value() == "+33612345678");
  CHECK(normalize_phone("\uFF0B33\u00A06 12 34 56 78").value() == "+33612345678");
}

TEST_CASE("a wrong number gets a sentence that says what is wrong", "[phone]") {
  CHECK(reason("0612345678") == "the phone number must begin with + and a known country code");
  CHECK(reason("+999 123 456 789") ==
        "the phone number must begin with + and a known country code");
  CHECK(reason("+999 123 456 789", "FR") == "the phone number has an unknown country code");
  CHECK(reason("+33 6 12") == "the phone number is too short");
  CHECK(reason("+33 6 12 34 56 78 90 12") == "the phone number is too long");
  CHECK(reason("+33 0 00 00 00 00") != "");
  CHECK(reason("+1 555 555 0100") ==
        "no such phone number can exist in the numbering plan of its country");
  CHECK(reason("call me") == "this is not a phone number");
  CHECK(reason("") == "this is not a phone number");
  CHECK(reason("+") == "this is not a phone number");
  CHECK(reason("+33612345678 ext. 12") ==
        "the phone number must not have an extension: it cannot be dialled");
  CHECK(reason("0612345678", "XX") == "the phone number has an unknown country code");
}

TEST_CASE("hostile text is no phone number and no crash", "[phone]") {
  // Refused before the library's patterns, which would take minutes for it.
  CHECK(reason(std::string(100'000, '1')) == "the phone number is too long");
  CHECK(reason("+" + std::string(100, '1')) == "the phone number is too long");
  CHECK(reason(std::string("\xFF\xFE\x80+33612345678", 15)).empty() == false);
  CHECK(reason(std::string("+336\0"
                           "12345678",
                           13))
            .empty() == false);
}

TEST_CASE("the form of E.164", "[phone]") {
  CHECK(looks_like_e164("+33612345678"));
  CHECK(looks_like_e164("+12345678"));
  CHECK(looks_like_e164("+123456789012345"));
  for (const char* text : {"", "+", "33612345678", "+1234567", "+1234567890123456", "+03612345678",
                           "+33 612345678", "+3361234567a", "++3361234567"}) {
    INFO(text);
    CHECK_FALSE(looks_like_e164(text));
  }
}

}  // namespace voicebridge
