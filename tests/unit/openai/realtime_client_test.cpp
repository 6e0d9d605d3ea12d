#include "voicebridge/openai/realtime_client.hpp"

#include <map>

#include "session_harness.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using openai_test::Lines;

namespace {

/// A scheduler whose time stands still until it is moved.
class StillScheduler final : public Scheduler {
 public:
  TimePoint now() const override { return now_; }
  void post(Task task) override { run_at(now_, std::move(task)); }
  TimerId run_at(TimePoint when, Task task) override {
    agenda[{when, ++last_id_}] = std::move(task);
    return last_id_;
  }
  void cancel(TimerId timer) override {
    for (auto entry = agenda.begin(); entry != agenda.end(); ++entry) {
      if (entry->first.second == timer) return void(agenda.erase(entry));
    }
  }
  bool offload(Task) override { return false; }

  void advance(Millis by) {
    const TimePoint until = now_ + by;
    while (!agenda.empty() && agenda.begin()->first.first <= until) {
      now_ = std::max(now_, agenda.begin()->first.first);
      const Task task = std::move(agenda.begin()->second);
      agenda.erase(agenda.begin());
      task();
    }
    now_ = until;
  }

  std::map<std::pair<TimePoint, TimerId>, Task> agenda;

 private:
  TimePoint now_{std::chrono::hours(1)};
  TimerId last_id_ = 0;
};

class FakeSocket final : public WebSocket {
 public:
  explicit FakeSocket(Scheduler& scheduler) : scheduler_(scheduler) {}
  Scheduler& scheduler() override { return scheduler_; }
  void ping() override {}
  Millis idle() const override { return Millis(0); }
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    return sink.send_text(head, payload, tail);
  }
  void close(std::uint16_t code, std::string_view reason) override { sink.close(code, reason); }
  std::size_t backlog() const override { return 0; }

  openai_test::RecordingSink sink;

 private:
  Scheduler& scheduler_;
};

class FakeWebSockets final : public WebSocketClient {
 public:
  std::shared_ptr<void> connect(WebSocketRequest r, Scheduler&, std::shared_ptr<WebSocketHandler> h,
                                Failed f) override {
    request = std::move(r);
    handler = std::move(h);
    failed = std::move(f);
    ++connects;
    auto handle = std::make_shared<int>(1);
    pending = handle;
    return handle;
  }

  WebSocketRequest request;
  std::shared_ptr<WebSocketHandler> handler;
  Failed failed;
  std::weak_ptr<int> pending;  ///< Alive as long as the connection is wanted.
  int connects = 0;
};

RealtimeClientOptions client_options() {
  RealtimeClientOptions o;
  o.api_key = Secret("sk-test");
  return o;
}

struct ClientHarness {
  explicit ClientHarness(RealtimeClientOptions o = client_options()) {
    client = RealtimeClient::create(std::move(o), websockets, scheduler).value();
  }
  void start() { client->start(openai_test::Harness::spec(), observer, scheduler.now()); }
  void make_ready() {
    start();
    websockets.handler->on_open(socket);
    receive(R"({"type":"session.created","session":{"id":"s"}})");
    receive(R"({"type":"session.updated","session":{"id":"s"}})");
    REQUIRE(observer.take() == Lines{"ready s"});
    socket.sink.take();
  }
  void receive(std::string_view text) { websockets.handler->on_text(text); }
  Lines told() {
    scheduler.advance(Millis(0));
    return observer.take();
  }

  StillScheduler scheduler;
  FakeSocket socket{scheduler};
  FakeWebSockets websockets;
  openai_test::RecordingObserver observer;
  std::unique_ptr<RealtimeClient> client;
};

}  // namespace

