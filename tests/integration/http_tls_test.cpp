#include <cstdlib>

#include "integration/http_fixture.hpp"
#include "support/raw_socket.hpp"
#include "support/temp_directory.hpp"
#include "support/test_certificates.hpp"

using namespace voicebridge;
using test::get;
using test::RawSocket;
using test::ServerFixture;

namespace {

const test::TestCertificates& certificates() {
  static const test::TempDirectory folder;
  static const test::TestCertificates made(folder.path(), "DNS:localhost,IP:127.0.0.1");
  return made;
}

HttpServerOptions tls_options() {
  HttpServerOptions options;
  options.tls_certificate_file = certificates().certificate_file;
  options.tls_key_file = certificates().key_file;
  return options;
}

TlsClientOptions trusting() { return {true, certificates().ca_file}; }

std::future<Result<HttpResponse>> send_async(ServerFixture& fixture, HttpClient& client,
                                             HttpRequest request) {
  auto promise = std::make_shared<std::promise<Result<HttpResponse>>>();
  client.send(std::move(request), fixture.runtime->shard(0),
              [promise](Result<HttpResponse> outcome) { promise->set_value(std::move(outcome)); });
  return promise->get_future();
}

HttpRequest request_to(const ServerFixture& fixture, const std::string& host,
                       const std::string& target) {
  HttpRequest request;
  request.url = "https://" + host + ":" + std::to_string(fixture.server->port()) + target;
  return request;
}

class Echo : public WebSocketHandler {
 public:
  void on_open(WebSocket& socket) override { socket_ = &socket; }
  void on_text(std::string_view text) override { socket_->send_text(text); }
  void on_closed(std::uint16_t, std::string_view) override {}

 private:
  WebSocket* socket_ = nullptr;
};

/// Says one thing and notes the answer.
class Asker : public WebSocketHandler {
 public:
  void on_open(WebSocket& socket) override {
    socket_ = &socket;
    socket.send_text("over TLS");
  }
  void on_text(std::string_view text) override {
    answer.set_value(std::string(text));
    socket_->close(1000, "done");
  }
  void on_closed(std::uint16_t code, std::string_view) override { closed.set_value(code); }

  std::promise<std::string> answer;
  std::promise<std::uint16_t> closed;

 private:
  WebSocket* socket_ = nullptr;
};

}  // namespace

TEST_CASE("HTTPS serves small and large bodies on one connection") {
  ServerFixture fixture(tls_options());
  fixture.with_common_routes().start();
  const auto client = make_http_client(*fixture.runtime, trusting());
  for (const std::size_t size : {0u, 1u, 16384u, 1'000'000u}) {
    HttpRequest request = request_to(fixture, "127.0.0.1", "/echo");
    request.method = "POST";
    request.body.resize(size);
    for (std::size_t i = 0; i < size; ++i) request.body[i] = static_cast<char>(i * 31);
    const auto response = get(send_async(fixture, *client, request));
    REQUIRE(response);
    CHECK(response->body == request.body);
  }
  CHECK(get(send_async(fixture, *client, request_to(fixture, "127.0.0.1", "/hello")))->body ==
        "hello");
  CHECK(fixture.count("net.http.connections") < 5);
}

TEST_CASE("a certificate that cannot be verified ends the request") {
  ServerFixture fixture(tls_options());
  fixture.with_common_routes().start();
  std::string host = "127.0.0.1";
  TlsClientOptions tls = trusting();
  SECTION("of an unknown authority") { tls.ca_file.clear(); }
  SECTION("for another name") { host = "127.0.0.2"; }
  SECTION("against an authority's file that is not there") { tls.ca_file = "/nonexistent.pem"; }
  const auto client = make_http_client(*fixture.runtime, tls);
  HttpRequest request = request_to(fixture, host, "/hello");
  const auto outcome = get(send_async(fixture, *client, request));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == Errc::unavailable);
  INFO(outcome.error().message);
  CHECK(fixture.count("net.http.requests") == 0);
}

TEST_CASE("the system's authorities count until another one is named") {
  ServerFixture fixture(tls_options());
  fixture.with_common_routes().start();
  ::setenv("SSL_CERT_FILE", certificates().ca_file.c_str(), 1);  // where OpenSSL finds the system's
  const test::TempDirectory folder;
  const test::TestCertificates other(folder.path(), "DNS:localhost");
  const auto trusting_system = make_http_client(*fixture.runtime);
  const auto trusting_other = make_http_client(*fixture.runtime, {true, other.ca_file});
  const HttpRequest request = request_to(fixture, "127.0.0.1", "/hello");
  const auto trusted = get(send_async(fixture, *trusting_system, request));
  const auto distrusted = get(send_async(fixture, *trusting_other, request));
  ::unsetenv("SSL_CERT_FILE");
  CHECK(trusted);
  CHECK_FALSE(distrusted);
}

TEST_CASE("verification can be switched off") {
  ServerFixture fixture(tls_options());
  fixture.with_common_routes().start();
  const auto client = make_http_client(*fixture.runtime, TlsClientOptions{false, ""});
  CHECK(get(send_async(fixture, *client, request_to(fixture, "127.0.0.1", "/hello")))->body ==
        "hello");
}

TEST_CASE("who does not speak TLS is cut") {
  HttpServerOptions options = tls_options();
  options.header_timeout = Millis(60);
  ServerFixture fixture(options);
  fixture.with_common_routes().start();
  RawSocket socket(fixture.server->port());
  SECTION("plain HTTP") { socket.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"); }
  SECTION("a handshake that never ends") { socket.send("\x16\x03\x01"); }
  SECTION("nothing") {}
  CHECK(socket.receive_until_end().find("hello") == std::string::npos);
  CHECK(fixture.count("net.http.requests") == 0);
}

TEST_CASE("a WebSocket is accepted over TLS") {
  ServerFixture fixture(tls_options(), 2);
  fixture.server->websocket("/stream", [&](const HttpServerRequest&) {
    return WebSocketAccept{std::make_shared<Echo>(), &fixture.runtime->next_shard(), {}};
  });
  fixture.start();
  const auto client = make_websocket_client(*fixture.runtime, trusting());
  for (int round = 0; round < 4; ++round) {
    const auto asker = std::make_shared<Asker>();
    std::promise<std::shared_ptr<void>> connecting;
    fixture.runtime->shard(0).post([&] {
      WebSocketRequest request;
      request.url = "wss://127.0.0.1:" + std::to_string(fixture.server->port()) + "/stream";
      connecting.set_value(
          client->connect(request, fixture.runtime->shard(0), asker,
                          [&](Error error) { asker->answer.set_value(to_string(error)); }));
    });
    const auto handle = get(connecting.get_future());
    CHECK(get(asker->answer.get_future()) == "over TLS");
    CHECK(get(asker->closed.get_future()) == 1000);
  }
}
