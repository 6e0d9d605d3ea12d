#include "voicebridge/twilio/stream_server.hpp"

#include "unit/telnyx/fake_socket.hpp"
#include "unit/twilio/names.hpp"
#include "unit/twilio/samples.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using voicebridge::testing::ManualScheduler;

namespace {

const std::string kPath = "/api/voice-calls/media-stream";

TwilioStreamServerOptions signed_options() {
  TwilioStreamServerOptions options;
  options.public_url = kHost;
  options.account_sid = kAccount;
  auto verifier = twilio::WebhookVerifier::create({{Secret(kAuthToken)}, kHost});
  REQUIRE(verifier);
  options.verifier = std::make_shared<twilio::WebhookVerifier>(std::move(*verifier));
  return options;
}

/// A stream server, the application behind it, and what that saw.
struct Door {
  ManualScheduler scheduler;
  ManualScheduler call_shard;
  Scheduler* wanted_shard = &call_shard;
  std::vector<TwilioStreamRequest> asked;
  std::shared_ptr<FakeMediaObserver> observer = std::make_shared<FakeMediaObserver>();
  std::shared_ptr<MediaStream> stream;
  std::optional<Error> refuse;
  TwilioStreamServer server;

  explicit Door(TwilioStreamServerOptions options = signed_options())
      : server(make(std::move(options))) {}

  TwilioStreamServer make(TwilioStreamServerOptions options) {
    auto made = TwilioStreamServer::create(
        std::move(options),
        [this](const TwilioStreamRequest& request) { return on_stream(request); });
    REQUIRE(made);
    return *made;
  }
  Result<TwilioStreamTarget> on_stream(const TwilioStreamRequest& request) {
    asked.push_back(request);
    if (refuse) return fail(*refuse);
    TwilioStreamTarget target;
    target.shard = wanted_shard;
    target.attach = [this](std::shared_ptr<MediaStream> media) {
      stream = std::move(media);
      return observer;
    };
    return target;
  }
  /// The token in the TwiML of a call.
  std::string token_for(const std::string& call, const std::string& call_sid = kCallSid) const {
    const auto connect = server.connect(call, call_sid, scheduler.now());
    return *connect.children().at(0).children().at(0).find("value");
  }
  WebSocketDecision upgrade(const std::string& target, bool with_signature = true) {
    HttpServerRequest request;
    request.method = "GET";
    request.target = target;
    if (target.size() > kPath.size() + 1) {
      request.parameters["call_id"] = url_decode(target.substr(kPath.size() + 1));
    }
    if (with_signature) {
      const std::string url = "wss://voice.example.com" + target;
      request.headers.add("x-twilio-signature", twilio::request_signature(Secret(kAuthToken), url));
    }
    request.shard = &scheduler;
    return server.accept(request);
  }
};

/// The media socket of an accepted upgrade, on the call's shard.
struct Socket {
  FakeSocket wire;
  std::shared_ptr<WebSocketHandler> handler;

  Socket(WebSocketDecision decision, Scheduler& shard) : wire(shard) {
    REQUIRE(std::holds_alternative<WebSocketAccept>(decision));
    handler = std::get<WebSocketAccept>(decision).handler;
    handler->on_open(wire);
    handler->on_text(twilio_sample("ws_01_connected").dump());
  }
  void start(const std::string& token, const std::string& call_sid = kCallSid,
             const std::string& account = kAccount) {
    handler->on_text(R"({"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":)"
                     R"({"accountSid":")" +
                     account + R"(","streamSid":"MZ1","callSid":")" + call_sid +
                     R"(","tracks":["inbound"],"mediaFormat":)"
                     R"({"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},)"
                     R"("customParameters":{"token":")" +
                     token + R"(","tenant":"acme"}}})");
  }
  bool refused() const { return wire.wire.closed == std::vector<std::uint16_t>{1008}; }
};

int status_of(const WebSocketDecision& decision) {
  const auto* response = std::get_if<HttpResponse>(&decision);
  return response != nullptr ? response->status : 101;
}

}  // namespace

TEST_CASE("the TwiML of a stream names call, token and nothing in a query", "[twilio][stream]") {
  TwilioStreamServerOptions options = signed_options();
  options.status_callback = kHost + "/twilio/stream-status";
  Door door(options);
  const auto connect = door.server.connect("call 1", kCallSid, door.scheduler.now());
  const auto xml = twilio::Twiml().add(connect).xml();
  REQUIRE(xml);
  CHECK(xml->find(R"(<Connect><Stream url="wss://voice.example.com)" + kPath +
                  R"(/call%201" statusCallback="https://voice.example.com/twilio/stream-status">)"
                  R"(<Parameter name="token" value="st_)") != std::string::npos);
  CHECK(door.token_for("call") != door.token_for("call"));
}

