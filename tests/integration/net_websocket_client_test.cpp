// How opening a WebSocket fails, is called off, or takes too long.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "integration/websocket_fixture.hpp"
#include "support/temp_directory.hpp"
#include "support/test_certificates.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace std::chrono_literals;
using Lines = WebSocketRecorder::Lines;

namespace {

struct Attempt {
  Attempt(WebSocketFixture& fixture, const std::string& url, TlsClientOptions tls = {},
          HttpHeaders headers = {}) {
    WebSocketRequest request;
    request.url = url;
    request.headers = std::move(headers);
    request.connect_timeout = 2000ms;
    request.handshake_timeout = 200ms;
    attempt = std::make_unique<ClientAttempt>(fixture, request, recorder, tls);
  }
  Error failure() { return attempt->failure(); }

  std::shared_ptr<WebSocketRecorder> recorder = std::make_shared<WebSocketRecorder>();
  std::unique_ptr<ClientAttempt> attempt;
};

std::string local(std::uint16_t port, const std::string& scheme = "ws") {
  return scheme + "://127.0.0.1:" + std::to_string(port) + "/ws";
}

void read_request(RawSocket& peer) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    const std::string piece = peer.receive();
    if (piece.empty()) return;
    head += piece;
  }
}

/// Serves connections that read the request, send `answer` and wait for the end.
RawServer answering(const std::string& answer) {
  return RawServer([answer](RawSocket& peer) {
    read_request(peer);
    peer.send(answer);
    peer.receive_until_end();
  });
}

