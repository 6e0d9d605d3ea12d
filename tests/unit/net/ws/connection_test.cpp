#include "net/ws/connection.hpp"

#include <vector>

#include "support/catch.hpp"
#include "support/ws_frames.hpp"

using namespace voicebridge;
using namespace voicebridge::net;
using namespace std::chrono_literals;
using ws::Connection;
using ws::Opcode;

namespace {

/// Takes frames; can play a peer that does not read.
struct FakeTransport final : ws::FrameTransport {
  SendStatus send_frame(Opcode opcode, std::string_view head, std::string_view payload,
                        std::string_view tail) override {
    std::string frame = std::to_string(static_cast<int>(opcode)) + ":";
    frame.append(head).append(payload).append(tail);
    sent.push_back(std::move(frame));
    if (!blocked) return SendStatus::sent;
    queued += head.size() + payload.size() + tail.size() + 2;
    return SendStatus::queued;
  }
  std::size_t backlog() const override { return queued; }
  void finish_writing() override { finished = true; }

  std::vector<std::string> sent;
  bool blocked = false;
  std::size_t queued = 0;
  bool finished = false;
};

struct FakeHandler final : WebSocketHandler {
  void on_open(WebSocket&) override {}
  void on_text(std::string_view text) override {
    events.push_back("text:" + std::string(text));
    if (on_message) on_message();
  }
  void on_binary(std::string_view bytes) override {
    events.push_back("binary:" + std::string(bytes));
  }
  void on_writable() override { events.push_back("writable"); }
  void on_closed(std::uint16_t, std::string_view) override {}

  std::vector<std::string> events;
  std::function<void()> on_message;
};

struct Fixture {
  explicit Fixture(WebSocketLimits l = {}) : limits(l) {}

  void receive(unsigned first, std::string payload) {
    std::string bytes = test::make_frame(first, payload, {false});
    connection.on_bytes(bytes.data(), bytes.size(), now);
  }
  void receive_close(unsigned code) {
    receive(0x88, {static_cast<char>(code >> 8), static_cast<char>(code)});
  }
  void pass(Millis time) {
    const TimePoint end = now + time;
    while (connection.next_deadline() && *connection.next_deadline() <= end) {
      now = *connection.next_deadline();
      connection.on_deadline(now);
    }
    now = end;
  }

  TimePoint now = TimePoint{} + 1h;
  WebSocketLimits limits;
  FakeTransport transport;
  std::shared_ptr<FakeHandler> handler = std::make_shared<FakeHandler>();
  BufferPool pool;
  ws::ConnectionStats stats;
  Connection connection{ws::Role::client, limits, handler, transport, pool, stats, now};
};

using Lines = std::vector<std::string>;
const std::string kClose1000 = "8:\x03\xe8";

}  // namespace

TEST_CASE("messages go both ways") {
  Fixture f;
  f.receive(0x81, "hello");
  f.receive(0x82, "bytes");
  CHECK(f.connection.send_text("a", "b", "c") == SendStatus::sent);
  CHECK(f.handler->events == Lines{"text:hello", "binary:bytes"});
  CHECK(f.transport.sent == Lines{"1:abc"});
  CHECK(f.stats.messages_in == 2);
  CHECK(f.stats.messages_out == 1);
}

TEST_CASE("the peer closes: same code back, then nothing until its end of stream") {
  Fixture f;
  f.receive(0x88, "\x0f\xa0 bye");
  CHECK(f.transport.sent == Lines{"8:\x0f\xa0"});
  CHECK(f.transport.finished);
  CHECK(f.connection.send_text("x", {}, {}) == SendStatus::closed);
  f.receive(0x81, "late");
  CHECK(f.handler->events.empty());
  CHECK_FALSE(f.connection.ended());
  f.connection.on_end_of_stream();
  CHECK(f.connection.ended());
  CHECK(f.connection.close_code() == 4000);
  CHECK(f.connection.close_reason() == " bye");
  CHECK(f.stats.unclean_closes == 0);
}

