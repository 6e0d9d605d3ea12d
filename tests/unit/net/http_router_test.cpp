#include "net/http_router.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using namespace voicebridge::net;

namespace {

/// Routes whose handlers note their own name.
struct Table {
  void add(const std::string& method, const std::string& pattern, const std::string& name) {
    REQUIRE(router.add(method, pattern,
                       [this, name](HttpServerRequest, HttpResponder) { called = name; }));
  }

  std::string find(std::string_view method, std::string_view path, bool upgrade = false) {
    match = router.find(method, path, upgrade);
    if (match.websocket != nullptr) return "websocket";
    if (match.needs_upgrade && match.handler == nullptr) return "426";
    if (match.handler == nullptr) return match.allow.empty() ? "404" : "405 " + match.allow;
    (*match.handler)({}, HttpResponder(nullptr));
    return called;
  }

  HttpRouter router;
  RouteMatch match;
  std::string called;
};

}  // namespace

TEST_CASE("routes are found by method and path") {
  Table table;
  table.add("GET", "/", "root");
  table.add("GET", "/health", "health");
  table.add("POST", "/tools/save_lead", "save");
  CHECK(table.find("GET", "/") == "root");
  CHECK(table.find("GET", "/health") == "health");
  CHECK(table.find("HEAD", "/health") == "health");
  CHECK(table.find("POST", "/tools/save_lead") == "save");
  CHECK(table.find("GET", "/health/") == "404");
  CHECK(table.find("GET", "//health") == "404");
  CHECK(table.find("GET", "/Health") == "404");
  CHECK(table.find("GET", "/tools") == "404");
  CHECK(table.find("GET", "") == "404");
  CHECK(table.find("OPTIONS", "*") == "404");
}

TEST_CASE("a known path with another method names those it knows") {
  Table table;
  table.add("GET", "/a", "get");
  table.add("POST", "/a", "post");
  table.add("POST", "/{x}", "any");
  CHECK(table.find("DELETE", "/a") == "405 GET, HEAD, POST");
  CHECK(table.find("GET", "/b") == "405 POST");
  CHECK(table.find("get", "/a") == "405 GET, HEAD, POST");
}

TEST_CASE("parameters are whole segments, decoded") {
  Table table;
  table.add("GET", "/calls/{id}/audio/{part}", "audio");
  CHECK(table.find("GET", "/calls/v3%3Aab%2Fc/audio/1") == "audio");
  CHECK(table.match.parameters ==
        std::map<std::string, std::string>{{"id", "v3:ab/c"}, {"part", "1"}});
  CHECK(table.find("GET", "/calls//audio/1") == "404");
  CHECK(table.find("GET", "/calls/x/audio") == "404");
  CHECK(table.find("GET", "/calls/x/video/1") == "404");
}

TEST_CASE("the first pattern that fits wins") {
  Table table;
  table.add("GET", "/calls/active", "active");
  table.add("GET", "/calls/{id}", "one");
  table.add("GET", "/calls/{other}", "never");
  CHECK(table.find("GET", "/calls/active") == "active");
  CHECK(table.find("GET", "/calls/7") == "one");
  CHECK(table.match.parameters.count("id") == 1);
}

TEST_CASE("a WebSocket route takes upgrades, and leaves plain requests to others") {
  Table table;
  table.add("GET", "/both", "page");
  REQUIRE(
      table.router.add_websocket("/both", [](const HttpServerRequest&) { return HttpResponse{}; }));
  REQUIRE(table.router.add_websocket("/stream/{id}",
                                     [](const HttpServerRequest&) { return HttpResponse{}; }));
  CHECK(table.find("GET", "/both", true) == "websocket");
  CHECK(table.find("GET", "/both", false) == "page");
  CHECK(table.find("GET", "/stream/7", true) == "websocket");
  CHECK(table.match.parameters.at("id") == "7");
  CHECK(table.find("GET", "/stream/7", false) == "426");
  CHECK(table.find("POST", "/stream/7", false) == "426");
}

TEST_CASE("an upgrade that nobody takes is an ordinary request") {
  Table table;
  table.add("GET", "/page", "page");
  CHECK(table.find("GET", "/page", true) == "page");
}

TEST_CASE("wrong patterns are refused") {
  HttpRouter router;
  const HttpRouteHandler none = [](HttpServerRequest, HttpResponder) {};
  for (const char* bad : {"", "a", "/a{b}", "/{a}b", "/{}", "/{", "/}", "/{a{b}}"}) {
    INFO(bad);
    const auto added = router.add("GET", bad, none);
    REQUIRE_FALSE(added);
    CHECK(added.error().field == "pattern");
    CHECK_FALSE(router.add_websocket(bad, nullptr));
  }
  CHECK(router.add("G T", "/", none).error().field == "method");
}