/// The port of one end of a socket; 0: it is none of TCP.
template <class GetName>
std::uint16_t port_by(GetName get_name, int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  const int done = get_name(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return done == 0 && address.sin_family == AF_INET ? ntohs(address.sin_port) : 0;
}

/// The descriptors of all sockets of this process with an end at `port`.
std::vector<int> sockets_at(std::uint16_t port) {
  constexpr int kDescriptors = 1024;
  std::vector<int> found;
  for (int descriptor = 0; descriptor < kDescriptors; ++descriptor) {
    if (port_by(::getsockname, descriptor) == port || port_by(::getpeername, descriptor) == port) {
      found.push_back(descriptor);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("no socket is left to the programs that the application starts") {
  WebSocketFixture fixture;
  fixture.make_handler = [] { return std::make_shared<WebSocketRecorder>(); };
  Attempt attempt(fixture, fixture.url());
  attempt.recorder->wait_for(1);
  const std::vector<int> sockets = sockets_at(fixture.server->port());
  CHECK(sockets.size() == 3);  // The one that listens, the one it accepted, the client's.
  for (const int socket : sockets) CHECK((::fcntl(socket, F_GETFD) & FD_CLOEXEC) != 0);
  fixture.on_shard([&] { attempt.recorder->socket->close(1000, ""); });
  attempt.recorder->wait_until_closed();
}

TEST_CASE("a refused upgrade tells the status") {
  WebSocketFixture fixture;
  Attempt attempt(fixture, fixture.url() + "/nowhere");
  const Error error = attempt.failure();
  CHECK(error.http_status == 404);
  CHECK(error.code == Errc::not_found);
  CHECK(attempt.recorder->lines().empty());
}

TEST_CASE("a refused key is no reason to try again") {
  WebSocketFixture fixture;
  const RawServer server = answering("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
  Attempt attempt(fixture, local(server.port()), {}, {{"Authorization", "Bearer wrong"}});
  const Error error = attempt.failure();
  CHECK(error.http_status == 401);
  CHECK(error.code == Errc::unauthenticated);
  CHECK_FALSE(error.retryable);
}

TEST_CASE("answers that are no upgrade are protocol errors") {
  WebSocketFixture fixture;
  const std::string answer = GENERATE(
      std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
      std::string(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
      "HTTP/1.1 101 Switching Protocols\r\nX: " + std::string(20000, 'x'));
  const RawServer server = answering(answer);
  Attempt attempt(fixture, local(server.port()));
  CHECK(attempt.failure().code == Errc::protocol_error);
}

TEST_CASE("a server that never answers costs the handshake timeout, one that hangs up nothing") {
  WebSocketFixture fixture;
  SECTION("silence") {
    const RawServer server = answering("HTTP/1.1 101 Switching");
    Attempt attempt(fixture, local(server.port()));
    CHECK(attempt.failure().code == Errc::deadline_exceeded);
  }
  SECTION("end of stream") {
    const RawServer server([](RawSocket& peer) { read_request(peer); });
    Attempt attempt(fixture, local(server.port()));
    CHECK(attempt.failure().code == Errc::unavailable);
  }
  SECTION("nobody listens") {
    Attempt attempt(fixture, local(unused_port()));
    const Error error = attempt.failure();
    CHECK(error.code == Errc::unavailable);
    CHECK(error.retryable);
  }
  SECTION("no TLS") {
    const RawServer server([](RawSocket& peer) {
      peer.receive();
      peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    Attempt attempt(fixture, local(server.port(), "wss"));
    const Error error = attempt.failure();
    CHECK(error.code == Errc::unavailable);
    CHECK_FALSE(error.retryable);
  }
}

TEST_CASE("wrong input names the field") {
  WebSocketFixture fixture;
  CHECK(Attempt(fixture, "http://127.0.0.1/").failure().field == "url");
  CHECK(Attempt(fixture, "not a url").failure().code == Errc::invalid_argument);
  CHECK(Attempt(fixture, "ws://127.0.0.1/", {}, {{"X", "a\r\nb"}}).failure().field == "headers.X");
  CHECK(Attempt(fixture, "wss://127.0.0.1/", {true, "/nonexistent"}).failure().field == "ca_file");
}

TEST_CASE("certificates are verified: the name and the authority") {
  const TempDirectory folder;
  const TestCertificates certificates(folder.path(), "DNS:other.example,IP:127.0.0.1");
  HttpServerOptions options;
  options.tls_certificate_file = certificates.certificate_file;
  options.tls_key_file = certificates.key_file;
  WebSocketFixture fixture({}, options);
  fixture.make_handler = [] { return std::make_shared<WebSocketRecorder>(); };

  Attempt wrong_name(fixture, fixture.url("wss", "localhost"), {true, certificates.ca_file});
  const Error error = wrong_name.failure();
  CHECK(error.code == Errc::unavailable);
  CHECK(error.message.find("ostname mismatch") != std::string::npos);
  CHECK_FALSE(error.retryable);

  Attempt wrong_authority(fixture, fixture.url("wss"));
  CHECK(wrong_authority.failure().code == Errc::unavailable);

  Attempt good(fixture, fixture.url("wss"), {true, certificates.ca_file});
  CHECK(good.recorder->wait_for(1) == Lines{"open"});
  Attempt unverified(fixture, fixture.url("wss", "localhost"), {false, ""});
  CHECK(unverified.recorder->wait_for(1) == Lines{"open"});
}

TEST_CASE("frames that come in the same bytes as the answer are not lost") {
  WebSocketFixture fixture;
  const auto server_side = std::make_shared<WebSocketRecorder>();
  server_side->opened_hook = [](WebSocket& socket) {
    socket.send_text("first");
    socket.send_text("second");
  };
  fixture.make_handler = [&] { return server_side; };
  for (int i = 0; i < 50; ++i) {
    Attempt attempt(fixture, fixture.url());
    CHECK(attempt.recorder->wait_for(3) == Lines{"open", "text:first", "text:second"});
  }
}

TEST_CASE("dropping the handle calls the attempt off: nobody hears of it") {
  WebSocketFixture fixture;
  std::promise<void> asked;
  std::promise<void> hung_up;
  const RawServer server([&](RawSocket& peer) {
    read_request(peer);
    asked.set_value();
    peer.receive_until_end();
    hung_up.set_value();
  });
  Attempt attempt(fixture, local(server.port()));
  asked.get_future().get();
  const bool on_the_shard = GENERATE(true, false);
  if (on_the_shard) {
    fixture.on_shard([&] { attempt.attempt->handle().reset(); });
  } else {
    attempt.attempt->handle().reset();
  }
  hung_up.get_future().get();
  fixture.on_shard([] {});
  CHECK_FALSE(attempt.attempt->has_failed());
  CHECK(attempt.recorder->lines().empty());
}

TEST_CASE("dropping the handle of an open WebSocket does nothing") {
  WebSocketFixture fixture;
  fixture.make_handler = [] { return std::make_shared<WebSocketRecorder>(); };
  Attempt attempt(fixture, fixture.url());
  attempt.recorder->wait_for(1);
  fixture.on_shard([&] { attempt.attempt->handle().reset(); });
  fixture.on_shard([&] { attempt.recorder->socket->close(1000, ""); });
  CHECK(attempt.recorder->wait_until_closed() == Lines{"open", "closed:1000"});
}
