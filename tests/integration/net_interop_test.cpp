// Against other people's WebSockets: Node's `ws`, and websocketpp's client and server.
#include <cstdio>
#include <cstdlib>
#include <sstream>

#define _WEBSOCKETPP_CPP11_STL_
#include <websocketpp/client.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/config/core_client.hpp>
#include <websocketpp/server.hpp>

#include "integration/websocket_fixture.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using Lines = WebSocketRecorder::Lines;
namespace wspp = websocketpp;

namespace {

const std::vector<std::string> kMessages{"",
                                         "hello",
                                         "\xce\xba\xe2\x82\xac\xf0\x9f\x98\x80",
                                         std::string(125, 'x'),
                                         std::string(126, 'y'),
                                         std::string(65536, 'z')};

std::shared_ptr<WebSocketRecorder> make_echo() {
  auto echo = std::make_shared<WebSocketRecorder>();
  echo->text_hook = [](WebSocket& socket, std::string_view text) { socket.send_text(text); };
  return echo;
}

/// The output of a shell command, line by line.
class Command {
 public:
  explicit Command(const std::string& command) : pipe_(::popen(command.c_str(), "r")) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  ~Command() {
    if (pipe_ != nullptr) ::pclose(pipe_);
  }
  std::string line() {
    char buffer[1000];
    if (pipe_ == nullptr || std::fgets(buffer, sizeof buffer, pipe_) == nullptr) return {};
    std::string text(buffer);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

 private:
  std::FILE* pipe_;
};

const std::string kNode = "NODE_PATH=/usr/share/nodejs:$NODE_PATH timeout 30 node ";

bool node_is_here() {
  if (std::system((kNode + "-e \"require('ws')\" >/dev/null 2>&1").c_str()) == 0) return true;
  WARN("skipped: node or its module ws is not installed");
  return false;
}

std::string script() {
  return std::string(VOICEBRIDGE_TEST_DATA) + "/../integration/ws_interop.cjs ";
}

void send_all(WebSocket& socket) {
  for (const std::string& message : kMessages) socket.send_text(message);
}

/// The lines that are an echo of the messages.
Lines echoes() {
  Lines lines;
  for (const std::string& message : kMessages) lines.push_back("text:" + message);
  return lines;
}

/// Runs one of websocketpp's connections over a blocking socket until its end.
template <class Connection>
void drive(Connection& connection, std::ostringstream& output, RawSocket& socket) {
  for (;;) {
    socket.send(output.str());
    output.str("");
    if (connection.get_state() == wspp::session::state::closed) return;
    const std::string bytes = socket.receive();
    if (bytes.empty()) return connection.eof();
    connection.read_all(bytes.data(), bytes.size());
  }
}

template <class Endpoint>
void make_quiet(Endpoint& endpoint, std::ostringstream& output) {
  endpoint.clear_access_channels(wspp::log::alevel::all);
  endpoint.clear_error_channels(wspp::log::elevel::all);
  endpoint.register_ostream(&output);
}

}  // namespace

TEST_CASE("a server for Node's ws client") {
  if (!node_is_here()) return;
  WebSocketFixture fixture;
  const auto echo = make_echo();
  // On the shard: another process, through which the order cannot be seen, makes it run.
  fixture.on_shard([&] { fixture.make_handler = [&] { return echo; }; });
  Command node(kNode + script() + "client " + fixture.url() + " 2>&1");
  CHECK(node.line() == "ok");
  CHECK(echo->wait_until_closed().back() == "closed:4003 done");
}

TEST_CASE("a client of Node's ws server") {
  if (!node_is_here()) return;
  WebSocketFixture fixture;
  Command node(kNode + script() + "server 2>&1");
  const std::string port = node.line();
  const auto recorder = std::make_shared<WebSocketRecorder>();
  const std::string pong = "pong:are you there?";
  recorder->text_hook = [&](WebSocket& socket, std::string_view text) {
    if (text != pong) return;
    send_all(socket);
    socket.send_text("close");
  };
  WebSocketRequest request;
  request.url = "ws://127.0.0.1:" + port + "/";
  ClientAttempt attempt(fixture, request, recorder);
  const Lines lines = recorder->wait_until_closed();
  REQUIRE(lines.size() > 3);
  CHECK(lines[1] == "text:" + pong);
  CHECK(Lines(lines.begin() + 2, lines.end() - 1) == echoes());
  CHECK(lines.back() == "closed:4002 as you wish");
}

TEST_CASE("a server for websocketpp's client") {
  WebSocketFixture fixture;
  const auto echo = make_echo();
  fixture.make_handler = [&] { return echo; };

  using Client = wspp::client<wspp::config::core_client>;
  std::ostringstream output;
  Client client;
  make_quiet(client, output);
  Lines received;
  client.set_open_handler([&](wspp::connection_hdl connection) {
    for (const auto& message : kMessages)
      client.send(connection, message, wspp::frame::opcode::text);
  });
  client.set_message_handler([&](wspp::connection_hdl connection, Client::message_ptr message) {
    received.push_back("text:" + message->get_payload());
    if (received.size() == kMessages.size()) client.close(connection, 4003, "done");
  });
  wspp::lib::error_code error;
  const auto connection = client.get_connection(fixture.url(), error);
  REQUIRE_FALSE(error);
  client.connect(connection);
  RawSocket socket(fixture.server->port());
  drive(*connection, output, socket);
  socket.finish();
  CHECK(received == echoes());
  CHECK(echo->wait_until_closed().back() == "closed:4003 done");
}

TEST_CASE("a client of websocketpp's server") {
  WebSocketFixture fixture;
  const RawServer peer([](RawSocket& socket) {
    using Server = wspp::server<wspp::config::core>;
    std::ostringstream output;
    Server server;
    make_quiet(server, output);
    server.set_message_handler([&](wspp::connection_hdl connection, Server::message_ptr message) {
      if (message->get_payload() == "close") return server.close(connection, 4002, "as you wish");
      server.send(connection, message->get_payload(), message->get_opcode());
    });
    const auto connection = server.get_connection();
    connection->start();
    drive(*connection, output, socket);
    socket.finish();
    socket.receive_until_end();
  });
  const auto recorder = std::make_shared<WebSocketRecorder>();
  recorder->opened_hook = [](WebSocket& socket) {
    send_all(socket);
    socket.send_text("close");
  };
  WebSocketRequest request;
  request.url = "ws://127.0.0.1:" + std::to_string(peer.port()) + "/";
  ClientAttempt attempt(fixture, request, recorder);
  const Lines lines = recorder->wait_until_closed();
  CHECK(lines.back() == "closed:4002 as you wish");
  CHECK(Lines(lines.begin() + 1, lines.end() - 1) == echoes());
}
