#include <vector>

#include "integration/http_fixture.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/telnyx/call_control.hpp"
#include "voicebridge/telnyx/stream_server.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

const std::string kCall = "v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0";
constexpr int kFrames = 50;

std::string frame_payload(int chunk) {
  return base64_encode(Bytes(160, static_cast<std::uint8_t>(chunk)));
}

/// An application that says back what it hears, then hangs up the stream. Lives on the call's
/// shard.
class EchoApplication : public MediaObserver {
 public:
  explicit EchoApplication(std::shared_ptr<MediaStream> stream) : stream_(std::move(stream)) {}

  void on_media_start(const MediaStart& start, TimePoint) override { call_id = start.call_id; }
  void on_media_audio(const AudioPayload& audio, Millis position, TimePoint) override {
    positions.push_back(position);
    stream_->send_audio(audio);
    if (positions.size() == kFrames) stream_->send_mark("all");
  }
  void on_media_mark(std::string_view, TimePoint) override { stream_->close(); }
  void on_media_dtmf(char, TimePoint) override {}
  void on_media_stop(const std::optional<Error>& why, TimePoint) override {
    stopped.set_value(why);
  }

  std::string call_id;
  std::vector<Millis> positions;
  std::promise<std::optional<Error>> stopped;

 private:
  std::shared_ptr<MediaStream> stream_;
};

/// Telnyx' side of the socket: start, fifty frames, and the echo of the mark.
class CarrierSide : public WebSocketHandler {
 public:
  void on_open(WebSocket& socket) override {
    socket_ = &socket;
    socket.send_text(R"({"event":"connected","version":"1.0.0"})");
    socket.send_text(R"({"event":"start","stream_id":"s","start":{"call_control_id":")" + kCall +
                     R"(","media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}}})");
    for (int i = 1; i <= kFrames; ++i) {
      const std::string head = R"({"event":"media","media":{"track":"inbound","chunk":")" +
                               std::to_string(i) + R"(","timestamp":")" + std::to_string(20 * i) +
                               R"(","payload":")";
      socket.send_text(head, frame_payload(i), R"("}})");
    }
  }
  void on_text(std::string_view text) override {
    const auto message = Json::parse(text).value();
    if (message["event"].string() == "media") {
      heard.push_back(message["media"]["payload"].string_or(""));
    } else {
      socket_->send_text(text);
    }
  }
  void on_closed(std::uint16_t code, std::string_view) override { closed.set_value(code); }

  std::vector<std::string> heard;
  std::promise<std::uint16_t> closed;

 private:
  WebSocket* socket_ = nullptr;
};

/// A stream server on a real port, and a client that plays Telnyx.
struct StreamFixture : ServerFixture {
  StreamFixture() : ServerFixture({}, 2), streams(make()), client(make_websocket_client(*runtime)) {
    streams.add_route(*server);
    start();
  }

  TelnyxStreamServer make() {
    TelnyxStreamServerOptions options;
    // The port is not known before the routes are: `connect` puts it in.
    options.public_app_url = "http://127.0.0.1";
    return TelnyxStreamServer::create(
               options,
               [this](const TelnyxStreamRequest&) {
                 TelnyxStreamTarget target;
                 target.shard = &runtime->shard(1);
                 target.attach = [this](std::shared_ptr<MediaStream> stream) {
                   auto made = std::make_shared<EchoApplication>(std::move(stream));
                   application.set_value(made);
                   return made;
                 };
                 return target;
               })
        .value();
  }

  WebSocketRequest request_of(const telnyx::StreamParameters& parameters) const {
    WebSocketRequest request;
    request.url = parameters.url;
    request.url.insert(std::string("ws://127.0.0.1").size(), ":" + std::to_string(server->port()));
    if (!parameters.auth_token.empty()) {
      request.headers.add("x-telnyx-streaming-auth-token",
                          std::string(parameters.auth_token.reveal()));
    }
    return request;
  }

