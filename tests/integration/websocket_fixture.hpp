#pragma once

#include <future>
#include <memory>
#include <string>

#include "support/catch.hpp"
#include "support/raw_socket.hpp"
#include "support/websocket_recorder.hpp"
#include "support/ws_frames.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/net/runtime.hpp"

namespace voicebridge::test {

/// A runtime with a server whose path `/ws` opens WebSockets, one recorder each, made by
/// `make_handler`.
struct WebSocketFixture {
  explicit WebSocketFixture(RuntimeOptions options = {}, HttpServerOptions server_options = {})
      : runtime(Runtime::create(options).value()),
        server(HttpServer::create(*runtime, server_options).value()) {
    server->websocket("/ws", [this](const HttpServerRequest&) -> WebSocketDecision {
      WebSocketAccept accept;
      accept.handler = make_handler();
      accept.limits = limits;
      accept.shard = shard;
      return accept;
    });
    REQUIRE(server->start());
  }

  /// Runs `task` on the first shard and waits for its result.
  template <class Task>
  auto on_shard(Task task) {
    using Value = decltype(task());
    auto done = std::make_shared<std::promise<Value>>();
    runtime->shard(0).post([done, task] {
      if constexpr (std::is_void_v<Value>) {
        task();
        done->set_value();
      } else {
        done->set_value(task());
      }
    });
    return done->get_future().get();
  }

  /// A raw peer whose upgrade the server has accepted.
  RawSocket raw_client(int receive_buffer = 0) {
    RawSocket socket(server->port(), receive_buffer);
    socket.send(
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    REQUIRE(socket.receive_response().status == 101);
    return socket;
  }

  std::string url(const std::string& scheme = "ws", const std::string& host = "127.0.0.1") const {
    return scheme + "://" + host + ":" + std::to_string(server->port()) + "/ws";
  }

  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<HttpServer> server;
  WebSocketLimits limits;
  Scheduler* shard = nullptr;
  std::function<std::shared_ptr<WebSocketHandler>()> make_handler;
};

/// Opens a WebSocket on the first shard; tells the error, if any, as a line of `outcome`.
class ClientAttempt {
 public:
  ClientAttempt(WebSocketFixture& fixture, WebSocketRequest request,
                std::shared_ptr<WebSocketHandler> handler, TlsClientOptions tls = {})
      : client_(make_websocket_client(*fixture.runtime, tls)), failure_(failed_.get_future()) {
    handle_ = fixture.on_shard([&] {
      return client_->connect(std::move(request), fixture.runtime->shard(0), std::move(handler),
                              [this](Error error) { failed_.set_value(std::move(error)); });
    });
  }

  /// Waits for the failure.
  Error failure() { return failure_.get(); }
  bool has_failed() const {
    return failure_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  std::shared_ptr<void>& handle() { return handle_; }

 private:
  std::unique_ptr<WebSocketClient> client_;
  std::promise<Error> failed_;
  std::future<Error> failure_;
  std::shared_ptr<void> handle_;
};

}  // namespace voicebridge::test
