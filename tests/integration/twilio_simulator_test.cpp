// Calls over real sockets: `TwilioCarrier` and `TwilioStreamServer` on one side, the simulator on
// the other.
#include "voicebridge/testing/twilio_simulator.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/twilio/twilio_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::chrono::seconds kLongWait{20};

/// What the application saw, told by several threads.
class TwilioDiary {
 public:
  void add(std::string line) {
    const std::lock_guard<std::mutex> lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  /// False when the line has not come in time.
  bool wait_for(const std::string& line) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, kLongWait, [&] { return has(line); });
  }
  bool saw(const std::string& line) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return has(line);
  }

 private:
  bool has(const std::string& line) const {
    return std::find(lines_.begin(), lines_.end(), line) != lines_.end();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// Greets with 300 ms of audio and a mark.
struct GreetingCall : MediaObserver {
  GreetingCall(TwilioDiary& d, std::shared_ptr<MediaStream> s) : diary(d), stream(std::move(s)) {}
  void on_media_start(const MediaStart& start, TimePoint) override {
    diary.add("start " + start.call_id);
    const Bytes audio(2400, 0x20);
    stream->send_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), audio));
    stream->send_mark("greeted");
  }
  void on_media_audio(const AudioPayload&, Millis, TimePoint) override {
    if (++frames == 10) diary.add("ten frames");
  }
  void on_media_mark(std::string_view name, TimePoint) override {
    diary.add("mark " + std::string(name));
  }
  void on_media_dtmf(char digit, TimePoint) override { diary.add(std::string("key ") + digit); }
  void on_media_stop(const std::optional<Error>& why, TimePoint) override {
    diary.add(why ? "lost" : "stopped");
  }
  TwilioDiary& diary;
  std::shared_ptr<MediaStream> stream;
  int frames = 0;
};

/// A program that uses Twilio, on a port of its own.
struct TwilioApplication {
  TwilioApplication() {
    RuntimeOptions options;
    options.threads = 2;
    runtime = Runtime::create(options).value();
    server = HttpServer::create(*runtime).value();
    client = make_http_client(*runtime);
    TwilioSimulatorOptions twilio;
    twilio.carrier.plan.ring = Millis(100);
    simulator = TwilioSimulator::create(*runtime, twilio).value();
    server->route("POST", "/twilio/{what}",
                  [this](const HttpServerRequest& request, HttpResponder responder) {
                    on_twilio(request, std::move(responder));
                  });
    server->websocket(TwilioStreamServerOptions().path, [this](const HttpServerRequest& request) {
      return streams->accept(request);
    });
    REQUIRE(server->start());
    open();
  }
  ~TwilioApplication() {
    simulator.reset();
    server.reset();
  }

  void open() {
    const std::string origin = "http://127.0.0.1:" + std::to_string(server->port());
    twilio::WebhookVerifierOptions keys;
    keys.auth_tokens = {Secret("0123"), Secret(simulator->auth_token())};
    keys.public_url = origin;
    verifier = std::make_shared<const twilio::WebhookVerifier>(
        twilio::WebhookVerifier::create(keys).value());
    TwilioStreamServerOptions doors;
    doors.public_url = origin;
    doors.verifier = verifier;
    doors.account_sid = simulator->account_sid();
    doors.status_callback = origin + "/twilio/stream";
    streams = TwilioStreamServer::create(doors, [this](const TwilioStreamRequest&) {
                if (full) return Result<TwilioStreamTarget>(fail(Errc::unavailable, "full"));
                TwilioStreamTarget target;
                target.attach = [this](std::shared_ptr<MediaStream> stream) {
                  return std::make_shared<GreetingCall>(diary, std::move(stream));
                };
                return Result<TwilioStreamTarget>(std::move(target));
              }).value();
    TwilioCallControlOptions commands;
    commands.api_base = simulator->base_url();
    commands.account_sid = simulator->account_sid();
    commands.auth_token = Secret(simulator->auth_token());
    control = TwilioCallControl::create(*client, commands).value();
    voicebridge::TwilioCarrierOptions legs;
    legs.caller_id = "+15550100200";
    legs.status_url = origin + "/twilio/status";
    legs.detection_url = origin + "/twilio/amd";
    carrier = voicebridge::TwilioCarrier::create(*control, *streams, legs).value();
    simulator->set_voice_url(origin + "/twilio/voice");
  }

