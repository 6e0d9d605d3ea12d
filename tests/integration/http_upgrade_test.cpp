#include <mutex>

#include "integration/http_fixture.hpp"
#include "support/raw_socket.hpp"
#include "support/ws_frames.hpp"

using namespace voicebridge;
using test::get;
using test::make_frame;
using test::RawResponse;
using test::RawSocket;
using test::ServerFixture;

namespace {

constexpr unsigned kText = 0x81;
constexpr unsigned kClose = 0x88;

std::string upgrade_request(const std::string& target, const std::string& headers = "") {
  return "GET " + target +
         " HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         headers + "\r\n";
}

/// Sends every text back; says where it lives.
class UpgradedEcho : public WebSocketHandler {
 public:
  void on_open(WebSocket& socket) override {
    socket_ = &socket;
    opened.set_value(&socket.scheduler());
  }
  void on_text(std::string_view text) override { socket_->send_text(text); }
  void on_closed(std::uint16_t code, std::string_view) override { closed.set_value(code); }

  std::promise<Scheduler*> opened;
  std::promise<std::uint16_t> closed;

 private:
  WebSocket* socket_ = nullptr;
};

}  // namespace

TEST_CASE("a request becomes a WebSocket, and no byte behind its head is lost") {
  ServerFixture fixture;
  const auto echo = std::make_shared<UpgradedEcho>();
  fixture.with_common_routes();
  fixture.server->websocket("/stream/{id}",
                            [&](const HttpServerRequest& request) -> WebSocketDecision {
                              CHECK(request.parameters.at("id") == "7");
                              CHECK(request.headers.find("x-token") == "t");
                              return WebSocketAccept{echo, nullptr, {}};
                            });
  fixture.start();

  RawSocket socket(fixture.server->port());
  const std::string frames = make_frame(kText, "first") + make_frame(kText, "second");
  // A plain request first: the upgrade comes on a connection in use, with frames and a half behind
  // its head.
  socket.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" +
              upgrade_request("/stream/7", "X-Token: t\r\n") + frames.substr(0, frames.size() - 3));
  CHECK(socket.receive_response().body == "hello");
  const RawResponse response = socket.receive_response();
  CHECK(response.status == 101);
  CHECK(response.has("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  CHECK(get(echo->opened.get_future()) == &fixture.runtime->shard(0));
  socket.send(frames.substr(frames.size() - 3));
  CHECK(socket.receive_exactly(7) ==
        "\x81\x05"
        "first");
  CHECK(socket.receive_exactly(8) ==
        "\x81\x06"
        "second");
  socket.send(make_frame(kClose, "\x03\xe8"));
  socket.finish();
  CHECK(get(echo->closed.get_future()) == 1000);
}

TEST_CASE("a WebSocket may live on another shard than the one that accepted it") {
  ServerFixture fixture({}, 2);
  // One connection a handler: whichever shard accepts, one of the two is the other one.
  std::array<std::shared_ptr<UpgradedEcho>, 2> echoes{std::make_shared<UpgradedEcho>(),
                                                      std::make_shared<UpgradedEcho>()};
  fixture.server->websocket("/{shard}", [&](const HttpServerRequest& request) -> WebSocketDecision {
    const unsigned index = request.parameters.at("shard") == "0" ? 0 : 1;
    return WebSocketAccept{echoes[index], &fixture.runtime->shard(index), {}};
  });
  fixture.start();
  for (unsigned index : {0u, 1u}) {
    RawSocket socket(fixture.server->port());
    socket.send(upgrade_request("/" + std::to_string(index)) + make_frame(kText, "hi"));
    CHECK(socket.receive_response().status == 101);
    CHECK(socket.receive_exactly(4) == "\x81\x02hi");
    CHECK(get(echoes[index]->opened.get_future()) == &fixture.runtime->shard(index));
  }
  for (auto& echo : echoes) CHECK(get(echo->closed.get_future()) == 1006);
}

TEST_CASE("an upgrade can be refused, and the connection lives on") {
  ServerFixture fixture;
  fixture.with_common_routes();
  int asked = 0;
  fixture.server->websocket("/stream", [&](const HttpServerRequest&) -> WebSocketDecision {
    ++asked;
    HttpResponse response;
    response.status = 403;
    response.body = "no token";
    return response;
  });
  fixture.start();
  RawSocket socket(fixture.server->port());
  socket.send(upgrade_request("/stream"));
  const RawResponse response = socket.receive_response();
  CHECK(response.status == 403);
  CHECK(response.body == "no token");
  socket.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(socket.receive_response().body == "hello");
  CHECK(asked == 1);
}

TEST_CASE("the handshake is checked before the route is asked") {
  ServerFixture fixture;
  bool asked = false;
  fixture.server->websocket("/stream", [&](const HttpServerRequest&) -> WebSocketDecision {
    asked = true;
    return HttpResponse{};
  });
  fixture.start();
  const auto status_of = [&](std::string request, const std::string& what,
                             const std::string& instead) {
    request.replace(request.find(what), what.size(), instead);
    RawSocket socket(fixture.server->port());
    socket.send(request);
    return socket.receive_response().status;
  };
  const std::string fine = upgrade_request("/stream");
  CHECK(status_of(fine, "Version: 13", "Version: 8") == 426);
  CHECK(status_of(fine, "dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=") == 400);
  CHECK(status_of(fine, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "") == 400);
  CHECK(status_of(fine, "/stream", "/nowhere") == 404);
  CHECK_FALSE(asked);
}

TEST_CASE("a route that accepts into nothing is a 500") {
  ServerFixture fixture;
  fixture.server->websocket("/", [](const HttpServerRequest&) { return WebSocketAccept{}; });
  fixture.start();
  RawSocket socket(fixture.server->port());
  socket.send(upgrade_request("/"));
  CHECK(socket.receive_response().status == 500);
}

TEST_CASE("WebSockets outlive the server that accepted them") {
  ServerFixture fixture;
  const auto echo = std::make_shared<UpgradedEcho>();
  fixture.server->websocket("/", [&](const HttpServerRequest&) {
    return WebSocketAccept{echo, nullptr, {}};
  });
  fixture.start();
  RawSocket socket(fixture.server->port());
  socket.send(upgrade_request("/"));
  CHECK(socket.receive_response().status == 101);
  get(echo->opened.get_future());
  fixture.server.reset();
  socket.send(make_frame(kText, "still"));
  CHECK(socket.receive_exactly(7) == "\x81\x05still");
  fixture.runtime->stop();
  CHECK(static_cast<unsigned char>(socket.receive()[0]) == kClose);
  socket.send(make_frame(kClose, "\x03\xe9"));
  socket.finish();
  CHECK(get(echo->closed.get_future()) == 1001);
}
