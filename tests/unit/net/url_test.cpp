#include "support/catch.hpp"
#include "voicebridge/net/http.hpp"

using namespace voicebridge;

TEST_CASE("URLs are taken apart") {
  const auto url = parse_url("HTTPS://API.Telnyx.com:8443/v2/calls?page=1#top");
  REQUIRE(url);
  CHECK(url->scheme == "https");
  CHECK(url->host == "api.telnyx.com");
  CHECK(url->port == 8443);
  CHECK(url->target == "/v2/calls?page=1");
  CHECK(url->secure());
  CHECK(url->authority() == "api.telnyx.com:8443");
}

TEST_CASE("a URL without port, path or both gets the defaults") {
  CHECK(parse_url("http://a")->port == 80);
  CHECK(parse_url("https://a")->port == 443);
  CHECK(parse_url("ws://a")->port == 80);
  CHECK(parse_url("wss://a")->port == 443);
  CHECK(parse_url("wss://a")->secure());
  CHECK_FALSE(parse_url("ws://a")->secure());
  CHECK(parse_url("http://a")->target == "/");
  CHECK(parse_url("http://a?x=1")->target == "/?x=1");
  CHECK(parse_url("http://a#x")->target == "/");
  CHECK(parse_url("https://a:443/b")->authority() == "a");
  CHECK(parse_url("http://a/b//c?d?e")->target == "/b//c?d?e");
}

TEST_CASE("IPv6 addresses lose their brackets and get them back") {
  const auto url = parse_url("http://[::1]:8080/x");
  REQUIRE(url);
  CHECK(url->host == "::1");
  CHECK(url->port == 8080);
  CHECK(url->authority() == "[::1]:8080");
  CHECK(parse_url("http://[::1]")->authority() == "[::1]");
}

TEST_CASE("what is no URL is refused without being quoted") {
  const char* const bad = GENERATE(
      "", "a", "/path", "http:/a", "http://", "http:///x", "ftp://a", "://a", "http://a b/",
      "http://a/b c", "http://a\r\nHost: b/", "http://user:hunter2@a/", "http://a:0/",
      "http://a:65536/", "http://a:/", "http://a:8x/", "http://a:-1/", "http://[::1",
      "http://[::1]8/", "http://[xyz]/", "http://[1]/", "http://a%41/", "http://a\x7f/");
  INFO(bad);
  const auto url = parse_url(bad);
  REQUIRE_FALSE(url);
  CHECK(url.error().code == Errc::invalid_argument);
  CHECK(url.error().field == "url");
  CHECK(url.error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("percent encoding keeps the unreserved characters only") {
  CHECK(url_encode("aZ09-._~") == "aZ09-._~");
  CHECK(url_encode("+33 6/a?&=%\xc3\xa9") == "%2B33%206%2Fa%3F%26%3D%25%C3%A9");
  CHECK(url_decode("%2B33%206%2f") == "+33 6/");
}

TEST_CASE("every byte survives encoding and decoding") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  CHECK(url_decode(url_encode(all)) == all);
}

TEST_CASE("malformed escapes stay as they are") {
  CHECK(url_decode("%") == "%");
  CHECK(url_decode("%4") == "%4");
  CHECK(url_decode("%zz%41") == "%zzA");
  CHECK(url_decode("%%41") == "%A");
  CHECK(url_decode("a+b") == "a+b");
  CHECK(url_decode("a+b", true) == "a b");
}

TEST_CASE("query parameters are found by their decoded name") {
  const std::string target = "/a?x=1&call%5Fid=v3%3Aabc+d&empty=&flag&x=2#x=3";
  CHECK(query_parameter(target, "x") == "1");
  CHECK(query_parameter(target, "call_id") == "v3:abc d");
  CHECK(query_parameter(target, "empty") == "");
  CHECK(query_parameter(target, "flag") == "");
  CHECK_FALSE(query_parameter(target, "missing"));
  CHECK_FALSE(query_parameter("/a", "a"));
  CHECK_FALSE(query_parameter("/a?", "a"));
}