  void on_twilio(const HttpServerRequest& request, HttpResponder responder) {
    if (!verifier->verify("POST", request.target, request.headers, request.body)) {
      diary.add("forged");
      return responder.send(403, "");
    }
    const auto event = twilio::parse_webhook(FormFields::parse(request.body).value()).value();
    const std::string what = request.parameters.at("what");
    if (what == "voice") {
      carrier->ringing(event.call_sid, [responder](std::string twiml) {
        responder.send(200, std::move(twiml), "text/xml");
      });
      carrier->answer(event.call_sid, "in_1", runtime->shard(0), [](const Result<>&) {});
      return;
    }
    diary.add(what + " " + event.form.text_or("CallStatus", event.form.text_or("StreamEvent", "")) +
              event.form.text_or("AnsweredBy", ""));
    responder.send(204, "");
  }

  /// The SID of the leg.
  Result<std::string> dial(const std::string& call_id) {
    CarrierDial wanted;
    wanted.call_id = call_id;
    wanted.to = "+15550100100";
    return wait<std::string>([&](auto done) { carrier->dial(wanted, runtime->shard(0), done); });
  }
  template <class T>
  Result<T> wait(const std::function<void(std::function<void(Result<T>)>)>& ask) {
    const auto answer = std::make_shared<std::promise<Result<T>>>();
    ask([answer](Result<T> result) { answer->set_value(std::move(result)); });
    auto future = answer->get_future();
    REQUIRE(future.wait_for(kLongWait) == std::future_status::ready);
    return future.get();
  }
  Result<> hang_up(const std::string& leg) {
    return wait<void>([&](auto done) { carrier->hang_up(leg, runtime->shard(0), done); });
  }

  TwilioDiary diary;
  std::atomic<bool> full{false};  ///< Takes no media stream.
  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<HttpClient> client;
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<TwilioSimulator> simulator;
  std::shared_ptr<const twilio::WebhookVerifier> verifier;
  std::optional<TwilioStreamServer> streams;
  std::optional<TwilioCallControl> control;
  std::unique_ptr<voicebridge::TwilioCarrier> carrier;
};

}  // namespace

TEST_CASE("a Twilio call over real sockets: dial, signed callbacks, media both ways, hang-up") {
  TwilioApplication app;
  const auto leg = app.dial("out_1");
  REQUIRE(leg);
  CHECK(app.diary.wait_for("start " + *leg));
  CHECK(app.diary.wait_for("mark greeted"));
  CHECK(app.diary.wait_for("ten frames"));
  CHECK(app.diary.wait_for("amd human"));
  CHECK(app.diary.wait_for("stream stream-started"));
  REQUIRE(app.hang_up(*leg));
  CHECK(app.diary.wait_for("stopped"));
  CHECK(app.diary.wait_for("stream stream-stopped"));
  CHECK(app.diary.wait_for("status completed"));
  CHECK(app.diary.saw("status ringing"));
  CHECK_FALSE(app.diary.saw("forged"));
  Bytes heard;
  app.simulator->inspect(
      [&](const TwilioCarrier& carrier, TimePoint) { heard = carrier.leg(*leg)->heard(); });
  CHECK(heard == Bytes(2400, 0x20));
  CHECK(app.simulator->active_calls() == 0);
  CHECK(app.streams->counters().refused_token == 0);
  CHECK(app.hang_up(*leg));  // Once more: nothing is left to do.
}

TEST_CASE("a call that comes in at Twilio is answered with a stream, and keys arrive") {
  TwilioApplication app;
  CallPlan plan;
  plan.ring = Millis(20000);
  CalleeStep key;
  key.kind = CalleeStep::Kind::dtmf;
  key.text = "7";
  plan.script.steps = {key};
  const std::string leg = app.simulator->call_in("+15550100100", "+15550100200", plan);
  CHECK(app.diary.wait_for("start " + leg));
  CHECK(app.diary.wait_for("key 7"));
  app.simulator.reset();
  CHECK(app.diary.wait_for("lost"));
}

TEST_CASE("a media stream that is refused is told by its status callback, and the leg ends") {
  TwilioApplication app;
  app.full = true;
  REQUIRE(app.dial("out_1"));
  CHECK(app.diary.wait_for("stream stream-error"));
  CHECK(app.diary.wait_for("status completed"));
  CHECK(app.streams->counters().refused_call == 1);
}