TEST_CASE("a close frame without a code is answered by one without, and reported as 1005") {
  Fixture f;
  f.receive(0x88, "");
  f.connection.on_end_of_stream();
  CHECK(f.transport.sent == Lines{"8:"});
  CHECK(f.connection.close_code() == 1005);
}

TEST_CASE("this side closes: no data after it, and the peer's answer ends it") {
  Fixture f;
  f.connection.close(1000, "done", f.now);
  f.connection.close(1001, "again", f.now);
  CHECK(f.transport.sent == Lines{kClose1000 + "done"});
  CHECK(f.connection.send_text("x", {}, {}) == SendStatus::closed);
  f.receive(0x81, "crossed");
  f.receive(0x89, "crossed");
  CHECK(f.handler->events.empty());
  CHECK_FALSE(f.transport.finished);
  f.receive_close(1000);
  CHECK(f.transport.finished);
  CHECK(f.transport.sent.size() == 1);
  f.connection.on_end_of_stream();
  CHECK(f.connection.close_code() == 1000);
}

TEST_CASE("a peer that does not answer our close is given up") {
  Fixture f;
  f.connection.close(1000, "", f.now);
  f.pass(Connection::kCloseTimeout - 1ms);
  CHECK_FALSE(f.connection.ended());
  f.pass(1ms);
  CHECK(f.connection.ended());
  CHECK(f.connection.close_code() == 1006);
  CHECK(f.stats.unclean_closes == 1);
}

TEST_CASE("a peer that does not end its stream is given up, with the code it gave") {
  Fixture f;
  f.receive_close(1001);
  f.pass(Connection::kDrainTimeout - 1ms);
  f.receive(0x81, "noise does not prolong it");
  CHECK_FALSE(f.connection.ended());
  f.pass(1ms);
  CHECK(f.connection.ended());
  CHECK(f.connection.close_code() == 1001);
}

TEST_CASE("a connection that breaks is 1006") {
  Fixture f;
  SECTION("end of stream") { f.connection.on_end_of_stream(); }
  SECTION("reset") { f.connection.on_lost(); }
  SECTION("end of stream while our close is on its way") {
    f.connection.close(1000, "", f.now);
    f.connection.on_end_of_stream();
  }
  CHECK(f.connection.ended());
  CHECK(f.connection.close_code() == 1006);
  CHECK(f.stats.unclean_closes == 1);
  CHECK_FALSE(f.connection.next_deadline());
}

TEST_CASE("a protocol error closes with its code and reports it") {
  Fixture f;
  f.receive(0xC1, "reserved bit");
  CHECK(f.transport.sent == Lines{"8:\x03\xea"
                                  "reserved bit set"});
  CHECK(f.transport.finished);
  CHECK(f.stats.protocol_errors == 1);
  f.receive(0x81, "ignored");
  CHECK(f.handler->events.empty());
  f.connection.on_end_of_stream();
  CHECK(f.connection.close_code() == 1002);
  CHECK(f.connection.close_reason() == "reserved bit set");
}

TEST_CASE("a code or reason that may not be sent is left out") {
  Fixture f;
  SECTION("code") {
    f.connection.close(1006, "x", f.now);
    CHECK(f.transport.sent == Lines{"8:"});
  }
  SECTION("reason that is not UTF-8") {
    f.connection.close(1000, "\xff", f.now);
    CHECK(f.transport.sent == Lines{kClose1000});
  }
  SECTION("long reason: cut between code points") {
    f.connection.close(1000, std::string(122, 'x') + "\xc3\xa9", f.now);
    CHECK(f.transport.sent == Lines{kClose1000 + std::string(122, 'x')});
  }
}

