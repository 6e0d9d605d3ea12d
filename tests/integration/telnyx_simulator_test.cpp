#include "voicebridge/testing/telnyx_simulator.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/http_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::chrono::seconds kPatience{20};

/// What the application saw, told by several threads.
class Diary {
 public:
  void add(std::string line) {
    const std::lock_guard<std::mutex> lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  /// False when the line has not come in time.
  bool wait_for(const std::string& line) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return count_locked(line) > 0; });
  }
  std::size_t count(const std::string& line) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return count_locked(line);
  }

 private:
  std::size_t count_locked(const std::string& line) const {
    return static_cast<std::size_t>(std::count(lines_.begin(), lines_.end(), line));
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// The application's media socket: greets with 300 ms of audio and a mark.
struct Greeter : WebSocketHandler {
  explicit Greeter(Diary& d) : diary(d) {}
  void on_open(WebSocket& s) override { socket = &s; }
  void on_text(std::string_view text) override {
    const Json json = Json::parse(text).value();
    const std::string event = json["event"].string_or("");
    diary.add("stream " + event);
    if (event == "mark") diary.add("mark " + json["mark"]["name"].string_or(""));
    if (event != "start") return;
    socket->send_text(R"({"event":"media","media":{"payload":")", base64_encode(Bytes(2400, 0x20)),
                      R"("}})");
    socket->send_text(R"({"event":"mark","mark":{"name":"greeted"}})");
  }
  void on_closed(std::uint16_t, std::string_view) override { diary.add("stream closed"); }

  Diary& diary;
  WebSocket* socket = nullptr;
};

/// A program that uses Telnyx, on a port of its own.
struct Application {
  Application() {
    RuntimeOptions options;
    options.threads = 2;
    runtime = Runtime::create(options).value();
    simulator = TelnyxSimulator::create(*runtime).value();
    key = Ed25519PublicKey::parse(simulator->public_key_base64());
    client = make_http_client(*runtime);
    server = HttpServer::create(*runtime).value();
    server->route("POST", "/telnyx/webhooks",
                  [this](HttpServerRequest request, HttpResponder responder) {
                    on_webhook(request);
                    responder.send(200, "{}");
                  });
    server->websocket("/stream", [this](const HttpServerRequest& request) -> WebSocketDecision {
      diary.add("token " +
                std::string(request.headers.find("x-telnyx-streaming-auth-token").value_or("")));
      return WebSocketAccept{std::make_shared<Greeter>(diary), nullptr, {}};
    });
    server->websocket("/forbidden", [](const HttpServerRequest&) -> WebSocketDecision {
      HttpResponse response;
      response.status = 403;
      return response;
    });
    REQUIRE(server->start());
    simulator->set_webhook_url("http://127.0.0.1:" + std::to_string(server->port()) +
                               "/telnyx/webhooks");
  }

  void on_webhook(const HttpServerRequest& request) {
    const std::string timestamp(request.headers.find("telnyx-timestamp").value_or(""));
    const auto signature =
        base64_decode(request.headers.find("telnyx-signature-ed25519").value_or(""));
    const bool good =
        signature && key->verify(ByteView(timestamp + "|" + request.body), *signature);
    const Json json = Json::parse(request.body).value();
    diary.add((good ? "" : "forged ") + json["data"]["event_type"].string_or(""));
  }

  std::string stream_url(const char* path) const {
    return "ws://127.0.0.1:" + std::to_string(server->port()) + path;
  }

  Result<HttpResponse> ask(const std::string& method, const std::string& path, std::string body,
                           Millis timeout = Millis(10000)) {
    return send(method, simulator->base_url() + path, std::move(body), timeout);
  }
  Result<HttpResponse> send(const std::string& method, const std::string& url, std::string body,
                            Millis timeout = Millis(10000)) {
    HttpRequest request;
    request.method = method;
    request.url = url;
    request.headers = {{"Authorization", "Bearer " + simulator->api_key()},
                       {"Content-Type", "application/json"}};
    request.body = std::move(body);
    request.timeout = timeout;
    std::mutex mutex;
    std::condition_variable done;
    std::optional<Result<HttpResponse>> answer;
    client->send(std::move(request), runtime->shard(0), [&](Result<HttpResponse> response) {
      const std::lock_guard<std::mutex> lock(mutex);
      answer.emplace(std::move(response));
      done.notify_all();
    });
    std::unique_lock<std::mutex> lock(mutex);
    done.wait(lock, [&] { return answer.has_value(); });
    return *answer;
  }

