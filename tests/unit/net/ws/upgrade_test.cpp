#include "net/ws/upgrade.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using namespace voicebridge::net::ws;

namespace {

/// The example of RFC 6455 section 1.3.
const std::string kKey = "dGhlIHNhbXBsZSBub25jZQ==";
const std::string kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::string request_head(const std::string& line = "GET /chat?a=1 HTTP/1.1",
                         const std::string& fields =
                             "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                             "Sec-WebSocket-Version: 13\r\n",
                         const std::string& key = kKey) {
  return line + "\r\nHost: example.com\r\n" + fields +
         (key.empty() ? "" : "Sec-WebSocket-Key: " + key + "\r\n") + "\r\n";
}

Url url(const std::string& text) { return parse_url(text).value(); }

ClientUpgrade make_upgrade(HttpHeaders headers = {}) {
  return ClientUpgrade::create(url("ws://example.com:8080/media?x=1"), headers).value();
}

std::string answer_to(const ClientUpgrade& upgrade) {
  return accept_upgrade(upgrade.request()).bytes;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("a head ends at its empty line, wherever the bytes are cut") {
  const std::string head = request_head();
  const std::string bytes = head + "\x81\x05hello\r\n\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CHECK(head_size(std::string_view(bytes).substr(0, cut)) ==
          (cut < head.size() ? 0 : head.size()));
  }
}

TEST_CASE("a server accepts the example of the RFC") {
  const UpgradeReply reply = accept_upgrade(request_head());
  CHECK(reply.status == 101);
  CHECK(reply.bytes.substr(0, 34) == "HTTP/1.1 101 Switching Protocols\r\n");
  CHECK(reply.bytes.find("Sec-WebSocket-Accept: " + kAccept + "\r\n") != std::string::npos);
  CHECK(head_size(reply.bytes) == reply.bytes.size());
}

