#include "web_limits.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using server::Config;
using server::WebLimits;

namespace {

Config::Web limits_of(int starts, int total, int per_address, int sessions) {
  Config::Web web;
  web.starts = starts;
  web.total_starts = total;
  web.per_address = per_address;
  web.sessions = sessions;
  return web;
}

HttpHeaders from(const std::string& origin, const std::string& host = "talk.example.com") {
  return {{"Host", host}, {"Origin", origin}};
}

}  // namespace

TEST_CASE("an address may start so many sessions in a minute", "[server][limits]") {
  const Config::Web web = limits_of(2, 100, 100, 100);
  WebLimits limits(web);
  TimePoint now{};
  CHECK(limits.admit("a", now));
  now += Millis(10000);
  CHECK(limits.admit("a", now));
  const auto refused = limits.admit("a", now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::resource_exhausted);
  CHECK(refused.error().retry_after == Millis(50001));
  CHECK(limits.admit("b", now));
  now += Millis(49999);
  CHECK_FALSE(limits.admit("a", now));
  now += Millis(1);
  CHECK(limits.admit("a", now));
  CHECK_FALSE(limits.admit("a", now));
}

TEST_CASE("all addresses together may start so many in a minute", "[server][limits]") {
  const Config::Web web = limits_of(10, 3, 100, 100);
  WebLimits limits(web);
  const TimePoint now{};
  for (const char* address : {"a", "b", "c"}) CHECK(limits.admit(address, now));
  CHECK_FALSE(limits.admit("d", now));
  CHECK(limits.sessions() == 3);
  CHECK(limits.admit("d", now + Millis(60000)));
}

TEST_CASE("sessions at once are limited, and free when they are over", "[server][limits]") {
  const Config::Web web = limits_of(100, 100, 2, 3);
  WebLimits limits(web);
  const TimePoint now{};
  CHECK(limits.admit("a", now));
  CHECK(limits.admit("a", now));
  CHECK_FALSE(limits.admit("a", now));
  CHECK(limits.admit("b", now));
  CHECK_FALSE(limits.admit("c", now));
  limits.leave("a");
  CHECK(limits.admit("c", now));
  CHECK_FALSE(limits.admit("a", now));
  limits.leave("nobody");
  CHECK(limits.sessions() == 3);
}

TEST_CASE("checks are counted apart from sessions", "[server][limits]") {
  const Config::Web web = limits_of(1, 100, 100, 100);
  WebLimits limits(web);
  const TimePoint now{};
  CHECK(limits.admit_check("a", now));
  CHECK_FALSE(limits.admit_check("a", now));
  CHECK(limits.admit("a", now));
  CHECK(limits.admit_check("a", now + Millis(60000)));
}

TEST_CASE("checks of all addresses are limited together", "[server][limits]") {
  const Config::Web web = limits_of(10, 2, 100, 100);
  WebLimits limits(web);
  const TimePoint now{};
  CHECK(limits.admit_check("a", now));
  CHECK(limits.admit_check("b", now));
  CHECK_FALSE(limits.admit_check("c", now));
  CHECK(limits.admit("c", now));
  CHECK(limits.admit_check("c", now + Millis(60000)));
}

TEST_CASE("addresses without end take no memory without end", "[server][limits]") {
  const Config::Web web = limits_of(1, 1 << 30, 1, 1 << 30);
  WebLimits limits(web);
  TimePoint now{};
  constexpr int kKnown = 65536;
  for (int i = 0; i < kKnown; ++i) REQUIRE(limits.admit(std::to_string(i), now));
  const auto refused = limits.admit("one more", now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::resource_exhausted);
  CHECK_FALSE(limits.admit("0", now));  // A known one, which has had its start.
  now += Millis(60000);
  CHECK(limits.admit("one more", now));
}