TEST_CASE("a handler may close inside a callback: what follows is not handed on") {
  Fixture f;
  f.handler->on_message = [&] { f.connection.close(1000, "", f.now); };
  std::string bytes = test::make_frame(0x81, "a", {false}) + test::make_frame(0x81, "b", {false}) +
                      test::make_frame(0x88, "\x03\xe8", {false});
  f.connection.on_bytes(bytes.data(), bytes.size(), f.now);
  CHECK(f.handler->events == Lines{"text:a"});
  CHECK(f.transport.finished);
}

TEST_CASE(
    "sends beyond the backlog's limit are dropped and counted; the writer hears when it is empty") {
  WebSocketLimits limits;
  limits.max_backlog_bytes = 100;
  Fixture f(limits);
  f.transport.blocked = true;
  CHECK(f.connection.send_text(std::string(50, 'x'), {}, {}) == SendStatus::queued);
  CHECK(f.connection.send_text(std::string(50, 'x'), {}, {}) == SendStatus::dropped);
  CHECK(f.connection.send_text("small", {}, {}) == SendStatus::queued);
  CHECK(f.stats.sends_dropped == 1);
  CHECK(f.stats.messages_out == 2);
  CHECK(f.transport.sent.size() == 2);

  f.transport.blocked = false;
  f.transport.queued = 0;
  f.connection.on_flushed(f.now);
  f.connection.on_flushed(f.now);
  CHECK(f.handler->events == Lines{"writable"});
}

TEST_CASE("a close goes out behind a full backlog") {
  WebSocketLimits limits;
  limits.max_backlog_bytes = 20;
  Fixture f(limits);
  f.transport.blocked = true;
  f.connection.send_text("abc", {}, {});
  CHECK(f.connection.send_text("more", {}, {}) == SendStatus::dropped);
  f.connection.close(1000, "", f.now);
  CHECK(f.transport.sent == Lines{"1:abc", kClose1000});
}

TEST_CASE("pings are answered at once, or the latest of them when the backlog is gone") {
  Fixture f;
  f.receive(0x89, "1");
  CHECK(f.transport.sent == Lines{"10:1"});
  f.transport.blocked = true;
  f.connection.send_text("x", {}, {});
  const std::size_t backlog = f.transport.backlog();
  for (int i = 0; i < 1000; ++i) f.receive(0x89, std::to_string(i));
  f.connection.ping(f.now);
  f.connection.ping(f.now);
  CHECK(f.transport.backlog() == backlog);
  CHECK(f.transport.sent.size() == 2);
  f.transport.blocked = false;
  f.transport.queued = 0;
  f.connection.on_flushed(f.now);
  CHECK(f.transport.sent == Lines{"10:1", "1:x", "10:999", "9:"});
}

TEST_CASE("a silent peer is pinged, then given up") {
  WebSocketLimits limits;
  limits.ping_interval = 20s;
  limits.dead_after = 50s;
  Fixture f(limits);
  f.pass(19'999ms);
  CHECK(f.transport.sent.empty());
  f.pass(1ms);
  CHECK(f.transport.sent == Lines{"9:"});
  f.receive(0x8A, "");
  f.pass(49'999ms);
  CHECK(f.transport.sent == Lines{"9:", "9:", "9:"});
  CHECK_FALSE(f.connection.ended());
  f.pass(1ms);
  CHECK(f.connection.ended());
  CHECK(f.connection.close_code() == 1006);
  CHECK(f.stats.dead_peers == 1);
}

TEST_CASE("a peer that talks is not pinged") {
  WebSocketLimits limits;
  limits.ping_interval = 20s;
  Fixture f(limits);
  for (int i = 0; i < 10; ++i) {
    f.pass(19s);
    f.receive(0x81, "x");
  }
  CHECK(f.transport.sent.empty());
}

TEST_CASE("pings and the watch for silence can be switched off") {
  WebSocketLimits limits;
  limits.ping_interval = 0ms;
  limits.dead_after = 0ms;
  Fixture f(limits);
  CHECK_FALSE(f.connection.next_deadline());
}
