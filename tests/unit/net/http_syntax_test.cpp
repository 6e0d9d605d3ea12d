#include "net/http_syntax.hpp"

#include "net/ascii.hpp"
#include "support/catch.hpp"

using namespace voicebridge::net;

TEST_CASE("tokens are what RFC 9110 allows in names") {
  CHECK(is_token("Content-Type"));
  CHECK(is_token("!#$%&'*+-.^_`|~09azAZ"));
  for (const char* bad : {"", " ", "a b", "a:", "a\r", "a\n", "(a)", "a/b", "\xc3\xa9", "a\x7f"}) {
    INFO(bad);
    CHECK_FALSE(is_token(bad));
  }
}

TEST_CASE("field values hold no control characters but the tab") {
  CHECK(is_field_value(""));
  CHECK(is_field_value("a\tb \xc3\xa9"));
  CHECK_FALSE(is_field_value("a\rb"));
  CHECK_FALSE(is_field_value("a\nb"));
  CHECK_FALSE(is_field_value(std::string_view("a\0b", 3)));
  CHECK_FALSE(is_field_value("a\x7f"));
}

TEST_CASE("lists are visited part by part, trimmed, until one fits") {
  std::string seen;
  const auto note = [&](std::string_view part) {
    seen += "[" + std::string(part) + "]";
    return part == "c";
  };
  CHECK(any_part("a, \tb ,,c,d", ',', note));
  CHECK(seen == "[a][b][][c]");
  CHECK_FALSE(any_part("", ',', [](std::string_view part) { return part == "x"; }));
}
