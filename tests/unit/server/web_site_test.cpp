#include "web_site.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using server::WebFile;
using server::WebSite;

namespace {

const std::vector<WebFile> kFiles = {{"/index.html", "<p>a</p>"},
                                     {"/app.js", "let a = 1;"},
                                     {"/deep/worklet.mjs", ""},
                                     {"/icon.svg", "<svg/>"},
                                     {"/sound.bin", std::string_view("\0\xff\"\\", 4)}};

std::string header(const HttpResponse& response, const char* name) {
  return std::string(response.headers.find(name).value_or("none"));
}

}  // namespace

TEST_CASE("files have their types, and bytes stay bytes", "[server][site]") {
  const server::Config config;
  const WebSite site(config, kFiles);
  CHECK(site.answer("/", {}).body == "<p>a</p>");
  CHECK(header(site.answer("/", {}), "content-type") == "text/html; charset=utf-8");
  CHECK(header(site.answer("/app.js", {}), "content-type") == "text/javascript; charset=utf-8");
  CHECK(header(site.answer("/deep/worklet.mjs", {}), "content-type") ==
        "text/javascript; charset=utf-8");
  CHECK(header(site.answer("/favicon.ico", {}), "content-type") == "image/svg+xml");
  const HttpResponse binary = site.answer("/sound.bin", {});
  CHECK(header(binary, "content-type") == "application/octet-stream");
  CHECK(binary.body == std::string("\0\xff\"\\", 4));
  CHECK(site.answer("/deep", {}).status == 404);
  CHECK(site.answer("/../config.cpp", {}).status == 404);
}

TEST_CASE("a browser that has a file is told so", "[server][site]") {
  const server::Config config;
  const WebSite site(config, kFiles);
  const std::string tag = header(site.answer("/app.js", {}), "etag");
  CHECK(tag != header(site.answer("/", {}), "etag"));
  CHECK(site.answer("/app.js", {{"If-None-Match", tag}}).status == 304);
  CHECK(site.answer("/app.js", {{"If-None-Match", "\"x\", W/" + tag}}).status == 304);
  CHECK(site.answer("/app.js", {{"If-None-Match", "\"x\""}}).status == 200);
  CHECK(header(site.answer("/app.js", {{"If-None-Match", tag}}), "content-security-policy") !=
        "none");
}

TEST_CASE("the policy names who may be connected to and nobody else", "[server][site]") {
  const auto policy = [](const std::string& host) {
    return server::content_security_policy("https://api.openai.com/v1", host);
  };
  CHECK(policy("a.example:8080")
            .find("connect-src 'self' https://api.openai.com "
                  "ws://a.example:8080 wss://a.example:8080;") != std::string::npos);
  // The host comes from whoever asks.
  for (const char* forged : {"", "a; script-src *", "a b", "a,b", "a'b"}) {
    CAPTURE(forged);
    CHECK(policy(forged).find("connect-src 'self' https://api.openai.com;") != std::string::npos);
  }
  CHECK(server::content_security_policy("http://127.0.0.1:4711/v1", "")
            .find("connect-src 'self' http://127.0.0.1:4711;") != std::string::npos);
}
