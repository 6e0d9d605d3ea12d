#include "net/tls_session.hpp"

#include <random>

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "support/test_certificates.hpp"

using namespace voicebridge;
using namespace voicebridge::net;
using TlsState = TlsSession::State;

namespace {

const test::TestCertificates& certificates() {
  static const test::TempDirectory folder;
  static const test::TestCertificates made(folder.path(), "DNS:media.example,IP:127.0.0.1");
  return made;
}

TlsContext server_context() {
  return TlsContext::server(certificates().certificate_file, certificates().key_file).value();
}

TlsContext client_context(bool verify = true, std::string ca_file = certificates().ca_file) {
  return TlsContext::client({verify, std::move(ca_file)}).value();
}

/// One end: what it has to send, and what it has received.
struct End {
  explicit End(std::unique_ptr<TlsSession> s) : session(std::move(s)) {}

  void take(std::string_view cipher) {
    session->feed(cipher);
    if (session->state() == TlsState::handshaking) session->handshake(output);
    char buffer[1000];
    while (const std::size_t size = session->read(buffer, sizeof buffer, output)) {
      plain.append(buffer, size);
    }
  }

  std::unique_ptr<TlsSession> session;
  std::string output;
  std::string plain;
};

struct Pair {
  explicit Pair(const std::string& host = "media.example",
                TlsContext client_side = client_context())
      : client(TlsSession::client(client_side, host).value()),
        server(TlsSession::server(server_context()).value()) {
    client.session->handshake(client.output);
  }

  /// Carries bytes both ways until both are quiet, in pieces of at most `largest`.
  void exchange(std::size_t largest = static_cast<std::size_t>(-1)) {
    while (!client.output.empty() || !server.output.empty()) {
      carry(client, server, largest);
      carry(server, client, largest);
    }
  }

  static void carry(End& from, End& to, std::size_t largest) {
    const std::string bytes = std::exchange(from.output, {});
    for (std::size_t at = 0; at < bytes.size(); at += std::min(largest, bytes.size() - at)) {
      to.take(std::string_view(bytes).substr(at, largest));
    }
  }

  End client;
  End server;
};

}  // namespace

TEST_CASE("two sessions shake hands and talk, however the records are cut") {
  for (const std::size_t largest :
       {std::size_t{1}, std::size_t{7}, std::size_t{1500}, std::size_t{100000}}) {
    Pair pair;
    pair.exchange(largest);
    REQUIRE(pair.client.session->state() == TlsState::open);
    REQUIRE(pair.server.session->state() == TlsState::open);
    const std::string large(50000, 'x');
    REQUIRE(pair.client.session->write("hello", pair.client.output));
    REQUIRE(pair.client.session->write(large, pair.client.output));
    REQUIRE(pair.server.session->write("answer", pair.server.output));
    pair.exchange(largest);
    CHECK(pair.server.plain == "hello" + large);
    CHECK(pair.client.plain == "answer");
  }
}

TEST_CASE("data in the same bytes as the end of the handshake is not lost") {
  Pair pair;
  Pair::carry(pair.client, pair.server, 100000);
  Pair::carry(pair.server, pair.client, 100000);
  REQUIRE(pair.client.session->state() == TlsState::open);
  pair.client.session->write("early", pair.client.output);
  Pair::carry(pair.client, pair.server, 100000);
  CHECK(pair.server.plain == "early");
}

TEST_CASE("close_notify ends one direction") {
  Pair pair;
  pair.exchange();
  pair.client.session->close(pair.client.output);
  pair.exchange();
  CHECK(pair.server.session->state() == TlsState::closed);
  CHECK(pair.server.session->write("last words", pair.server.output));
}

TEST_CASE("a certificate for another name is refused") {
  Pair pair("other.example");
  pair.exchange();
  CHECK(pair.client.session->state() == TlsState::failed);
  CHECK(pair.client.session->error().find("ostname mismatch") != std::string::npos);
  CHECK(pair.server.session->state() == TlsState::failed);
}

TEST_CASE("an address is checked as an address") {
  Pair good("127.0.0.1");
  good.exchange();
  CHECK(good.client.session->state() == TlsState::open);
  Pair bad("127.0.0.2");
  bad.exchange();
  CHECK(bad.client.session->state() == TlsState::failed);
}

TEST_CASE("an authority that is not trusted is refused, unless nothing is verified") {
  Pair pair("media.example", client_context(true, ""));
  pair.exchange();
  CHECK(pair.client.session->state() == TlsState::failed);
  Pair careless("other.example", client_context(false, ""));
  careless.exchange();
  CHECK(careless.client.session->state() == TlsState::open);
}

TEST_CASE("both sides may change their keys at any time") {
  Pair pair;
  pair.exchange();
  REQUIRE(SSL_version(pair.client.session->native()) == TLS1_3_VERSION);
  for (End* const end : {&pair.client, &pair.server}) {
    REQUIRE(SSL_key_update(end->session->native(), SSL_KEY_UPDATE_REQUESTED) == 1);
    pair.client.session->write("question ", pair.client.output);
    pair.server.session->write("answer ", pair.server.output);
    pair.exchange(11);
  }
  CHECK(pair.server.plain == "question question ");
  CHECK(pair.client.plain == "answer answer ");
}

TEST_CASE("damaged and foreign bytes fail the session with an alert") {
  Pair pair;
  pair.exchange();
  pair.client.session->write("hello", pair.client.output);
  pair.client.output[10] = static_cast<char>(pair.client.output[10] ^ 1);
  Pair::carry(pair.client, pair.server, 100000);
  CHECK(pair.server.session->state() == TlsState::failed);
  CHECK_FALSE(pair.server.output.empty());
  CHECK(pair.server.plain.empty());
  CHECK_FALSE(pair.server.session->write("x", pair.server.output));

  End server(TlsSession::server(server_context()).value());
  server.take("GET / HTTP/1.1\r\n\r\n");
  CHECK(server.session->state() == TlsState::failed);
}

TEST_CASE("a session that waits for more is not failed") {
  Pair pair;
  pair.exchange();
  pair.client.session->write("hello", pair.client.output);
  const std::string record = std::exchange(pair.client.output, {});
  for (std::size_t i = 0; i + 1 < record.size(); ++i) pair.server.take(record.substr(i, 1));
  CHECK(pair.server.plain.empty());
  CHECK(pair.server.session->state() == TlsState::open);
  pair.server.take(record.substr(record.size() - 1));
  CHECK(pair.server.plain == "hello");
}

TEST_CASE("contexts name what cannot be read") {
  const auto no_ca = TlsContext::client({true, "/nonexistent/ca.pem"});
  REQUIRE_FALSE(no_ca);
  CHECK(no_ca.error().field == "ca_file");
  const auto no_certificate = TlsContext::server("/nonexistent", certificates().key_file);
  REQUIRE_FALSE(no_certificate);
  CHECK(no_certificate.error().field == "tls_certificate_file");
  const auto no_key = TlsContext::server(certificates().certificate_file, certificates().ca_file);
  REQUIRE_FALSE(no_key);
  CHECK(no_key.error().field == "tls_key_file");
}
