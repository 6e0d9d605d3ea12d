#include "voicebridge/telnyx/stream_server.hpp"

#include "unit/telnyx/fake_socket.hpp"
#include "unit/telnyx/samples.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

const std::string kCallId = "v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg";

/// A stream server, the application behind it, and what that saw.
struct Door {
  voicebridge::testing::ManualScheduler scheduler;
  voicebridge::testing::ManualScheduler call_shard;
  std::vector<TelnyxStreamRequest> asked;
  std::shared_ptr<FakeMediaObserver> observer = std::make_shared<FakeMediaObserver>();
  std::shared_ptr<MediaStream> stream;
  std::optional<Error> refuse;
  TelnyxStreamServer server;

  explicit Door(TelnyxStreamServerOptions options = {}) : server(make(std::move(options))) {}

  TelnyxStreamServer make(TelnyxStreamServerOptions options) {
    options.public_app_url = "http://127.0.0.1:8080";
    auto made = TelnyxStreamServer::create(
        std::move(options),
        [this](const TelnyxStreamRequest& request) { return on_stream(request); });
    REQUIRE(made);
    return *made;
  }
  Result<TelnyxStreamTarget> on_stream(const TelnyxStreamRequest& request) {
    asked.push_back(request);
    if (refuse) return fail(*refuse);
    TelnyxStreamTarget target;
    target.shard = &call_shard;
    target.attach = [this](std::shared_ptr<MediaStream> media) {
      stream = std::move(media);
      return observer;
    };
    return target;
  }
  telnyx::StreamParameters to_leg() {
    return server.stream_to_leg(kCallId, AudioFormat::pcmu(), scheduler.now());
  }
  /// The upgrade that Telnyx makes of the parameters.
  WebSocketDecision upgrade(const telnyx::StreamParameters& parameters) {
    return upgrade(parameters.url, std::string(parameters.auth_token.reveal()));
  }
  WebSocketDecision upgrade(const std::string& url, const std::string& token) {
    HttpServerRequest request;
    request.method = "GET";
    request.target = url.substr(url.find('/', 6));
    request.path = "/api/telnyx/stream";
    if (!token.empty()) request.headers.add("X-Telnyx-Streaming-Auth-Token", token);
    request.shard = &scheduler;
    return server.accept(request);
  }
};

WebSocketAccept accepted(WebSocketDecision decision) {
  REQUIRE(std::holds_alternative<WebSocketAccept>(decision));
  return std::get<WebSocketAccept>(std::move(decision));
}

int refused(const WebSocketDecision& decision) {
  REQUIRE(std::holds_alternative<HttpResponse>(decision));
  return std::get<HttpResponse>(decision).status;
}

TelnyxStreamServerOptions accept_unknown() {
  TelnyxStreamServerOptions options;
  options.accept_unknown_streams = true;
  return options;
}

}  // namespace