  std::string dial(const std::string& url) {
    const auto response = ask(
        "POST", "/calls",
        R"({"connection_id":"1","to":"+33639981234","from":"+33199001234","stream_url":")" + url +
            R"(","stream_bidirectional_mode":"rtp","stream_bidirectional_target_legs":"self",)"
            R"("stream_auth_token":"once"})");
    REQUIRE(response);
    REQUIRE(response->status == 200);
    return Json::parse(response->body).value()["data"]["call_control_id"].string_or("");
  }

  Diary diary;
  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<TelnyxSimulator> simulator;
  Result<Ed25519PublicKey> key;
  std::unique_ptr<HttpClient> client;
  std::unique_ptr<HttpServer> server;
};

}  // namespace

TEST_CASE("a call over real sockets: dial, signed webhooks, media both ways, hang-up") {
  Application app;
  CallPlan plan;
  plan.ring = Millis(100);
  app.simulator->plan_next("", plan);
  const std::string id = app.dial(app.stream_url("/stream"));

  CHECK(app.diary.wait_for("call.initiated"));
  CHECK(app.diary.wait_for("call.answered"));
  CHECK(app.diary.wait_for("token once"));
  CHECK(app.diary.wait_for("streaming.started"));
  CHECK(app.diary.wait_for("mark greeted"));
  const auto hangup = app.ask("POST", "/calls/" + url_encode(id) + "/actions/hangup", "{}");
  REQUIRE(hangup);
  CHECK(hangup->status == 200);
  CHECK(hangup->headers.find("x-ratelimit-limit"));
  CHECK(app.diary.wait_for("stream stop"));
  CHECK(app.diary.wait_for("stream closed"));
  CHECK(app.diary.wait_for("call.hangup"));
  CHECK(app.diary.wait_for("streaming.stopped"));
  CHECK(app.diary.count("stream media") >= 15);

  Bytes heard;
  app.simulator->inspect(
      [&](const TelnyxCarrier& carrier, TimePoint) { heard = carrier.media(id)->heard(); });
  CHECK(heard == Bytes(2400, 0x20));
  CHECK(app.simulator->active_calls() == 0);
  CHECK(Json::parse(app.simulator->state_json())
            .value()["calls"]
            .at(0)["hangup_cause"]
            .string_or("") == "normal_clearing");
}

TEST_CASE("a refused media socket is reported and the call goes on") {
  Application app;
  CallPlan plan;
  plan.ring = Millis(50);
  app.simulator->plan_next("", plan);
  app.dial(app.stream_url("/forbidden"));
  CHECK(app.diary.wait_for("streaming.failed"));
  CHECK(app.simulator->active_calls() == 1);
}

TEST_CASE("an inbound call is announced and can be answered with a stream") {
  Application app;
  CallPlan plan;
  plan.ring = Millis(20000);
  const std::string id = app.simulator->call_in("+33611223344", "+33199001234", plan);
  CHECK(app.diary.wait_for("call.initiated"));
  const auto answered = app.ask("POST", "/calls/" + url_encode(id) + "/actions/answer",
                                R"({"stream_url":")" + app.stream_url("/stream") + R"("})");
  REQUIRE(answered);
  CHECK(answered->status == 200);
  CHECK(app.diary.wait_for("stream start"));
  app.simulator.reset();
  CHECK(app.diary.wait_for("stream closed"));
}

TEST_CASE("ordered failures: late, wrong and missing answers") {
  Application app;
  app.simulator->inject({"dial", 1, 503, Millis(50), false});
  const auto late = app.ask("POST", "/calls", "{}");
  REQUIRE(late);
  CHECK(late->status == 503);
  app.simulator->inject({"dial", 1, 0, Millis(0), false});
  const auto never = app.ask("POST", "/calls", "{}", Millis(300));
  REQUIRE_FALSE(never);
  CHECK(never.error().code == Errc::deadline_exceeded);
  const auto missing = app.ask("POST", "/calls", "{}");
  REQUIRE(missing);
  CHECK(missing->status == 422);
}

TEST_CASE("the state can be read over HTTP") {
  Application app;
  const auto state = app.send(
      "GET", "http://127.0.0.1:" + std::to_string(app.simulator->port()) + "/__sim/state", "");
  REQUIRE(state);
  CHECK(Json::parse(state->body).value()["calls"].is_array());
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
