// Open WebSockets over real sockets of the loopback address: both roles, plain and TLS, with and
// without a tick.
#include <atomic>
#include <random>

#include "integration/websocket_fixture.hpp"
#include "support/temp_directory.hpp"
#include "support/test_certificates.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace std::chrono_literals;
using Lines = WebSocketRecorder::Lines;

namespace {

std::shared_ptr<WebSocketRecorder> make_text_echo() {
  auto echo = std::make_shared<WebSocketRecorder>();
  echo->text_hook = [](WebSocket& socket, std::string_view text) { socket.send_text(text); };
  return echo;
}

/// Every way of serving sockets: at once from an epoll set, by Asio alone, by tick.
enum class Serving { at_once, portable, fixed_tick, tick_by_load };

RuntimeOptions serving(Serving way, unsigned threads = 1) {
  constexpr TickPolicy::Mode kModes[] = {TickPolicy::Mode::off, TickPolicy::Mode::off,
                                         TickPolicy::Mode::fixed, TickPolicy::Mode::by_load};
  const TickPolicy::Mode mode = kModes[static_cast<int>(way)];
  RuntimeOptions options;
  options.tick.portable = way == Serving::portable;
  options.threads = threads;
  options.tick.mode = mode;
  options.tick.interval = 500us;
  options.tick.frames_per_second_on = 300;
  options.tick.frames_per_second_off = 100;
  return options;
}

const std::string kClose1000{"\x03\xe8", 2};

/// The client's frame.
std::string text_frame(const std::string& text) { return make_frame(0x81, text); }

}  // namespace

TEST_CASE("an echo comes back whole and in order, plain and over TLS, with every tick policy") {
  const auto way =
      GENERATE(Serving::at_once, Serving::portable, Serving::fixed_tick, Serving::tick_by_load);
  const bool tls = GENERATE(false, true);
  const TempDirectory folder;
  const TestCertificates certificates(folder.path(), "DNS:localhost,IP:127.0.0.1");
  HttpServerOptions server_options;
  if (tls) {
    server_options.tls_certificate_file = certificates.certificate_file;
    server_options.tls_key_file = certificates.key_file;
  }
  WebSocketFixture fixture(serving(way, 2), server_options);
  fixture.limits.max_backlog_bytes = 8 << 20;
  fixture.make_handler = make_text_echo;

  std::vector<std::string> messages;
  std::mt19937 random(1);
  for (const std::size_t size : {0u, 1u, 160u, 390u, 65536u, 300000u})
    messages.emplace_back(size, 'x');
  for (int i = 0; i < 300; ++i)
    messages.push_back(std::to_string(i) + std::string(random() % 2000, 'y'));

  const auto recorder = std::make_shared<WebSocketRecorder>();
  recorder->opened_hook = [&](WebSocket& socket) {
    for (const std::string_view message : messages) {
      const auto half = message.size() / 2;
      socket.send_text(message.substr(0, half), message.substr(half), {});
    }
  };
  WebSocketRequest request;
  request.url = fixture.url(tls ? "wss" : "ws", "localhost");
  request.limits.max_backlog_bytes = 8 << 20;
  ClientAttempt attempt(fixture, request, recorder, {true, certificates.ca_file});
  const Lines lines = recorder->wait_for(messages.size() + 1);
  std::size_t next = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i] == "writable") continue;
    REQUIRE(lines[i] == "text:" + messages[next++]);
  }
  fixture.on_shard([&] { recorder->socket->close(1000, "bye"); });
  CHECK(recorder->wait_until_closed().back() == "closed:1000");
}