TEST_CASE("a server accepts no extension and no subprotocol") {
  const std::string reply =
      accept_upgrade(
          request_head("GET / HTTP/1.1",
                       "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                       "Sec-WebSocket-Protocol: audio\r\n"))
          .bytes;
  CHECK(reply.find("101") != std::string::npos);
  CHECK(reply.find("Extensions") == std::string::npos);
  CHECK(reply.find("Sec-WebSocket-Protocol") == std::string::npos);
}

TEST_CASE("a server refuses what is not a version 13 handshake") {
  const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  CHECK(accept_upgrade(request_head("POST / HTTP/1.1")).status == 405);
  CHECK(accept_upgrade(request_head("GET / HTTP/1.0")).status == 505);
  CHECK(accept_upgrade(request_head("GET / HTTP/1.1", upgrade + "Sec-WebSocket-Version: 8\r\n"))
            .status == 426);
  CHECK(accept_upgrade(request_head("GET / HTTP/1.1", upgrade)).status == 426);
  CHECK(accept_upgrade(request_head("GET / HTTP/1.1", "Sec-WebSocket-Version: 13\r\n")).status ==
        426);
  CHECK(accept_upgrade(
            request_head("GET / HTTP/1.1", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"))
            .status == 426);
  CHECK(accept_upgrade("nonsense\r\n\r\n").status == 400);
  CHECK(accept_upgrade("").status == 400);
  for (const auto& reply : {accept_upgrade(request_head("POST / HTTP/1.1")), accept_upgrade("")}) {
    CHECK(reply.bytes.empty());
    CHECK_FALSE(reply.reason.empty());
  }
}

TEST_CASE("a server refuses a key that is not the base64 of 16 bytes") {
  for (const char* key : {"", "dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZSBub25jZTEyMzQ=",
                          "dGhlIHNhbXBsZSBub25jZQ", "????????????????????????"}) {
    CAPTURE(std::string(key));
    const std::string fields =
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
    CHECK(accept_upgrade(request_head("GET / HTTP/1.1", fields, key)).status == 400);
  }
}

TEST_CASE("no cut of a request head is accepted") {
  const std::string head = request_head();
  for (std::size_t cut = 0; cut < head.size(); ++cut) {
    REQUIRE(accept_upgrade(std::string_view(head).substr(0, cut)).status != 101);
  }
}

TEST_CASE("a client asks as section 4.1 wants it") {
  const auto upgrade =
      make_upgrade({{"Authorization", "Bearer k"}, {"Origin", "https://a.example"}});
  const std::string& request = upgrade.request();
  CHECK(request.substr(0, 28) == "GET /media?x=1 HTTP/1.1\r\nAut");
  for (const char* line : {"Host: example.com:8080\r\n", "Upgrade: websocket\r\n",
                           "Connection: Upgrade\r\n", "Sec-WebSocket-Version: 13\r\n",
                           "Authorization: Bearer k\r\n", "Origin: https://a.example\r\n"}) {
    CHECK(request.find(line) != std::string::npos);
  }
  CHECK(request.find("Extensions") == std::string::npos);
  CHECK(head_size(request) == request.size());
  CHECK(make_upgrade().request() != make_upgrade().request());
}

TEST_CASE("the default port stays out of the Host field") {
  CHECK(ClientUpgrade::create(url("wss://example.com/x"), {})
            ->request()
            .find("Host: example.com\r\n") != std::string::npos);
}

TEST_CASE("a client refuses headers that would break the request") {
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"X", "a\r\nEvil: 1"},
           {"X: y\r\nZ", "a"},
           {"", "a"},
           {"Host", "b"},
           {"upgrade", "h2c"},
           {"Sec-WebSocket-Key", "x"},
           {"Sec-WebSocket-Extensions", "permessage-deflate"}}) {
    CAPTURE(name, value);
    const auto upgrade = ClientUpgrade::create(url("ws://h/"), HttpHeaders{{name, value}});
    REQUIRE_FALSE(upgrade);
    CHECK(upgrade.error().code == Errc::invalid_argument);
    CHECK(upgrade.error().field == "headers." + name);
  }
}

TEST_CASE("a client accepts the answer to its own request only") {
  const auto upgrade = make_upgrade();
  CHECK(upgrade.check(answer_to(upgrade)));
  CHECK_FALSE(upgrade.check(answer_to(make_upgrade())));
}

TEST_CASE("a client refuses every cut and every wrong field of the answer") {
  const auto upgrade = make_upgrade();
  const std::string good = answer_to(upgrade);
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    REQUIRE_FALSE(upgrade.check(std::string_view(good).substr(0, cut)));
  }
  CHECK_FALSE(upgrade.check(replaced(good, "Upgrade: websocket", "Upgrade: h2c")));
  CHECK_FALSE(upgrade.check(replaced(good, "Connection: Upgrade", "Connection: close")));
  CHECK_FALSE(upgrade.check(replaced(good, "Sec-WebSocket-Accept", "X-Accept")));
  CHECK_FALSE(upgrade.check(
      replaced(good, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")));
  CHECK_FALSE(upgrade.check(replaced(good, "\r\n\r\n", "\r\nSec-WebSocket-Protocol: x\r\n\r\n")));
  CHECK_FALSE(upgrade.check("SSH-2.0-OpenSSH\r\n\r\n"));
}

TEST_CASE("a subprotocol may be answered when it was offered") {
  const auto upgrade = make_upgrade({{"Sec-WebSocket-Protocol", "realtime"}});
  CHECK(upgrade.check(
      replaced(answer_to(upgrade), "\r\n\r\n", "\r\nSec-WebSocket-Protocol: realtime\r\n\r\n")));
}

TEST_CASE("a refusal carries its status") {
  const auto check = [](const std::string& status_line) {
    return make_upgrade()
        .check("HTTP/1.1 " + status_line + "\r\nContent-Length: 0\r\n\r\n")
        .error();
  };
  CHECK(check("401 Unauthorized").http_status == 401);
  CHECK(check("401 Unauthorized").code == Errc::unauthenticated);
  CHECK_FALSE(check("401 Unauthorized").retryable);
  CHECK(check("403 Forbidden").code == Errc::permission_denied);
  CHECK(check("404 Not Found").code == Errc::not_found);
  CHECK(check("429 Too Many Requests").code == Errc::resource_exhausted);
  CHECK(check("429 Too Many Requests").retryable);
  CHECK(check("503 Service Unavailable").code == Errc::unavailable);
  CHECK(check("503 Service Unavailable").retryable);
  CHECK(check("302 Found").code == Errc::protocol_error);
}
