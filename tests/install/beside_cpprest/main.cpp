// Two WebSocket clients in one process, voicebridge's and cpprestsdk's, each with its own
// websocketpp and its own Asio, talk to one server of voicebridge's, again and again and at the
// same time. Where the one took the other's symbols, handlers would silently never run.
#define _TURN_OFF_PLATFORM_STRING
#include <cpprest/ws_client.h>

#include <chrono>
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <voicebridge/core/error.hpp>
#include <voicebridge/net/http_server.hpp>
#include <voicebridge/net/runtime.hpp>
#include <voicebridge/net/websocket.hpp>

namespace vb = voicebridge;

namespace {

constexpr int kRounds = 20;
constexpr std::chrono::seconds kPatience{20};

class Echo : public vb::WebSocketHandler {
 public:
  void on_open(vb::WebSocket& socket) override { socket_ = &socket; }
  void on_text(std::string_view text) override { socket_->send_text(std::string(text)); }
  void on_closed(std::uint16_t, std::string_view) override {}

 private:
  vb::WebSocket* socket_ = nullptr;
};

/// Sends a word, and again whenever it comes back.
class Player : public vb::WebSocketHandler {
 public:
  void on_open(vb::WebSocket& socket) override {
    socket_ = &socket;
    socket_->send_text("voicebridge 0");
  }
  void on_text(std::string_view text) override {
    if (text != "voicebridge " + std::to_string(round_)) return socket_->close(1002, "wrong word");
    if (++round_ == kRounds) return socket_->close(1000, "");
    socket_->send_text("voicebridge " + std::to_string(round_));
  }
  void on_closed(std::uint16_t, std::string_view) override { rounds_.set_value(round_); }
  std::future<int> rounds() { return rounds_.get_future(); }

 private:
  vb::WebSocket* socket_ = nullptr;
  int round_ = 0;
  std::promise<int> rounds_;
};

/// How many words came back to cpprestsdk's client.
int play_by_cpprest(const std::string& url) {
  web::websockets::client::websocket_client client;
  client.connect(url).wait();
  int round = 0;
  for (; round < kRounds; ++round) {
    const std::string word = "cpprest " + std::to_string(round);
    web::websockets::client::websocket_outgoing_message message;
    message.set_utf8_message(word);
    client.send(message).wait();
    if (client.receive().get().extract_string().get() != word) break;
  }
  client.close().wait();
  return round;
}

int fail(const char* what) {
  std::printf("beside cpprestsdk: %s\n", what);
  return 1;
}

}  // namespace

int main() {
  auto runtime = vb::Runtime::create();
  if (!runtime) return fail("no runtime");
  auto server = vb::HttpServer::create(**runtime);
  if (!server) return fail("no server");
  (*server)->websocket("/echo", [](const vb::HttpServerRequest&) -> vb::WebSocketDecision {
    return vb::WebSocketAccept{std::make_shared<Echo>(), nullptr, {}};
  });
  if (!(*server)->start()) return fail("the server does not start");
  const std::string url = "ws://127.0.0.1:" + std::to_string((*server)->port()) + "/echo";

  auto theirs = std::async(std::launch::async, [&url] { return play_by_cpprest(url); });
  const auto client = vb::make_websocket_client(**runtime);
  auto player = std::make_shared<Player>();
  auto ours = player->rounds();
  std::shared_ptr<void> connecting;
  auto& shard = (*runtime)->shard(0);
  shard.post([&] {
    vb::WebSocketRequest request;
    request.url = url;
    connecting = client->connect(std::move(request), shard, player, [](vb::Error error) {
      std::printf("%s\n", to_string(error).c_str());
    });
  });
  // A program that hangs must not wait for the rest of the process.
  if (ours.wait_for(kPatience) != std::future_status::ready || ours.get() != kRounds) {
    std::_Exit(fail("voicebridge's client did not get all its words back"));
  }
  if (theirs.wait_for(kPatience) != std::future_status::ready || theirs.get() != kRounds) {
    std::_Exit(fail("cpprestsdk's client did not get all its words back"));
  }
  std::printf("beside cpprestsdk: works\n");
  return 0;
}