TEST_CASE("a stream's token is good once, and for its own call") {
  TwilioApplication app;
  const auto first = app.dial("out_1");
  REQUIRE(first);
  REQUIRE(app.diary.wait_for("start " + *first));
  std::string body;
  app.simulator->inspect(
      [&](const TwilioCarrier& carrier, TimePoint) { body = carrier.requests().front().body; });
  const std::string twiml = FormFields::parse(body).value().text_or("Twiml", "");
  REQUIRE(twiml.find("<Parameter") != std::string::npos);
  // Somebody who has seen the document lets another call run it.
  twilio::CreateCallRequest request;
  request.to = "+15550100101";
  request.from = "+15550100200";
  request.twiml = twiml;
  const auto thief = app.wait<twilio::Call>(
      [&](auto done) { app.control->create_call(request, app.runtime->shard(0), done); });
  REQUIRE(thief);
  const auto patience = std::chrono::steady_clock::now() + kLongWait;
  while (app.streams->counters().refused_token == 0 &&
         std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(Millis(5));
  }
  CHECK(app.streams->counters().refused_token == 1);
  CHECK_FALSE(app.diary.saw("start " + thief->sid));
}

TEST_CASE("either of two tokens may sign, and no third") {
  TwilioApplication app;
  const auto sign_with = [&](const char* token) {
    app.simulator->with_carrier(
        [&](TwilioCarrier& carrier, TimePoint) { carrier.set_signing_token(token); });
  };
  sign_with("0123");  // The one that is being rotated in or out.
  const auto leg = app.dial("out_1");
  REQUIRE(leg);
  CHECK(app.diary.wait_for("start " + *leg));
  CHECK(app.diary.wait_for("status in-progress"));
  CHECK_FALSE(app.diary.saw("forged"));
  sign_with("abcd");
  REQUIRE(app.dial("out_2"));
  CHECK(app.diary.wait_for("forged"));
  const auto patience = std::chrono::steady_clock::now() + kLongWait;
  while (app.streams->counters().refused_signature == 0 &&
         std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(Millis(5));
  }
  CHECK(app.streams->counters().refused_signature == 1);
}

TEST_CASE("the state of the Twilio simulator can be read over HTTP") {
  TwilioApplication app;
  REQUIRE(app.dial("out_1"));
  HttpRequest request;
  request.url = app.simulator->base_url() + "/__sim/state";
  const auto answer = app.wait<HttpResponse>(
      [&](auto done) { app.client->send(request, app.runtime->shard(0), done); });
  REQUIRE(answer);
  const Json state = Json::parse(answer->body).value();
  CHECK(state["calls"].at(0)["direction"].string_or("") == "outbound-api");
  CHECK(state["requests"].at(0)["command"].string_or("") == "dial");
  CHECK(state["warnings"]["31951"].integer_or(-1) == 0);
}

TEST_CASE("a leg to a SIP address is a call at OpenAI's connector") {
  RuntimeOptions threads;
  threads.threads = 2;
  const auto runtime = Runtime::create(threads).value();
  OpenAiSimulatorOptions model;
  model.voice = std::make_shared<ToneVoice>();
  const auto openai =
      OpenAiSimulator::create(*runtime, OpenAiScenario::parse(R"({"agents":[{}]})").value(), model)
          .value();
  TwilioSimulatorOptions options;
  options.openai = openai.get();
  const auto twilio = TwilioSimulator::create(*runtime, options).value();
  const auto client = make_http_client(*runtime);
  TwilioCallControlOptions commands;
  commands.api_base = twilio->base_url();
  commands.account_sid = twilio->account_sid();
  commands.auth_token = Secret(twilio->auth_token());
  const auto control = TwilioCallControl::create(*client, commands).value();
  twilio::CreateParticipantRequest request;
  request.from = "+15550100200";
  request.to = "sip:proj_1@sip.api.openai.com;transport=tls?X-conferenceName=room";
  request.label = "virtual agent";
  std::promise<Result<twilio::Participant>> made;
  control.create_participant("room", request, runtime->shard(0),
                             [&](Result<twilio::Participant> p) { made.set_value(std::move(p)); });
  const auto participant = made.get_future().get();
  REQUIRE(participant);
  const auto patience = std::chrono::steady_clock::now() + kLongWait;
  while (openai->calls().empty() && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(Millis(5));
  }
  REQUIRE(openai->calls().size() == 1);
  const OpenAiCallRecord call = openai->calls()[0];
  CHECK(call.from == "<sip:+15550100200@pstn.twilio.com>");
  CHECK(call.to == "<sip:proj_1@sip.api.openai.com;transport=tls>");
  std::promise<Result<TwilioEnded>> ended;
  control.end_call(participant->call_sid, runtime->shard(0),
                   [&](Result<TwilioEnded> e) { ended.set_value(std::move(e)); });
  REQUIRE(ended.get_future().get());
  while (openai->active_calls() > 0 && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(Millis(5));
  }
  CHECK(openai->active_calls() == 0);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