TEST_CASE("the address of the service") {
  RealtimeClientOptions o = client_options();
  o.model = "gpt realtime";
  CHECK(realtime_url(o).value() == "wss://api.openai.com/v1/realtime?model=gpt%20realtime");
  o.base_url = "http://127.0.0.1:8080/v1/";
  CHECK(realtime_url(o).value() == "ws://127.0.0.1:8080/v1/realtime?model=gpt%20realtime");
  o.url = "wss://x.example/openai/v1/realtime?a=b";
  CHECK(realtime_url(o).value() == "wss://x.example/openai/v1/realtime?a=b&model=gpt%20realtime");
  o.url = "https://x.example/realtime";
  CHECK(realtime_url(o).value() == "wss://x.example/realtime?model=gpt%20realtime");
  o.model.clear();
  CHECK(realtime_url(o).error().field == "model");
  for (const char* selector : {"model=m", "call_id=rtc_1", "intent=realtime"}) {
    o.url = std::string("wss://x.example/realtime?") + selector;
    CHECK(realtime_url(o).value() == o.url);
  }
  o.call_id = "rtc 1";
  o.url = "wss://x.example/realtime?a=b";
  CHECK(realtime_url(o).value() == "wss://x.example/realtime?a=b&call_id=rtc%201");
  o.url.clear();
  o.path = "v2/live/";
  o.query = "api-version=1&x=%20";
  CHECK(realtime_url(o).value() ==
        "ws://127.0.0.1:8080/v1/v2/live?call_id=rtc%201&api-version=1&x=%20");
  o.url = "ftp://x.example";
  CHECK(realtime_url(o).error().field == "url");
  o.url.clear();
  o.base_url = "nonsense";
  CHECK(realtime_url(o).error().field == "base_url");
}

TEST_CASE("a client that cannot work is not made") {
  StillScheduler scheduler;
  FakeWebSockets websockets;
  const auto field_of = [&](RealtimeClientOptions o) {
    return RealtimeClient::create(std::move(o), websockets, scheduler).error().field;
  };
  RealtimeClientOptions o;
  CHECK(field_of(o) == "api_key");
  o.api_key = Secret("a\r\nHost: b");
  CHECK(field_of(o) == "api_key");
  o = client_options();
  o.headers.add("openai-beta", "realtime=v1");
  CHECK(field_of(o) == "headers");
  o = client_options();
  o.headers.add("X", "a\nb");
  CHECK(field_of(o) == "headers");
  o = client_options();
  o.url = "nonsense";
  CHECK(field_of(o) == "url");
}

TEST_CASE("the request for the connection") {
  RealtimeClientOptions o = client_options();
  o.headers.add("OpenAI-Safety-Identifier", "u1");
  o.connect_timeout = Millis(1234);
  ClientHarness h(o);
  h.start();
  const WebSocketRequest& request = h.websockets.request;
  CHECK(request.url == "wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1");
  CHECK(request.headers.find("Authorization") == "Bearer sk-test");
  CHECK(request.headers.find("OpenAI-Safety-Identifier") == "u1");
  CHECK(request.headers.fields().size() == 2);
  CHECK(request.connect_timeout == Millis(1234));
  CHECK(request.limits.max_message_bytes == std::size_t{16} << 20);
}

TEST_CASE("another header carries the bare key") {
  RealtimeClientOptions o = client_options();
  o.auth_header = "api-key";
  ClientHarness h(o);
  h.start();
  CHECK(h.websockets.request.headers.find("api-key") == "sk-test");
  CHECK_FALSE(h.websockets.request.headers.find("Authorization"));
}

TEST_CASE("a session over a socket") {
  ClientHarness h;
  h.make_ready();
  h.client->append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AAAA"), h.scheduler.now());
  h.client->request(Say{"Greet.", true}, h.scheduler.now());
  CHECK(h.socket.sink.lines() ==
        Lines{"input_audio_buffer.append AAAA", "response.create Be kind.\n\nGreet."});
  CHECK(h.client->stats().appended == 1);
  h.receive(R"({"type":"response.created","response":{"id":"r1"}})");
  h.client->interrupt(InterruptCause::policy, std::nullopt, h.scheduler.now());
  CHECK(h.socket.sink.lines() == Lines{"response.cancel r1"});
  SpeechPatch patch;
  patch.instructions = "x";
  h.client->reconfigure(patch, h.scheduler.now());
  CHECK(h.socket.sink.lines() == Lines{"session.update"});
  h.client->close(h.scheduler.now());
  CHECK(h.socket.sink.closed == std::vector<int>{1000});
  h.observer.take();
  h.websockets.handler->on_closed(1000, "");
  CHECK(h.told() == Lines{"reply cancelled", "closed"});
}

