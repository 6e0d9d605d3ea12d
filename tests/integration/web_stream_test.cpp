#include <mutex>

#include "integration/http_fixture.hpp"
#include "support/websocket_recorder.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/web/page_event.hpp"
#include "voicebridge/web/stream_server.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr int kFrames = 25;
constexpr std::size_t kFrameBytes = 1920;

std::string frame_of(int number) { return std::string(kFrameBytes, static_cast<char>(number)); }

/// A call that says back what it hears, then ends its audio.
class Echo : public MediaObserver {
 public:
  explicit Echo(std::shared_ptr<MediaStream> stream) : stream_(std::move(stream)) {}

  void on_media_start(const MediaStart& start, TimePoint) override { session = start.call_id; }
  void on_media_audio(const AudioPayload& audio, Millis position, TimePoint) override {
    positions.push_back(position);
    stream_->send_audio(audio);
    if (positions.size() == kFrames) stream_->send_mark("all");
  }
  void on_media_mark(std::string_view name, TimePoint) override {
    mark = name;
    stream_->close();
  }
  void on_media_played(Micros so_far, TimePoint) override { played = so_far; }
  void on_media_dtmf(char, TimePoint) override {}
  void on_media_stop(const std::optional<Error>& why, TimePoint) override {
    stopped.set_value(why);
  }

  std::string session;
  std::vector<Millis> positions;
  std::string mark;
  Micros played{0};
  std::promise<std::optional<Error>> stopped;

 private:
  std::shared_ptr<MediaStream> stream_;
};

/// A server for one session, "ws_1" with the token "good", and a client that plays its page.
struct WebFixture : ServerFixture {
  explicit WebFixture(WebStreamServerOptions options = {})
      : ServerFixture({}, 2),
        streams(WebStreamServer::create(
                    std::move(options),
                    [this](const WebStreamRequest& request) { return admit(request); })
                    .value()),
        client(make_websocket_client(*runtime)) {
    streams.add_routes(*server);
    start();
  }

  Result<WebStreamTarget> admit(const WebStreamRequest& request) {
    if (request.session_id != "ws_1" || !request.token.equals("good")) {
      return fail(Errc::unauthenticated, "no such session");
    }
    WebStreamTarget target;
    target.events = feed;
    target.agent = "anna";
    target.language = "fr";
    target.on_message = [this](const web::PageMessage& message) {
      const std::lock_guard lock(mutex);
      said.push_back(message);
    };
    target.attach = [this](std::shared_ptr<MediaStream> stream) -> std::shared_ptr<MediaObserver> {
      if (attached) return nullptr;
      attached = true;
      auto made = std::make_shared<Echo>(std::move(stream));
      echo.set_value(made);
      return made;
    };
    return target;
  }

  /// A page on its own shard; its handle is kept until the fixture goes.
  std::shared_ptr<WebSocketRecorder> open(const std::string& path, std::string hello,
                                          const std::string& origin = {}) {
    auto page = std::make_shared<WebSocketRecorder>();
    page->opened_hook = [hello = std::move(hello)](WebSocket& socket) {
      if (!hello.empty()) socket.send_text(hello);
    };
    WebSocketRequest request;
    request.url = "ws" + url(path).substr(4);
    request.headers.add("origin", origin.empty() ? url("") : origin);
    std::promise<void> begun;
    runtime->shard(1).post([&] {
      handles.push_back(client->connect(std::move(request), runtime->shard(1), page,
                                        [this](Error error) { failed.set_value(error); }));
      begun.set_value();
    });
    get(begun.get_future());
    return page;
  }
  static std::string hello(int after = 0, const std::string& token = "good") {
    return R"({"type":"hello","session_id":"ws_1","token":")" + token + R"(","after":)" +
           std::to_string(after) + "}";
  }

  std::shared_ptr<EventFeed> feed = std::make_shared<EventFeed>();
  std::mutex mutex;
  std::vector<web::PageMessage> said;
  bool attached = false;  ///< Of the only stream's shard.
  std::promise<std::shared_ptr<Echo>> echo;
  std::promise<Error> failed;
  WebStreamServer streams;
  std::unique_ptr<WebSocketClient> client;
  std::vector<std::shared_ptr<void>> handles;
};

}  // namespace

