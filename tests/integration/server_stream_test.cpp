// What comes to the example server's media door, while a call is up.
#include "integration/server_town.hpp"
#include "support/websocket_recorder.hpp"
#include "testing/telnyx_stream_messages.hpp"
#include "voicebridge/net/websocket.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kStreamAgents = R"({"agents":[{"replies":[{"on":"start","say":"Hello."}]}]})";
constexpr const char* kTokenHeader = "x-telnyx-streaming-auth-token";

/// A media socket of somebody who may or may not be the carrier.
class Stranger {
 public:
  Stranger(Town& town, const std::string& query, const std::string& token)
      : town_(town), client_(make_websocket_client(town.street())) {
    WebSocketRequest request;
    request.url =
        "ws://127.0.0.1:" + std::to_string(town.app->port()) + "/api/telnyx/stream" + query;
    if (!token.empty()) request.headers.add(kTokenHeader, token);
    auto failed = std::make_shared<std::promise<Error>>();
    failure_ = failed->get_future();
    on_street([&] {
      attempt_ = client_->connect(request, town.street().shard(0), socket_,
                                  [failed](Error error) { failed->set_value(std::move(error)); });
    });
  }
  ~Stranger() {
    on_street([&] {
      attempt_.reset();
      if (socket_->socket != nullptr) socket_->socket->close(1000, "");
    });
    if (!socket_->lines().empty()) socket_->wait_until_closed();
  }

  /// The HTTP status of the refusal.
  int refused() { return get(std::move(failure_)).http_status; }
  void wait_open() { socket_->wait_for(1); }
  std::string closed() { return socket_->wait_until_closed().back(); }
  /// Nothing when the server has closed the socket.
  void say(const std::string& text) {
    on_street([&] {
      if (socket_->socket != nullptr) socket_->socket->send_text(text);
    });
  }

 private:
  template <class Task>
  void on_street(Task task) {
    std::promise<void> done;
    town_.street().shard(0).post([&] {
      task();
      done.set_value();
    });
    done.get_future().get();
  }

  Town& town_;
  std::unique_ptr<WebSocketClient> client_;
  std::shared_ptr<WebSocketRecorder> socket_ = std::make_shared<WebSocketRecorder>();
  std::shared_ptr<void> attempt_;
  std::future<Error> failure_;
};

std::string token_for(const Town& town, const std::string& leg) {
  const TimePoint now = town.app->runtime().shard(0).now();
  return std::string(
      town.app->streams().stream_to_leg(leg, AudioFormat::pcmu(), now).auth_token.reveal());
}

std::string newest_leg(const Town& town) {
  std::string leg;
  town.telnyx->inspect(
      [&](const testing::TelnyxCarrier& carrier, TimePoint) { leg = carrier.calls().back(); });
  return leg;
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a media socket needs the token of its call", "[server][stream]") {
  Town town(kStreamAgents);
  SteadyCall steady(town);
  CHECK(Stranger(town, "?call_control_id=v3:a", "").refused() == 401);
  CHECK(Stranger(town, "?call_control_id=v3:a", "guess").refused() == 401);
  CHECK(Stranger(town, "?call_control_id=v3:b", token_for(town, "v3:a")).refused() == 401);
  const std::string token = token_for(town, "v3:a");
  CHECK(Stranger(town, "?call_control_id=v3:a", token).refused() == 404);  // No such call.
  CHECK(Stranger(town, "?call_control_id=v3:a", token).refused() == 401);  // Used up.
  CHECK(town.app->agent().live_calls() == 1);
  steady.require_untouched();
}

TEST_CASE("a call takes one stream, and only its own", "[server][stream]") {
  Town town(kStreamAgents);
  SteadyCall steady(town);
  SECTION("a second one is refused, even with a token") {
    const std::string leg = newest_leg(town);
    Stranger stranger(town, "?call_control_id=" + url_encode(leg), token_for(town, leg));
    CHECK(stranger.closed() == "closed:1008");
  }
  SECTION("a start that names another call ends the call without audio") {
    testing::SimApiFault silence;  // The carrier opens no stream: the stranger takes its place.
    silence.command = "streaming_start";
    silence.status = 0;
    silence.times = 3;
    town.telnyx->inject(silence);
    const std::string call_id = town.call("Ada", "+12025550170");
    REQUIRE(eventually([&] { return town.state_of(call_id) == "answered"; }));
    const std::string leg = newest_leg(town);
    Stranger stranger(town, "?call_control_id=" + url_encode(leg), token_for(town, leg));
    stranger.wait_open();
    testing::TelnyxStreamMessages messages("stream_2");
    testing::TelnyxLegIdentity other;
    other.call_control_id = "v3:other";
    stranger.say(testing::TelnyxStreamMessages::connected(""));
    stranger.say(messages.start(other, {}, AudioFormat::pcmu()));
    CHECK(stranger.closed() == "closed:1008");
    CHECK(town.end_of(call_id).end_reason == EndReason::media_failed);
  }
  steady.require_untouched();
}

TEST_CASE("a stream that makes no sense ends as a call with a reason", "[server][stream]") {
  Town town(kStreamAgents, [](server::Config& config) { config.accept_unknown_streams = true; });
  SteadyCall steady(town);
  testing::TelnyxStreamMessages messages("stream_3");
  testing::TelnyxLegIdentity leg;
  leg.call_control_id = "v3:unknown";
  Stranger stranger(town, "", "");
  stranger.wait_open();
  stranger.say(testing::TelnyxStreamMessages::connected(""));
  std::string start = messages.start(leg, {}, AudioFormat::pcmu());

  SECTION("an unknown codec") {
    replace(start, "PCMU", "MORSE");
    stranger.say(start);
    CHECK(stranger.closed() == "closed:1003");
    CHECK(eventually([&] { return town.app->agent().live_calls() == 1; }));
  }
  SECTION("nonsense between good frames is counted and ignored") {
    stranger.say(start);
    REQUIRE(eventually([&] { return town.openai->records().size() == 2; }));
    const Bytes audio(160, 0x42);
    std::string bad = messages.media("inbound", 1, 0ms, audio);
    replace(bad, base64_encode(audio).substr(0, 8), "!!!!????");
    stranger.say(bad);
    stranger.say(std::string(10000, '[') + std::string(10000, ']'));
    stranger.say("{\"event\":\"media\"");
    stranger.say(R"({"event":"media","media":{"payload":7}})");
    stranger.say(R"({"event":"of another age"})");
    for (int i = 2; i < 52; ++i)
      stranger.say(messages.media("inbound", static_cast<std::uint64_t>(i), 20ms * (i - 1), audio));
    CHECK(eventually([&] { return town.openai->records().back().audio_received >= 50u * 160; }));
    CHECK(town.app->agent().live_calls() == 2);
    stranger.say(messages.stop(leg));
    CHECK(eventually([&] { return town.app->agent().live_calls() == 1; }));
    CHECK(town.last_end().end_reason == EndReason::caller_hangup);
  }
  SECTION("nothing but nonsense closes the socket") {
    for (int i = 0; i < 200; ++i) stranger.say("nonsense");
    CHECK(stranger.closed().rfind("closed:1008", 0) == 0);
  }
  steady.require_untouched();
}
