// What a batch of wake-ups does: reads all, works on all, sends all; and what else the loop does
// meanwhile.
#include <atomic>
#include <thread>

#include "integration/websocket_fixture.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace std::chrono_literals;

namespace {

const std::string kNormalClose{"\x03\xe8", 2};

std::string to_server(const std::string& text) { return make_frame(0x81, text); }
std::string to_client(const std::string& text) { return make_frame(0x81, text, {false, -1}); }

RuntimeOptions one_thread(bool portable) {
  RuntimeOptions options;
  options.threads = 1;
  options.tick.mode = TickPolicy::Mode::off;
  options.tick.portable = portable;
  return options;
}

/// Two sockets of one shard. What comes to the first runs `on_first`.
struct Pair {
  explicit Pair(bool portable) : fixture(one_thread(portable)) {
    fixture.limits.max_backlog_bytes = 8 << 20;
    int made = 0;
    fixture.make_handler = [this, made]() mutable { return made++ == 0 ? first : second; };
    first->text_hook = [this](WebSocket&, std::string_view text) { on_first(text); };
  }
  std::shared_ptr<WebSocketRecorder> first = std::make_shared<WebSocketRecorder>();
  std::shared_ptr<WebSocketRecorder> second = std::make_shared<WebSocketRecorder>();
  std::function<void(std::string_view)> on_first;
  WebSocketFixture fixture;  // Its shard ends before what its handlers use.
};

}  // namespace

TEST_CASE("what one message causes goes out in order, the small and the large") {
  Pair pair(GENERATE(false, true));
  std::string expected;
  std::vector<std::string> answers;
  for (const std::size_t size : {10u, 400u, 16000u, 300u, 17000u, 5u, 200000u, 1u, 2u}) {
    answers.emplace_back(size, static_cast<char>('a' + answers.size()));
    expected += to_client(answers.back());
  }
  std::atomic<std::size_t> accepted{0};
  pair.on_first = [&](std::string_view) {
    for (const std::string& answer : answers) {
      if (is_accepted(pair.first->socket->send_text(answer))) ++accepted;
    }
  };
  RawSocket client = pair.fixture.raw_client();
  client.send(to_server("go") + to_server("again"));
  expected += expected;
  CHECK(client.receive_exactly(expected.size()) == expected);
  CHECK(accepted == 2 * answers.size());
}

TEST_CASE("what was sent to another socket before it was closed arrives before the Close frame") {
  Pair pair(GENERATE(false, true));
  std::atomic<bool> refused{false};
  pair.on_first = [&](std::string_view text) {
    pair.second->socket->send_text(text);
    pair.second->socket->send_text("last");
    pair.second->socket->close(1000, "");
    refused = pair.second->socket->send_text("late") == SendStatus::closed;
  };
  RawSocket first = pair.fixture.raw_client();
  RawSocket second = pair.fixture.raw_client();
  pair.second->wait_for(1);
  first.send(to_server("hello"));
  const std::string expected =
      to_client("hello") + to_client("last") + make_frame(0x88, kNormalClose, {false, -1});
  CHECK(second.receive_exactly(expected.size()) == expected);
  CHECK(refused);
  second.send(make_frame(0x88, kNormalClose));
  CHECK(pair.second->wait_until_closed().back() == "closed:1000");
}

TEST_CASE("a peer that is gone takes nobody along when something waits for it") {
  Pair pair(GENERATE(false, true));
  pair.on_first = [&](std::string_view text) {
    if (pair.second->socket != nullptr) pair.second->socket->send_text(std::string(1000, 'x'));
    pair.first->socket->send_text(text);
  };
  RawSocket first = pair.fixture.raw_client();
  {
    RawSocket second = pair.fixture.raw_client();
    pair.second->wait_for(1);
  }
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    const std::string text = std::to_string(i);
    first.send(to_server(text));
    CHECK(first.receive_exactly(to_client(text).size()) == to_client(text));
  }
  CHECK(pair.second->wait_until_closed().back() == "closed:1006");
}

TEST_CASE("what waits for the end of a batch becomes a backlog when the peer does not read") {
  Pair pair(GENERATE(false, true));
  constexpr int kMessages = 400;
  std::atomic<int> queued{0};
  pair.on_first = [&](std::string_view) {
    for (int i = 0; i < kMessages; ++i) {
      const SendStatus status = pair.second->socket->send_text(std::string(10000, 'x'));
      if (status == SendStatus::queued) ++queued;
    }
  };
  RawSocket first = pair.fixture.raw_client();
  RawSocket second = pair.fixture.raw_client(4096);
  pair.second->wait_for(1);
  first.send(to_server("go"));
  pair.first->wait_for(2);
  pair.fixture.on_shard([] {});  // Behind the hook.
  CHECK(queued > 0);
  const std::string one = to_client(std::string(10000, 'x'));
  std::string expected;
  for (int i = 0; i < kMessages; ++i) expected += one;
  CHECK(second.receive_exactly(expected.size()) == expected);
  CHECK(pair.second->wait_for(2).back() == "writable");
}

TEST_CASE("tasks and timers run while messages do not stop to come") {
  Pair pair(GENERATE(false, true));
  pair.on_first = [](std::string_view) {};
  RawSocket client = pair.fixture.raw_client();
  std::atomic<bool> enough{false};
  std::thread flood([&] {
    std::string many;
    for (int i = 0; i < 50; ++i) many += to_server("frame");
    // Bounded: who waits for what does not come is told by the checks, not by a hang.
    for (int i = 0; i < 200000 && !enough; ++i) {
      if (!client.send(many)) return;
    }
  });
  int tasks = 0;
  for (int i = 0; i < 50; ++i) pair.fixture.on_shard([&] { ++tasks; });

  Scheduler& shard = pair.fixture.runtime->shard(0);
  auto done = std::make_shared<std::promise<void>>();
  auto step = std::make_shared<std::function<void(int)>>();
  *step = [&shard, done, weak = std::weak_ptr<std::function<void(int)>>(step)](int left) {
    const auto again = weak.lock();
    if (left == 0 || !again) return done->set_value();
    shard.run_at(shard.now() + 1ms, [again, left] { (*again)(left - 1); });
  };
  pair.fixture.on_shard([&] { (*step)(50); });
  const bool timers_ran = done->get_future().wait_for(20s) == std::future_status::ready;
  enough = true;
  flood.join();
  CHECK(tasks == 50);
  CHECK(timers_ran);
}