TEST_CASE("closing: the other side hears the code and the reason") {
  WebSocketFixture fixture;
  const auto server_side = std::make_shared<WebSocketRecorder>();
  fixture.make_handler = [&] { return server_side; };
  RawSocket client = fixture.raw_client();
  SECTION("the client closes") {
    client.send(make_frame(0x88, kClose1000 + "bye"));
    CHECK(client.receive_until_end() == make_frame(0x88, kClose1000, {false, -1}));
    client.finish();
    CHECK(server_side->wait_until_closed() == Lines{"open", "closed:1000 bye"});
  }
  SECTION("the server closes: what it sent before arrives, nothing is read after the answer") {
    std::atomic<SendStatus> after_close{SendStatus::sent};
    server_side->text_hook = [&](WebSocket& socket, std::string_view) {
      socket.send_text("last");
      socket.close(4001, "over");
      after_close = socket.send_text("never");
    };
    client.send(text_frame("go") + text_frame("ignored"));
    const std::string expected = make_frame(0x81, "last", {false, -1}) +
                                 make_frame(0x88, std::string("\x0f\xa1", 2) + "over", {false, -1});
    CHECK(client.receive_exactly(expected.size()) == expected);
    client.send(make_frame(0x88, "\x0f\xa1"));
    CHECK(client.receive_until_end().empty());
    client.finish();
    CHECK(server_side->wait_until_closed() == Lines{"open", "text:go", "closed:4001"});
    CHECK(after_close == SendStatus::closed);
  }
  SECTION("a protocol error is answered with its code before the connection ends") {
    client.send(make_frame(0x81, "a", {false, -1}));
    const std::string answer = client.receive_until_end();
    CHECK(answer.substr(0, 1) == "\x88");
    CHECK(answer.substr(2, 2) == "\x03\xea");
    client.finish();
    CHECK(server_side->wait_until_closed().back() == "closed:1002 unmasked frame of a client");
  }
  SECTION("the client vanishes") {
    { RawSocket gone = std::move(client); }
    CHECK(server_side->wait_until_closed() == Lines{"open", "closed:1006"});
  }
}

TEST_CASE("a frame may come byte by byte, also behind the request") {
  WebSocketFixture fixture;
  fixture.make_handler = make_text_echo;
  RawSocket client(fixture.server->port());
  client.send(
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: "
      "Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
      text_frame("early") + text_frame("cut").substr(0, 4));
  REQUIRE(client.receive_response().status == 101);
  for (const char byte : text_frame("cut").substr(4) + text_frame(std::string(300, 'z')))
    client.send({&byte, 1});
  const std::string expected = make_frame(0x81, "early", {false, -1}) +
                               make_frame(0x81, "cut", {false, -1}) +
                               make_frame(0x81, std::string(300, 'z'), {false, -1});
  CHECK(client.receive_exactly(expected.size()) == expected);
}