TEST_CASE("a signed stream with its token reaches its call, on its shard", "[twilio][stream]") {
  Door door;
  const std::string token = door.token_for("call_1");
  auto decision = door.upgrade(kPath + "/call_1");
  REQUIRE(std::holds_alternative<WebSocketAccept>(decision));
  CHECK(std::get<WebSocketAccept>(decision).shard == &door.call_shard);
  REQUIRE(door.asked.size() == 1);
  CHECK(door.asked[0].call == "call_1");
  CHECK(door.asked[0].call_sid.empty());
  Socket socket(std::move(decision), door.call_shard);
  CHECK(door.stream == nullptr);
  socket.start(token);
  REQUIRE(door.observer->starts.size() == 1);
  CHECK(door.observer->starts[0].call_id == kCallSid);
  CHECK(door.stream->send_audio(
      AudioPayload::from_base64(AudioFormat::pcmu(), base64_encode(Bytes(160, 0xFF)))));
  socket.handler->on_text(twilio_sample("ws_03_media_inbound_silence").dump());
  socket.handler->on_text(twilio_sample("ws_04_dtmf").dump());
  CHECK(door.observer->frames == 1);
  CHECK(door.observer->digits == "1");
  CHECK(door.server.counters().open == 1);
  socket.handler->on_closed(1000, {});
  socket.handler.reset();
  CHECK(door.observer->stops.size() == 1);
  CHECK_FALSE(door.stream->send_audio(AudioPayload{}));
  door.stream.reset();
  CHECK(door.server.counters().open == 0);
  CHECK(door.server.counters().accepted == 1);
}

TEST_CASE("who has not Twilio's signature is not let in", "[twilio][stream]") {
  Door door;
  CHECK(status_of(door.upgrade(kPath + "/call_1", false)) == 403);
  CHECK(status_of(door.upgrade(kPath + "/call_1?token=x")) == 403);
  CHECK(door.asked.empty());
  CHECK(door.server.counters().refused_signature == 2);
  CHECK(door.server.counters().open == 0);
}

TEST_CASE("a token is good once, for its call, leg and account", "[twilio][stream]") {
  Door door;
  const auto refused = [&](const std::string& token, const std::string& call_sid,
                           const std::string& account) {
    Socket socket(door.upgrade(kPath + "/call_1"), door.call_shard);
    socket.start(token, call_sid, account);
    return socket.refused();
  };
  const std::string other_leg = "CA11112222333344445555666677778888";
  CHECK(refused("st_guessed", kCallSid, kAccount));
  CHECK(refused(door.token_for("call_2"), kCallSid, kAccount));
  CHECK(refused(door.token_for("call_1"), other_leg, kAccount));
  CHECK(refused(door.token_for("call_1"), kCallSid, "AC00000000000000000000000000000000"));
  const std::string token = door.token_for("call_1");
  CHECK_FALSE(refused(token, kCallSid, kAccount));
  CHECK(refused(token, kCallSid, kAccount));
  // Without a leg at first any may come.
  CHECK_FALSE(refused(door.token_for("call_1", ""), other_leg, kAccount));
  CHECK(door.observer->starts.size() == 2);
  CHECK(door.server.counters().refused_token == 5);
}

TEST_CASE("a token that waited too long is not good any more", "[twilio][stream]") {
  Door door;
  const std::string token = door.token_for("call_1");
  const auto later = door.server.connect("call_1", "", door.scheduler.now(), Millis(60000));
  const std::string long_lived = *later.children().at(0).children().at(0).find("value");
  Socket early(door.upgrade(kPath + "/call_1"), door.call_shard);
  Socket late(door.upgrade(kPath + "/call_1"), door.call_shard);
  door.call_shard.advance(Millis(9000));
  CHECK_FALSE(late.refused());
  door.call_shard.advance(Millis(111000));
  // Both sockets were closed on the way: they never said start.
  CHECK(late.refused());
  Socket now(door.upgrade(kPath + "/call_1"), door.call_shard);
  now.start(token);
  CHECK(now.refused());
  Socket again(door.upgrade(kPath + "/call_1"), door.call_shard);
  again.start(long_lived);
  CHECK_FALSE(again.refused());
}

