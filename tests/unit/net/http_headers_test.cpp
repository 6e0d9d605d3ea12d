#include "support/catch.hpp"
#include "voicebridge/net/http.hpp"

using voicebridge::HttpHeaders;

TEST_CASE("header look-up ignores case and gives the first of a name") {
  const HttpHeaders headers{{"Accept", "a"}, {"X-One", "1"}, {"accept", "b"}};
  CHECK(headers.find("ACCEPT") == "a");
  CHECK(headers.count("Accept") == 2);
  CHECK(headers.find("x-one") == "1");
  CHECK_FALSE(headers.find("x-on"));
  CHECK(headers.count("missing") == 0);
}

TEST_CASE("setting a header replaces all of its name in place of the first") {
  HttpHeaders headers{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}};
  headers.set("a", "new");
  REQUIRE(headers.fields().size() == 3);
  CHECK(headers.fields()[0].second == "new");
  CHECK(headers.fields()[1].first == "B");
  CHECK(headers.fields()[2].first == "C");
  headers.set("D", "5");
  CHECK(headers.fields().back().first == "D");
}