TEST_CASE("a page's audio goes through real sockets both ways, byte for byte", "[web]") {
  WebFixture fixture;
  const auto page = fixture.open("/api/web/stream", WebFixture::hello());
  page->wait_for(3);  // open, hello, ready
  fixture.runtime->shard(1).post([&] {
    page->text_hook = [](WebSocket& socket, std::string_view text) {
      const auto message = Json::parse(text).value();
      if (message["type"].string() != "mark") return;
      socket.send_text(R"({"type":"position","played_samples":24000})");
      socket.send_text(R"({"type":"played","name":")", message["name"].string_or(""),
                       R"(","played_samples":24000})");
    };
    for (int i = 1; i <= kFrames; ++i) page->socket->send_binary(frame_of(i));
  });
  const auto echo = get(fixture.echo.get_future());
  CHECK_FALSE(get(echo->stopped.get_future()));
  CHECK(echo->session == "ws_1");
  CHECK(echo->mark == "all");
  CHECK(echo->played == std::chrono::seconds(1));
  REQUIRE(echo->positions.size() == kFrames);
  CHECK(echo->positions.back() == Millis(40 * (kFrames - 1)));
  // The audio is over, the socket is not: it tells what follows, and then closes.
  fixture.feed->add(web::to_json(web::ByeEvent{"agent"}));
  fixture.feed->close();
  const auto lines = page->wait_until_closed();
  CHECK(lines[1] ==
        R"(text:{"type":"hello","session_id":"ws_1","agent":"anna","language":"fr","seq":0})");
  CHECK(lines[2] == R"(text:{"type":"ready","sample_rate":24000})");
  REQUIRE(lines.size() == 3 + kFrames + 3);
  for (int i = 1; i <= kFrames; ++i) {
    CHECK(lines[static_cast<std::size_t>(2 + i)] == "binary:" + frame_of(i));
  }
  CHECK(lines[lines.size() - 2] == R"(text:{"type":"bye","reason":"agent","seq":1})");
  CHECK(lines.back() == "closed:1000");
}

TEST_CASE("an events socket that was lost goes on where it was", "[web]") {
  WebFixture fixture;
  const auto first = fixture.open("/api/web/events", WebFixture::hello());
  first->wait_for(2);
  fixture.feed->add(R"({"type":"state","state":"listening"})");
  fixture.feed->add(R"({"type":"state","state":"speaking"})");
  first->wait_for(4);
  fixture.runtime->shard(1).post([&] { first->socket->close(4000, {}); });
  first->wait_until_closed();
  fixture.feed->add(R"({"type":"state","state":"thinking"})");
  const auto second = fixture.open("/api/web/events", WebFixture::hello(2));
  const auto lines = second->wait_for(3);
  CHECK(lines[1].find(R"("seq":2)") != std::string::npos);
  CHECK(lines[2] == R"(text:{"type":"state","state":"thinking","seq":3})");
  fixture.runtime->shard(1).post(
      [&] { second->socket->send_text(R"({"type":"text","text":"Bonjour"})"); });
  fixture.runtime->shard(1).post([&] { second->socket->send_text(R"({"type":"ping"})"); });
  CHECK(second->wait_for(4)[3] == R"(text:{"type":"pong"})");
  const std::lock_guard lock(fixture.mutex);
  REQUIRE(fixture.said.size() == 1);
  CHECK(std::get<web::PageText>(fixture.said[0]).text == "Bonjour");
}

TEST_CASE("who is not admitted is told so by a close code", "[web]") {
  WebFixture fixture;
  const auto wrong = fixture.open("/api/web/events", WebFixture::hello(0, "guess"));
  CHECK(wrong->wait_until_closed().back().find("closed:4401") == 0);
  const auto rude = fixture.open("/api/web/stream", R"({"type":"ping"})");
  CHECK(rude->wait_until_closed().back().find("closed:4401") == 0);
  const auto good = fixture.open("/api/web/stream", WebFixture::hello());
  good->wait_for(3);
  const auto again = fixture.open("/api/web/stream", WebFixture::hello());
  CHECK(again->wait_until_closed().back().find("closed:4409") == 0);
  CHECK(fixture.streams.counters().refused_visitor == 1);
}

TEST_CASE("a page that says nothing is let go after the time it has", "[web]") {
  WebStreamServerOptions options;
  options.session.hello_timeout = Millis(50);
  WebFixture fixture(std::move(options));
  const auto page = fixture.open("/api/web/events", {});
  CHECK(page->wait_until_closed().back().find("closed:4401") == 0);
}

TEST_CASE("a page from elsewhere does not get a socket", "[web]") {
  WebFixture fixture;
  fixture.open("/api/web/events", WebFixture::hello(), "https://evil.example");
  CHECK(get(fixture.failed.get_future()).http_status == 403);
  CHECK(fixture.streams.counters().refused_origin == 1);
  CHECK(fixture.streams.counters().open == 0);
}