TEST_CASE("deadlines are kept by the scheduler") {
  ClientHarness h;
  h.start();
  h.websockets.handler->on_open(h.socket);
  h.scheduler.advance(Millis(9999));
  CHECK(h.told().empty());
  h.scheduler.advance(Millis(1));
  CHECK(h.told() == Lines{"closed deadline_exceeded"});
  CHECK(h.scheduler.agenda.empty());
}

TEST_CASE("audio does not set the timer anew") {
  ClientHarness h;
  h.make_ready();
  h.receive(R"({"type":"response.created","response":{"id":"r1"}})");
  const auto only_timer = [&] {
    REQUIRE(h.scheduler.agenda.size() == 1);
    return h.scheduler.agenda.begin()->first;
  };
  h.scheduler.advance(Millis(10000));
  const auto before = only_timer();
  h.receive(
      R"({"type":"response.output_audio.delta","response_id":"r1","item_id":"a","delta":"AAAA"})");
  CHECK(only_timer() == before);
  h.scheduler.advance(Millis(19999));
  h.told();
  h.scheduler.advance(Millis(1));
  CHECK(h.told() == Lines{"utterance a cut", "reply failed spoken"});
}

TEST_CASE("a refused key is fatal, an unreachable service is not") {
  ClientHarness h;
  h.start();
  Error error;
  error.code = Errc::unauthenticated;
  SECTION("refused") {
    error.http_status = 401;
    h.websockets.failed(error);
    CHECK(h.told() == Lines{"closed unauthenticated fatal"});
  }
  SECTION("unreachable") {
    error.code = Errc::unavailable;
    h.websockets.failed(error);
    CHECK(h.told() == Lines{"closed unavailable"});
  }
  CHECK(h.observer.last_error.origin == "openai");
}

TEST_CASE("closing before the connection is open gives it up") {
  ClientHarness h;
  h.start();
  CHECK_FALSE(h.websockets.pending.expired());
  h.client->close(h.scheduler.now());
  CHECK(h.websockets.pending.expired());
  CHECK(h.observer.lines.empty());
  CHECK(h.told() == Lines{"closed"});
  h.scheduler.advance(Millis(60000));
  CHECK(h.told().empty());
}

TEST_CASE("a session that cannot start does not connect") {
  ClientHarness h;
  SpeechSpec spec = openai_test::Harness::spec();
  spec.input = AudioFormat::l16(8000);
  h.client->start(spec, h.observer, h.scheduler.now());
  CHECK(h.websockets.connects == 0);
  CHECK(h.observer.lines.empty());
  CHECK(h.told() == Lines{"closed unsupported fatal"});
}

TEST_CASE("the client may be destroyed inside a callback") {
  ClientHarness h;
  h.make_ready();
  h.observer.on_line = [&](const std::string&) { h.client.reset(); };
  h.receive(R"({"type":"response.created","response":{"id":"r1"}})");
  CHECK(h.told() == Lines{"reply"});
  CHECK(h.socket.sink.closed == std::vector<int>{1000});
  h.receive(R"({"type":"response.done","response":{"id":"r1"}})");
  h.websockets.handler->on_closed(1000, "");
  CHECK(h.told().empty());
  h.websockets.handler.reset();
  h.scheduler.advance(Millis(60000));
  CHECK(h.scheduler.agenda.empty());
}

TEST_CASE("a destroyed client gives up its connection") {
  ClientHarness h;
  h.start();
  h.client.reset();
  CHECK(h.websockets.pending.expired());
  h.scheduler.advance(Millis(60000));
  CHECK(h.observer.lines.empty());
}

TEST_CASE("raw events go out when there is a connection") {
  ClientHarness h;
  CHECK(h.client->send_raw(R"({"type":"input_audio_buffer.clear"})").error().code ==
        Errc::unavailable);
  h.make_ready();
  CHECK(h.client->send_raw(R"({"type":"input_audio_buffer.clear"})"));
  CHECK(h.socket.sink.lines() == Lines{"input_audio_buffer.clear"});
  for (const char* wrong : {"", "{", "[]", "{}", R"({"type":1})"}) {
    CHECK(h.client->send_raw(wrong).error().code == Errc::invalid_argument);
  }
  h.socket.sink.status = SendStatus::dropped;
  CHECK(h.client->send_raw(R"({"type":"input_audio_buffer.clear"})").error().code ==
        Errc::resource_exhausted);
}
