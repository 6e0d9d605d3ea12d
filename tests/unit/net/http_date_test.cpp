#include "net/http_date.hpp"

#include "support/catch.hpp"

using namespace voicebridge::net;

TEST_CASE("HTTP dates are written and read") {
  CHECK(format_http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(format_http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_CASE("what was written is read back, over leap years") {
  for (std::time_t at = 0; at < 4'200'000'000; at += 1'234'567) {
    REQUIRE(parse_http_date(format_http_date(at)) == at);
  }
}

TEST_CASE("other texts are no HTTP dates") {
  const char* const bad = GENERATE(
      "", "soon", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
      "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Foo 1994 08:49:37 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
      "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ");
  INFO(bad);
  CHECK_FALSE(parse_http_date(bad));
}