TEST_CASE("without a call in the path the application is asked at start", "[twilio][stream]") {
  TwilioStreamServerOptions options = signed_options();
  options.path = kPath;
  Door door(options);
  const auto connect = door.server.connect("call_1", kCallSid, door.scheduler.now());
  CHECK(*connect.children().at(0).find("url") == "wss://voice.example.com" + kPath);
  const std::string token = door.token_for("call_1");
  door.wanted_shard = &door.scheduler;
  Socket socket(door.upgrade(kPath), door.scheduler);
  CHECK(door.asked.empty());
  socket.start(token);
  REQUIRE(door.asked.size() == 1);
  CHECK(door.asked[0].call == "call_1");
  CHECK(door.asked[0].call_sid == kCallSid);
  CHECK(door.asked[0].stream_sid == "MZ1");
  CHECK(door.asked[0].parameters == std::map<std::string, std::string>{{"tenant", "acme"}});
  CHECK(door.asked[0].shard == &door.scheduler);
  CHECK(door.observer->starts.size() == 1);
  // A socket cannot move any more.
  door.wanted_shard = &door.call_shard;
  Socket elsewhere(door.upgrade(kPath), door.scheduler);
  elsewhere.start(door.token_for("call_2"));
  CHECK(elsewhere.refused());
}

TEST_CASE("the application may refuse, with a status", "[twilio][stream]") {
  Door door;
  const auto status = [&](Errc code) {
    door.refuse = fail(code, "no").value();
    return status_of(door.upgrade(kPath + "/call_1"));
  };
  CHECK(status(Errc::not_found) == 404);
  CHECK(status(Errc::resource_exhausted) == 503);
  CHECK(status(Errc::conflict) == 403);
  CHECK(door.server.counters().refused_call == 3);
  CHECK(door.server.counters().open == 0);
  door.refuse.reset();
  door.observer = nullptr;
  Socket socket(door.upgrade(kPath + "/call_1"), door.call_shard);
  socket.start(door.token_for("call_1"));
  CHECK(socket.refused());
}

TEST_CASE("there are so many places and no more", "[twilio][stream]") {
  TwilioStreamServerOptions options = signed_options();
  options.max_streams = 1;
  Door door(options);
  {
    Socket socket(door.upgrade(kPath + "/call_1"), door.call_shard);
    CHECK(status_of(door.upgrade(kPath + "/call_2")) == 503);
    socket.handler->on_closed(1006, {});
  }
  CHECK(status_of(door.upgrade(kPath + "/call_2")) == 101);
  CHECK(door.server.counters().refused_full == 1);
}

TEST_CASE("a socket without start does not stay, nor does one that sends binary",
          "[twilio][stream]") {
  Door door;
  Socket mute(door.upgrade(kPath + "/call_1"), door.call_shard);
  door.call_shard.advance(Millis(9999));
  CHECK_FALSE(mute.refused());
  door.call_shard.advance(Millis(1));
  CHECK(mute.refused());
  CHECK(door.observer->stops.empty());
  Socket binary(door.upgrade(kPath + "/call_1"), door.call_shard);
  for (int i = 0; i < 101; ++i) binary.handler->on_binary("\xFF\xFF");
  CHECK(binary.refused());
}

TEST_CASE("a server needs an address that Twilio can connect to", "[twilio][stream]") {
  const auto field_of = [](auto change) {
    TwilioStreamServerOptions options = signed_options();
    change(options);
    const auto made = TwilioStreamServer::create(
        options, [](const TwilioStreamRequest&) { return Result<TwilioStreamTarget>(); });
    return made ? std::string() : made.error().field;
  };
  using O = TwilioStreamServerOptions;
  CHECK(field_of([](O&) {}).empty());
  CHECK(field_of([](O& o) { o.public_url = "http://127.0.0.1:8080/"; }).empty());
  CHECK(field_of([](O& o) { o.public_url = "http://voice.example.com"; }) == "public_url");
  CHECK(field_of([](O& o) { o.public_url.clear(); }) == "public_url");
  CHECK(field_of([](O& o) { o.path = "media"; }) == "path");
  CHECK(field_of([](O& o) { o.path = "/media?x={call_id}"; }) == "public_url");
  CHECK(field_of([](O& o) { o.status_callback = "/status"; }) == "status_callback");
  CHECK(TwilioStreamServer::create(signed_options(), nullptr).error().field == "on_stream");
}