TEST_CASE("a stream with its token reaches its call on the call's shard", "[telnyx][server]") {
  Door door;
  const auto parameters = door.to_leg();
  CHECK(parameters.url.find("ws://127.0.0.1:8080/api/telnyx/stream?call_control_id=v3%3A") == 0);
  const WebSocketAccept accept = accepted(door.upgrade(parameters));
  CHECK(accept.shard == &door.call_shard);
  REQUIRE(door.asked.size() == 1);
  CHECK(door.asked[0].call == kCallId);
  CHECK(door.asked[0].call_control_id == kCallId);
  CHECK(door.asked[0].authenticated);
  CHECK(door.asked[0].shard == &door.scheduler);

  FakeSocket socket(door.call_shard);
  accept.handler->on_open(socket);
  REQUIRE(door.stream);
  CHECK_FALSE(door.stream->send_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AAAA")));
  accept.handler->on_text(telnyx_sample("ws.in.connected"));
  accept.handler->on_text(telnyx_sample("ws.in.start.pcmu"));
  CHECK(door.observer->starts.at(0).call_id == kCallId);
  accept.handler->on_text(
      R"({"event":"media","media":{"track":"inbound","chunk":"1","timestamp":"0","payload":"AAAA"}})");
  CHECK(door.observer->frames == 1);
  accept.handler->on_text(telnyx_sample("ws.in.mark"));
  accept.handler->on_text(telnyx_sample("ws.in.dtmf"));
  CHECK(door.observer->marks_seen == 1);
  CHECK(door.observer->digits == "1");
  CHECK(door.stream->send_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AAAA")));
  CHECK(socket.wire.sent.size() == 1);
  accept.handler->on_text(telnyx_sample("ws.in.stop"));
  accept.handler->on_closed(1005, "");
  CHECK(door.observer->stops.size() == 1);
  CHECK_FALSE(door.stream->send_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AAAA")));
  CHECK(door.call_shard.pending_timers() == 0);
}

TEST_CASE("a stream without a valid token is refused", "[telnyx][server]") {
  Door door;
  const auto parameters = door.to_leg();
  const std::string token(parameters.auth_token.reveal());
  CHECK(refused(door.upgrade(parameters.url, "")) == 401);
  CHECK(refused(door.upgrade(parameters.url, "st_guess")) == 401);
  CHECK(refused(door.upgrade("ws://h/api/telnyx/stream?call_control_id=other", token)) == 401);
  // The attempt has used it up.
  CHECK(refused(door.upgrade(parameters)) == 401);
  CHECK(door.asked.empty());
  CHECK(door.server.counters().refused_token == 4);
  CHECK(door.server.counters().open == 0);
}

TEST_CASE("a token works once and not for ever", "[telnyx][server]") {
  Door door;
  const auto once = door.to_leg();
  const auto late = door.to_leg();
  accepted(door.upgrade(once));
  CHECK(refused(door.upgrade(once)) == 401);
  door.scheduler.advance(Millis(120000));
  CHECK(refused(door.upgrade(late)) == 401);
}

TEST_CASE("a token in the query counts only where that is allowed", "[telnyx][server]") {
  TelnyxStreamServerOptions options;
  options.accept_token_in_query = true;
  for (const bool allowed : {false, true}) {
    Door door(allowed ? options : TelnyxStreamServerOptions{});
    const auto parameters = door.to_leg();
    const auto decision =
        door.upgrade(parameters.url + "&token=" + std::string(parameters.auth_token.reveal()), "");
    CHECK(std::holds_alternative<WebSocketAccept>(decision) == allowed);
  }
}

TEST_CASE("a stream named at Dial carries the application's id and outlives the ringing",
          "[telnyx][server]") {
  Door door;
  const auto parameters = door.server.stream_to_dial("call_7", AudioFormat::pcma(), Millis(600000),
                                                     door.scheduler.now());
  door.scheduler.advance(Millis(600000));
  const WebSocketAccept accept = accepted(door.upgrade(parameters));
  CHECK(door.asked.at(0).call == "call_7");
  CHECK(door.asked.at(0).call_control_id.empty());
  FakeSocket socket(door.call_shard);
  accept.handler->on_open(socket);
  accept.handler->on_text(telnyx_sample("ws.in.start.pcma"));
  CHECK(door.observer->starts.at(0).call_id == kCallId);
}

TEST_CASE("a start of another call than the URL's is cut off", "[telnyx][server]") {
  Door door;
  const auto parameters =
      door.server.stream_to_leg("v3:other", AudioFormat::pcmu(), door.scheduler.now());
  const WebSocketAccept accept = accepted(door.upgrade(parameters));
  FakeSocket socket(door.call_shard);
  accept.handler->on_open(socket);
  accept.handler->on_text(telnyx_sample("ws.in.start.pcmu"));
  CHECK(door.observer->starts.empty());
  REQUIRE(door.observer->stops.size() == 1);
  CHECK(door.observer->stops[0]->code == Errc::protocol_error);
  CHECK(socket.wire.closed == std::vector<std::uint16_t>{1008});
}

TEST_CASE("connected must not carry another token than the upgrade", "[telnyx][server]") {
  Door door;
  const WebSocketAccept accept = accepted(door.upgrade(door.to_leg()));
  FakeSocket socket(door.call_shard);
  accept.handler->on_open(socket);
  accept.handler->on_text(telnyx_sample("ws.in.connected.with_token"));
  accept.handler->on_text(telnyx_sample("ws.in.start.pcmu"));
  CHECK(door.observer->starts.empty());
  REQUIRE(door.observer->stops.size() == 1);
  CHECK(door.observer->stops[0]->code == Errc::unauthenticated);
}

TEST_CASE("the application may refuse, and the answer says why as far as it may",
          "[telnyx][server]") {
  struct Case {
    Errc code;
    int status;
  };
  for (const Case& c : {Case{Errc::not_found, 404}, Case{Errc::resource_exhausted, 503},
                        Case{Errc::unavailable, 503}, Case{Errc::conflict, 403}}) {
    Door door;
    door.refuse = fail(c.code, "secret reasons").value();
    const auto decision = door.upgrade(door.to_leg());
    CHECK(refused(decision) == c.status);
    CHECK(std::get<HttpResponse>(decision).body.find("secret") == std::string::npos);
    CHECK(door.server.counters().refused_call == 1);
    CHECK(door.server.counters().open == 0);
  }
}

TEST_CASE("the number of open streams is limited", "[telnyx][server]") {
  TelnyxStreamServerOptions options;
  options.max_streams = 2;
  Door door(options);
  auto first = accepted(door.upgrade(door.to_leg()));
  const auto second = accepted(door.upgrade(door.to_leg()));
  const auto waiting = door.to_leg();
  CHECK(refused(door.upgrade(waiting)) == 503);
  CHECK(door.server.counters().open == 2);
  first.handler.reset();
  CHECK(door.server.counters().open == 1);
  // The refusal has not used up the token.
  accepted(door.upgrade(waiting));
  CHECK(door.server.counters().refused_full == 1);
  CHECK(door.server.counters().accepted == 3);
}

TEST_CASE("a socket that never sends start is closed by the timer", "[telnyx][server]") {
  Door door;
  const WebSocketAccept accept = accepted(door.upgrade(door.to_leg()));
  FakeSocket socket(door.call_shard);
  accept.handler->on_open(socket);
  door.call_shard.advance(Millis(9999));
  CHECK(socket.wire.closed.empty());
  door.call_shard.advance(Millis(1));
  CHECK(socket.wire.closed == std::vector<std::uint16_t>{1008});
  REQUIRE(door.observer->stops.size() == 1);
  CHECK(door.observer->stops[0]->code == Errc::deadline_exceeded);
  accept.handler->on_closed(1008, "");
  CHECK(door.observer->stops.size() == 1);
}

TEST_CASE("the timer follows the protocol's deadlines", "[telnyx][server]") {
  Door door;
  const WebSocketAccept accept = accepted(door.upgrade(door.to_leg()));
  FakeSocket socket(door.call_shard);
  accept.handler->on_open(socket);
  accept.handler->on_text(telnyx_sample("ws.in.start.pcmu"));
  // Ahead of its turn: held for 60 ms, although the timer was armed for later.
  accept.handler->on_text(R"({"event":"media","media":{"chunk":"2","payload":"AAAA"}})");
  door.call_shard.advance(Millis(59));
  CHECK(door.observer->frames == 0);
  door.call_shard.advance(Millis(1));
  CHECK(door.observer->frames == 1);
}

TEST_CASE("a timer that fires after the socket is gone does nothing", "[telnyx][server]") {
  Door door;
  {
    const WebSocketAccept accept = accepted(door.upgrade(door.to_leg()));
    FakeSocket socket(door.call_shard);
    accept.handler->on_open(socket);
    accept.handler->on_closed(1006, "");
  }
  CHECK(door.call_shard.pending_timers() == 0);
  door.call_shard.advance(Millis(60000));
  CHECK(door.observer->stops.size() == 1);
}

TEST_CASE("nobody to serve the stream closes it", "[telnyx][server]") {
  Door door;
  const WebSocketAccept accept = accepted(door.upgrade(door.to_leg()));
  door.observer.reset();
  FakeSocket socket(door.call_shard);
  accept.handler->on_open(socket);
  CHECK(socket.wire.closed == std::vector<std::uint16_t>{1008});
}

TEST_CASE("binary messages are malformed", "[telnyx][server]") {
  Door door;
  const WebSocketAccept accept = accepted(door.upgrade(door.to_leg()));
  FakeSocket socket(door.call_shard);
  accept.handler->on_open(socket);
  for (int i = 0; i < 101; ++i) accept.handler->on_binary("x");
  CHECK(socket.wire.closed == std::vector<std::uint16_t>{1008});
}

TEST_CASE("an unknown stream is asked for when it has said what it is", "[telnyx][server]") {
  Door door(accept_unknown());
  const WebSocketAccept accept = accepted(door.upgrade("ws://h/api/telnyx/stream", ""));
  CHECK(accept.shard == nullptr);
  CHECK(door.asked.empty());
  FakeSocket socket(door.scheduler);
  accept.handler->on_open(socket);
  accept.handler->on_text(telnyx_sample("ws.in.start.pcmu"));
  REQUIRE(door.asked.size() == 1);
  CHECK_FALSE(door.asked[0].authenticated);
  CHECK(door.asked[0].call.empty());
  CHECK(door.asked[0].call_control_id == kCallId);
  CHECK(door.asked[0].from == "+33199001234");
  CHECK(door.asked[0].client_state == "have a nice day =]");
  CHECK(door.asked[0].shard == &door.scheduler);
  CHECK(door.observer->starts.size() == 1);
  CHECK(door.server.counters().without_token == 1);
}

TEST_CASE("an unknown stream that nobody wants is closed", "[telnyx][server]") {
  Door door(accept_unknown());
  door.refuse = fail(Errc::not_found, "no such call").value();
  const WebSocketAccept accept = accepted(door.upgrade("ws://h/api/telnyx/stream", ""));
  FakeSocket socket(door.scheduler);
  accept.handler->on_open(socket);
  accept.handler->on_text(telnyx_sample("ws.in.start.pcmu"));
  CHECK(socket.wire.closed == std::vector<std::uint16_t>{1008});
  CHECK(door.observer->starts.empty());
  CHECK(door.observer->stops.empty());
}

TEST_CASE("a wrong token is refused also where none is needed", "[telnyx][server]") {
  Door door(accept_unknown());
  CHECK(refused(door.upgrade("ws://h/api/telnyx/stream", "st_guess")) == 401);
}

TEST_CASE("a stream server needs a URL and somebody to ask", "[telnyx][server]") {
  CHECK(TelnyxStreamServer::create({}, nullptr).error().field == "public_app_url");
  TelnyxStreamServerOptions options;
  options.public_app_url = "https://app.example";
  CHECK(TelnyxStreamServer::create(options, nullptr).error().field == "on_stream");
}