  /// Keeps the attempt alive until the fixture goes.
  void connect(WebSocketRequest request, std::shared_ptr<WebSocketHandler> handler,
               WebSocketClient::Failed failed) {
    std::promise<void> begun;
    runtime->shard(0).post([&] {
      handle = client->connect(std::move(request), runtime->shard(0), handler, std::move(failed));
      begun.set_value();
    });
    get(begun.get_future());
  }

  std::promise<std::shared_ptr<EchoApplication>> application;
  TelnyxStreamServer streams;
  std::unique_ptr<WebSocketClient> client;
  std::shared_ptr<void> handle;
};

}  // namespace

TEST_CASE("a call's audio goes through real sockets both ways, byte for byte", "[telnyx]") {
  StreamFixture fixture;
  const auto carrier = std::make_shared<CarrierSide>();
  const auto parameters =
      fixture.streams.stream_to_leg(kCall, AudioFormat::pcmu(), fixture.runtime->shard(0).now());
  fixture.connect(fixture.request_of(parameters), carrier, [](const Error&) {});

  CHECK(get(carrier->closed.get_future()) == 1000);
  const auto application = get(fixture.application.get_future());
  CHECK_FALSE(get(application->stopped.get_future()));
  CHECK(application->call_id == kCall);
  REQUIRE(application->positions.size() == kFrames);
  REQUIRE(carrier->heard.size() == kFrames);
  for (int i = 0; i < kFrames; ++i) {
    CHECK(application->positions[static_cast<std::size_t>(i)] == Millis(20 * i));
    CHECK(carrier->heard[static_cast<std::size_t>(i)] == frame_payload(i + 1));
  }
  CHECK(fixture.streams.counters().accepted == 1);
}

TEST_CASE("an upgrade without its token is answered 401, one that is used again too", "[telnyx]") {
  StreamFixture fixture;
  auto parameters =
      fixture.streams.stream_to_leg(kCall, AudioFormat::pcmu(), fixture.runtime->shard(0).now());
  for (const char* token : {"", "st_guess"}) {
    parameters.auth_token = Secret(token);
    std::promise<Error> failed;
    fixture.connect(fixture.request_of(parameters), std::make_shared<CarrierSide>(),
                    [&](Error error) { failed.set_value(std::move(error)); });
    CHECK(get(failed.get_future()).http_status == 401);
  }
  CHECK(fixture.streams.counters().refused_token == 2);
  CHECK(fixture.streams.counters().open == 0);
}

TEST_CASE("a command reaches the path of its leg over real HTTP and is repeated after 503",
          "[telnyx]") {
  ServerFixture fixture;
  std::vector<std::string> bodies;
  std::promise<std::string> leg;
  fixture.server->route("POST", "/v2/calls/{id}/actions/hangup",
                        [&](HttpServerRequest request, HttpResponder responder) {
                          bodies.push_back(request.body);
                          if (bodies.size() == 1) return responder.send(503, "");
                          leg.set_value(request.parameters.at("id"));
                          responder.send(200, R"({"data":{"result":"ok"}})");
                        });
  fixture.start();
  const auto client = make_http_client(*fixture.runtime);
  TelnyxCallControlOptions options;
  options.api_base = fixture.url("/v2");
  options.api_key = Secret("KEY");
  options.retry.base_delay = Millis(1);
  const auto control = TelnyxCallControl::create(*client, options).value();

  std::promise<Result<CommandResult>> done;
  control.hangup(kCall, {}, fixture.runtime->shard(0),
                 [&](Result<CommandResult> result) { done.set_value(std::move(result)); });
  const auto result = get(done.get_future());
  REQUIRE(result);
  CHECK(get(leg.get_future()) == kCall);
  REQUIRE(bodies.size() == 2);
  CHECK(bodies[0] == bodies[1]);
  CHECK(Json::parse(bodies[0]).value()["command_id"].string() == result->command_id);
}
