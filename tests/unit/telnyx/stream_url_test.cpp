#include "voicebridge/telnyx/stream_url.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using telnyx::StreamUrl;

namespace {

StreamUrl made(std::string_view stream_url, std::string_view app_url = {}) {
  const auto url = StreamUrl::create(stream_url, app_url);
  REQUIRE(url);
  return *url;
}

}  // namespace

TEST_CASE("a full URL gets the call_control_id as a parameter", "[telnyx][url]") {
  CHECK(made("wss://a.example/stream").for_leg("v3:x y") ==
        "wss://a.example/stream?call_control_id=v3%3Ax%20y");
  CHECK(made("wss://a.example/stream?env=prod").for_leg("v3:x") ==
        "wss://a.example/stream?env=prod&call_control_id=v3%3Ax");
}

TEST_CASE("a template gets it where it says", "[telnyx][url]") {
  CHECK(made("wss://a.example/{call_control_id}/s").for_leg("v3:x") == "wss://a.example/v3%3Ax/s");
  CHECK(made("wss://a.example/s?a={call_control_id}&b={call_control_id}").for_leg("1") ==
        "wss://a.example/s?a=1&b=1");
  CHECK(made("wss://a.example/s?a={call_control_id}").for_leg("{call_control_id}") ==
        "wss://a.example/s?a=%7Bcall_control_id%7D");
}

TEST_CASE("without one it is made from the public URL", "[telnyx][url]") {
  CHECK(made("", "https://app.example").for_leg("1") ==
        "wss://app.example/api/telnyx/stream?call_control_id=1");
  CHECK(made("", "http://127.0.0.1:8080/").for_leg("1") ==
        "ws://127.0.0.1:8080/api/telnyx/stream?call_control_id=1");
  CHECK(made("wss://wins.example/s", "https://app.example").for_leg("1") ==
        "wss://wins.example/s?call_control_id=1");
}

TEST_CASE("at Dial the application's id stands in", "[telnyx][url]") {
  CHECK(made("", "https://app.example").for_dial("c 1") ==
        "wss://app.example/api/telnyx/stream?call_id=c%201");
  CHECK(made("wss://a.example/{call_control_id}").for_dial("c1") ==
        "wss://a.example/c1?call_id=c1");
}

TEST_CASE("what is no URL for the purpose is refused", "[telnyx][url]") {
  const auto field = [](std::string_view stream_url, std::string_view app_url) {
    const auto url = StreamUrl::create(stream_url, app_url);
    REQUIRE_FALSE(url);
    CHECK(url.error().code == Errc::invalid_argument);
    return url.error().field;
  };
  CHECK(field("", "") == "public_app_url");
  CHECK(field("", "wss://a.example") == "public_app_url");
  CHECK(field("", "app.example") == "public_app_url");
  CHECK(field("https://a.example/s", "") == "stream_url");
  CHECK(field("a.example", "https://app.example") == "stream_url");
  CHECK(field("wss://a.example/s#frag", "") == "stream_url");
}
