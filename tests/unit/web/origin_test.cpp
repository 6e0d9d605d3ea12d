#include "voicebridge/web/origin.hpp"

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

bool allows(const OriginRules& rules, std::string origin, std::string host = "example.com") {
  return rules.allows(HttpHeaders{{"Host", std::move(host)}, {"Origin", std::move(origin)}});
}

}  // namespace

TEST_CASE("Without a list only pages of the host that was asked are let in") {
  const OriginRules rules;
  CHECK(allows(rules, "https://example.com"));
  CHECK(allows(rules, "http://example.com"));
  CHECK(allows(rules, "https://EXAMPLE.com"));
  CHECK(allows(rules, "http://127.0.0.1:8080", "127.0.0.1:8080"));
  CHECK_FALSE(allows(rules, "https://example.com:8443"));
  CHECK_FALSE(allows(rules, "https://evil.example"));
  CHECK_FALSE(allows(rules, "https://example.com.evil.example"));
  CHECK_FALSE(allows(rules, "https://example.com@evil.example"));
  CHECK_FALSE(allows(rules, "https://evil.example/?example.com"));
  CHECK_FALSE(allows(rules, "null"));
  CHECK_FALSE(allows(rules, ""));
  CHECK_FALSE(allows(rules, "ftp://example.com"));
}

TEST_CASE("With a list only its origins are, whatever the host") {
  const auto rules = OriginRules::create({"https://shop.example", "http://localhost:5173/"});
  REQUIRE(rules);
  CHECK(allows(*rules, "https://shop.example"));
  CHECK(allows(*rules, "https://shop.example:443"));
  CHECK(allows(*rules, "http://localhost:5173"));
  CHECK_FALSE(allows(*rules, "http://shop.example"));
  CHECK_FALSE(allows(*rules, "https://example.com"));
  CHECK_FALSE(allows(*rules, "http://localhost:5174"));
}

TEST_CASE("A request without an origin, or with two, is none of a page") {
  const OriginRules rules;
  CHECK_FALSE(rules.allows(HttpHeaders{{"Host", "example.com"}}));
  CHECK_FALSE(rules.allows(HttpHeaders{{"Host", "example.com"},
                                       {"Origin", "https://example.com"},
                                       {"Origin", "https://evil.example"}}));
  CHECK_FALSE(rules.allows(HttpHeaders{{"Origin", "https://example.com"}}));
  const auto everybody = OriginRules::create({"*"});
  REQUIRE(everybody);
  CHECK(everybody->allows(HttpHeaders{}));
}

TEST_CASE("What is no origin cannot be allowed") {
  for (const char* wrong : {"example.com", "https://example.com/page", "wss://example.com", ""}) {
    const auto rules = OriginRules::create({wrong});
    REQUIRE_FALSE(rules);
    CHECK(rules.error().field == "origins");
  }
}
