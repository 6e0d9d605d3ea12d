#include "net/ws/utf8.hpp"

#include <string>

#include "support/catch.hpp"

using namespace voicebridge::net::ws;

namespace {

std::string encode(unsigned code_point) {
  const auto tail = [&](int shift) {
    return static_cast<char>(0x80 | ((code_point >> shift) & 0x3F));
  };
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  if (code_point < 0x800) return {static_cast<char>(0xC0 | code_point >> 6), tail(0)};
  if (code_point < 0x10000) return {static_cast<char>(0xE0 | code_point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | code_point >> 18), tail(12), tail(6), tail(0)};
}

}  // namespace

TEST_CASE("every code point is valid but the surrogates") {
  for (unsigned code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (is_utf8(encode(code_point)) == surrogate) FAIL("code point " << code_point);
  }
  CHECK_FALSE(is_utf8(encode(0x110000)));
  CHECK_FALSE(is_utf8(encode(0x1FFFFF)));
}

TEST_CASE("overlong forms and stray bytes are invalid") {
  for (const char* bad :
       {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\x80", "\xbf", "\xfe", "\xff",
        "a\xc3", "\xc3(", "\xe2\x82", "\xe2(\xa1", "\xf0\x90\x8d"}) {
    CAPTURE(std::string(bad));
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("a text may be cut anywhere, and is whole only at a boundary") {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Utf8Validator validator;
    REQUIRE(validator.feed(std::string_view(text).substr(0, cut)));
    CHECK(validator.at_boundary() == is_utf8(text.substr(0, cut)));
    REQUIRE(validator.feed(std::string_view(text).substr(cut)));
    CHECK(validator.at_boundary());
  }
}

TEST_CASE("a prefix does not cut a code point") {
  const std::string text = "a\xc3\xa9\xe2\x82\xac";
  CHECK(utf8_prefix(text, 10) == text);
  CHECK(utf8_prefix(text, 6) == text);
  CHECK(utf8_prefix(text, 5) == "a\xc3\xa9");
  CHECK(utf8_prefix(text, 4) == "a\xc3\xa9");
  CHECK(utf8_prefix(text, 3) == "a\xc3\xa9");
  CHECK(utf8_prefix(text, 2) == "a");
  CHECK(utf8_prefix(text, 0).empty());
}