TEST_CASE(
    "a peer that stops reading costs dropped messages, not memory; what was accepted arrives") {
  WebSocketFixture fixture(
      serving(GENERATE(Serving::at_once, Serving::portable, Serving::fixed_tick)));
  fixture.limits.max_backlog_bytes = 100'000;
  const auto server_side = std::make_shared<WebSocketRecorder>();
  std::atomic<int> accepted{0};
  std::atomic<std::size_t> largest_backlog{0};
  server_side->text_hook = [&](WebSocket& socket, std::string_view) {
    for (int dropped = 0; dropped < 10;) {
      const SendStatus status =
          socket.send_text(std::to_string(accepted.load()) + std::string(1000, 'x'));
      largest_backlog = std::max(largest_backlog.load(), socket.backlog());
      if (status == SendStatus::dropped) {
        ++dropped;
      } else {
        ++accepted;
      }
    }
  };
  fixture.make_handler = [&] { return server_side; };
  RawSocket client = fixture.raw_client(4096);
  client.send(text_frame("go"));
  server_side->wait_for(2);
  fixture.on_shard([] {});  // behind the hook

  std::string expected;
  for (int i = 0; i < accepted; ++i) {
    expected += make_frame(0x81, std::to_string(i) + std::string(1000, 'x'), {false, -1});
  }
  CHECK(client.receive_exactly(expected.size()) == expected);
  CHECK(server_side->wait_for(3).back() == "writable");
  CHECK(largest_backlog <= 100'000);
  CHECK(largest_backlog > 90'000);
  std::uint64_t counted = 0;
  for (const auto& sample : fixture.runtime->metrics().snapshot()) {
    if (sample.name == "net.websocket.sends_dropped")
      counted = static_cast<std::uint64_t>(sample.value);
  }
  CHECK(counted == 10);
  client.send(make_frame(0x88, kClose1000));
  CHECK(client.receive_until_end() == make_frame(0x88, kClose1000, {false, -1}));
}

TEST_CASE("a flood of pings is answered without a growing queue") {
  WebSocketFixture fixture;
  const auto server_side = std::make_shared<WebSocketRecorder>();
  std::atomic<std::size_t> backlog{0};
  server_side->text_hook = [&](WebSocket& socket, std::string_view) { backlog = socket.backlog(); };
  fixture.make_handler = [&] { return server_side; };
  RawSocket client = fixture.raw_client(4096);
  // More answers than any socket buffer takes: the server must stop to send, but not to read.
  const std::string ping = make_frame(0x89, std::string(125, 'p'));
  std::string batch;
  for (int i = 0; i < 1000; ++i) batch += ping;
  for (int i = 0; i < 100; ++i) REQUIRE(client.send(batch));
  client.send(text_frame("how much?"));
  server_side->wait_for(2);
  CHECK(backlog < 20'000);  // What one batch may keep for its end.
  client.send(make_frame(0x88, kClose1000));
  const std::string answers = client.receive_until_end();
  CHECK(answers.size() % 127 == 4);
  CHECK(answers.substr(answers.size() - 4) == make_frame(0x88, kClose1000, {false, -1}));
}

TEST_CASE("a half-open connection is found out") {
  WebSocketFixture fixture(
      serving(GENERATE(Serving::at_once, Serving::portable, Serving::fixed_tick)));
  fixture.limits.ping_interval = 20ms;
  fixture.limits.dead_after = 100ms;
  const auto server_side = std::make_shared<WebSocketRecorder>();
  fixture.make_handler = [&] { return server_side; };
  RawSocket client = fixture.raw_client();
  CHECK(server_side->wait_until_closed() == Lines{"open", "closed:1006"});
  CHECK(client.receive_exactly(2) == make_frame(0x89, "", {false, -1}));
}

TEST_CASE("a peer that answers pings stays") {
  WebSocketFixture fixture;
  fixture.limits.ping_interval = 10ms;
  fixture.limits.dead_after = 1000ms;
  const auto server_side = std::make_shared<WebSocketRecorder>();
  fixture.make_handler = [&] { return server_side; };
  RawSocket client = fixture.raw_client();
  for (int i = 0; i < 20; ++i) {
    REQUIRE(client.receive_exactly(2) == make_frame(0x89, "", {false, -1}));
    client.send(make_frame(0x8A, ""));
  }
  CHECK(server_side->lines() == Lines{"open"});
  client.send(make_frame(0x88, kClose1000));
}

TEST_CASE("close races end once on both sides") {
  WebSocketFixture fixture(
      serving(GENERATE(Serving::at_once, Serving::portable, Serving::fixed_tick), 2));
  std::vector<std::shared_ptr<WebSocketRecorder>> server_sides;
  std::vector<std::shared_ptr<WebSocketRecorder>> clients;
  std::mutex mutex;
  fixture.make_handler = [&] {
    auto recorder = std::make_shared<WebSocketRecorder>();
    recorder->text_hook = [](WebSocket& socket, std::string_view) {
      socket.send_text("answer");
      socket.close(1000, "server");
    };
    const std::lock_guard lock(mutex);
    server_sides.push_back(recorder);
    return recorder;
  };
  std::vector<std::unique_ptr<ClientAttempt>> attempts;
  for (int i = 0; i < 200; ++i) {
    auto recorder = std::make_shared<WebSocketRecorder>();
    recorder->opened_hook = [i](WebSocket& socket) {
      socket.send_text("go");
      if (i % 3 == 0) socket.close(1000, "client");
      if (i % 3 == 1) socket.scheduler().post([] {});
    };
    recorder->text_hook = [](WebSocket& socket, std::string_view) { socket.close(1000, "client"); };
    clients.push_back(recorder);
    WebSocketRequest request;
    request.url = fixture.url();
    attempts.push_back(std::make_unique<ClientAttempt>(fixture, request, recorder));
  }
  for (const auto& client : clients)
    CHECK(client->wait_until_closed().back().substr(0, 11) == "closed:1000");
  const std::lock_guard lock(mutex);
  REQUIRE(server_sides.size() == clients.size());
  for (const auto& server_side : server_sides) {
    const Lines lines = server_side->wait_until_closed();
    CHECK(lines.front() == "open");
    CHECK(lines.back().substr(0, 11) == "closed:1000");
    CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
            return line.compare(0, 7, "closed:") == 0;
          }) == 1);
  }
}