TEST_CASE("a proxy's header counts only where it is configured, and its last entry",
          "[server][limits]") {
  Config::Web web;
  const HttpHeaders headers = {{"X-Forwarded-For", "10.0.0.1, 203.0.113.7 "}};
  CHECK(server::visitor_address(web, headers, "127.0.0.1") == "127.0.0.1");
  web.proxy_header = "X-Forwarded-For";
  CHECK(server::visitor_address(web, headers, "127.0.0.1") == "203.0.113.7");
  CHECK(server::visitor_address(web, {}, "127.0.0.1") == "127.0.0.1");
  CHECK(server::visitor_address(web, {{"X-Forwarded-For", ""}}, "127.0.0.1") == "127.0.0.1");
  CHECK(server::visitor_address(web, {{"X-Forwarded-For", std::string(65, 'x')}}, "127.0.0.1") ==
        "127.0.0.1");
}

TEST_CASE("of IPv6 a whole network is one address", "[server][limits]") {
  using server::address_block;
  CHECK(address_block("203.0.113.7") == "203.0.113.7");
  CHECK(address_block("::ffff:203.0.113.7") == "203.0.113.7");
  CHECK(address_block("::FFFF:cb00:7107") == "203.0.113.7");
  CHECK(address_block("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(address_block("2001:0DB8:0001:0002::1") == "2001:db8:1:2::/64");
  CHECK(address_block("2001:db8:1:3::1") == "2001:db8:1:3::/64");
  CHECK(address_block("::1") == "::/64");
  CHECK(address_block("fe80::1%eth0") == "fe80::/64");
  // With a port, as some proxies have it.
  CHECK(address_block("203.0.113.7:4711") == "203.0.113.7");
  CHECK(address_block("[2001:db8:1:2::9]:4711") == "2001:db8:1:2::/64");
  CHECK(address_block("[2001:db8:1:2::9]") == "2001:db8:1:2::/64");
  for (const char* other : {"", "unknown", "[", "[]", "1.2.3", "1.2.3.4.5", "2001:db8", ":", "%"}) {
    CHECK(address_block(other) == other);
  }
}

TEST_CASE("a visitor does not get more by changing the address in their network",
          "[server][limits]") {
  Config::Web web = limits_of(2, 100, 100, 100);
  web.proxy_header = "X-Forwarded-For";
  WebLimits limits(web);
  const auto comes_from = [&](const std::string& address) {
    const HttpHeaders headers = {{"X-Forwarded-For", address}};
    return limits.admit(server::visitor_address(web, headers, "127.0.0.1"), TimePoint{})
        .has_value();
  };
  CHECK(comes_from("2001:db8:1:2::1"));
  CHECK(comes_from("2001:db8:1:2:ffff::2"));
  CHECK_FALSE(comes_from("2001:db8:1:2:1:2:3:4"));
  CHECK(comes_from("2001:db8:1:3::1"));
}

TEST_CASE("pages of the own origin and of those configured may start sessions",
          "[server][limits]") {
  Config config;
  CHECK(server::is_allowed_origin(config, {{"Host", "talk.example.com"}}));
  CHECK(server::is_allowed_origin(config, from("https://talk.example.com")));
  CHECK(server::is_allowed_origin(config, from("http://127.0.0.1:8080", "127.0.0.1:8080")));
  for (const char* foreign :
       {"https://example.com", "https://talk.example.com:444", "http://127.0.0.1:8081", "null", "",
        "https://talk.example.com.evil.example", "ftp://talk.example.com"}) {
    CAPTURE(foreign);
    CHECK_FALSE(server::is_allowed_origin(config, from(foreign)));
  }
  config.web.origins = {"https://shop.example.com"};
  CHECK(server::is_allowed_origin(config, from("https://shop.example.com")));
  CHECK_FALSE(server::is_allowed_origin(config, from("http://shop.example.com")));
  config.public_app_url = "https://public.example.com";
  CHECK(server::is_allowed_origin(config, from("https://public.example.com")));
}