TEST_CASE(
    "a handler may close other sockets that are ready in the same batch, and let go of "
    "everything") {
  WebSocketFixture fixture(serving(Serving::fixed_tick));
  auto sockets = std::make_shared<std::vector<std::shared_ptr<WebSocketRecorder>>>();
  fixture.make_handler = [&] {
    auto recorder = std::make_shared<WebSocketRecorder>();
    recorder->text_hook = [sockets](WebSocket&, std::string_view) {
      for (const auto& other : *sockets) {
        if (other->socket != nullptr) other->socket->close(1001, "all");
      }
      sockets->clear();
    };
    sockets->push_back(recorder);
    return recorder;
  };
  std::vector<RawSocket> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(fixture.raw_client());
  const auto recorders = fixture.on_shard([&] { return *sockets; });
  REQUIRE(recorders.size() == 20);
  fixture.on_shard([&] {
    for (RawSocket& client : clients) {
      client.send(text_frame("me first") + make_frame(0x88, kClose1000));
      client.finish();
    }
  });
  int messages = 0;
  for (const auto& recorder : recorders) {
    const Lines lines = recorder->wait_until_closed();
    messages += lines.size() > 2;
    CHECK(lines.back() == "closed:1000");
  }
  CHECK(messages == 1);
}

TEST_CASE("switching the tick on and off loses no wake-up") {
  WebSocketFixture fixture(serving(Serving::tick_by_load));
  fixture.make_handler = make_text_echo;
  RawSocket client = fixture.raw_client();
  // Bursts above the upper rate, and pauses long enough for the tick to fall asleep and the rate to
  // fall.
  for (int round = 0; round < 8; ++round) {
    for (int i = 0; i < 120; ++i) {
      const std::string text = std::to_string(round * 1000 + i);
      client.send(text_frame(text));
      REQUIRE(client.receive_exactly(text.size() + 2) == make_frame(0x81, text, {false, -1}));
    }
    std::promise<void> rested;
    fixture.on_shard([&] {
      auto& shard = fixture.runtime->shard(0);
      shard.run_at(shard.now() + 120ms, [&] { rested.set_value(); });
    });
    rested.get_future().get();
  }
}

TEST_CASE("a socket may live on another shard than the one that accepted it") {
  WebSocketFixture fixture(serving(Serving::at_once, 3));
  fixture.shard = &fixture.runtime->shard(2);
  std::promise<Scheduler*> home;
  fixture.make_handler = [&] {
    auto recorder = make_text_echo();
    recorder->opened_hook = [&](WebSocket& socket) { home.set_value(&socket.scheduler()); };
    return recorder;
  };
  RawSocket client = fixture.raw_client();
  client.send(text_frame("hello"));
  CHECK(client.receive_exactly(7) == make_frame(0x81, "hello", {false, -1}));
  CHECK(home.get_future().get() == &fixture.runtime->shard(2));
}

TEST_CASE("stopping the runtime closes with 1001") {
  const auto way = GENERATE(Serving::at_once, Serving::portable, Serving::fixed_tick);
  const auto server_side = std::make_shared<WebSocketRecorder>();
  std::unique_ptr<RawSocket> client;
  {
    WebSocketFixture fixture(serving(way));
    fixture.make_handler = [&] { return server_side; };
    client = std::make_unique<RawSocket>(fixture.raw_client());
    server_side->wait_for(1);
    fixture.runtime->stop();
    const std::string goodbye =
        make_frame(0x88, std::string("\x03\xe9", 2) + "going away", {false, -1});
    CHECK(client->receive_exactly(goodbye.size()) == goodbye);
    if (way != Serving::fixed_tick) {
      client->send(make_frame(0x88, "\x03\xe9"));
      client->finish();
    }
  }
  // A peer that does not answer is left behind.
  CHECK(server_side->lines() ==
        (way != Serving::fixed_tick ? Lines{"open", "closed:1001"} : Lines{"open", "closed:1006"}));
}
