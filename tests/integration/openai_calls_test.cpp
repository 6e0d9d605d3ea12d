// Calls that the service carries, over real sockets against the simulated service: the webhook, the
// REST interface and the attached session.
#include <future>
#include <mutex>

#include "integration/http_fixture.hpp"
#include "support/eventually.hpp"
#include "voicebridge/openai/realtime_api.hpp"
#include "voicebridge/openai/realtime_client.hpp"
#include "voicebridge/openai/sip_leg.hpp"
#include "voicebridge/openai/webhook_route.hpp"
#include "voicebridge/testing/openai_simulator.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using namespace voicebridge::testing;
using namespace std::chrono_literals;
using test::eventually;

namespace {

constexpr std::string_view kScenario =
    R"({"agents":[{"name":"greeter","replies":[{"on":"start","say":"Hello from the simulator."}]}]})";
constexpr const char* kOffer =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
    "a=fingerprint:sha-256 "
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:"
    "FF\r\na=setup:actpass\r\na=mid:0\r\na=sendrecv\r\n";

SessionConfig session() {
  SessionConfig config;
  config.model = "gpt-realtime-2.1";
  config.instructions = "Be kind.";
  config.audio.output.voice = "marin";
  return config;
}

/// What a call is to this side: greets when it can, and hangs up when the greeting was heard.
class Greeter final : public SpeechObserver {
 public:
  void on_speech_audio(std::string_view, const AudioPayload&, TimePoint) override { ++audio; }
  void on_speech_event(const SpeechEvent& event, TimePoint now) override {
    if (std::holds_alternative<SpeechReady>(event)) speech->request(Say{}, now);
    if (std::holds_alternative<PlayoutStarted>(event)) ++began;
    if (const auto* over = std::get_if<PlayoutEnded>(&event); over && over->complete) on_heard();
    if (const auto* key = std::get_if<CallerKey>(&event)) keys += key->digit;
    if (const auto* end = std::get_if<SpeechClosed>(&event)) closed.set_value(*end);
  }

  SpeechSession* speech = nullptr;
  std::function<void()> on_heard = [] {};
  int audio = 0;
  int began = 0;
  std::string keys;
  std::promise<SpeechClosed> closed;
};

struct Fixture {
  Fixture() {
    OpenAiSimulatorOptions options;
    options.voice = std::make_shared<ToneVoice>();
    options.session.first_audio = 5ms;
    simulator =
        OpenAiSimulator::create(*elsewhere, OpenAiScenario::parse(kScenario).value(), options)
            .value();
    api_options.base_url = simulator->base_url();
    api_options.api_key = Secret(simulator->api_key());
  }
  ~Fixture() {
    run_there([this] { client.reset(); });
  }

  Scheduler& shard() { return app.runtime->shard(0); }
  /// Runs `f` on the shard, and waits for it.
  void run_there(std::function<void()> f) {
    std::promise<void> done;
    shard().post([&] {
      f();
      done.set_value();
    });
    test::get(done.get_future());
  }
  RealtimeApi api() { return RealtimeApi::create(*http, api_options).value(); }
  /// The outcome of one request: `ask(done)`.
  template <class T = void, class Ask>
  Result<T> outcome(Ask ask) {
    std::promise<Result<T>> told;
    ask([&](Result<T> result) { told.set_value(std::move(result)); });
    return test::get(told.get_future());
  }

  /// Serves webhooks; `take` is called for each call.
  void serve(std::function<void(const IncomingSipCall&, Scheduler&)> take) {
    WebhookVerifierOptions options;
    options.secrets = {Secret(simulator->webhook_secret())};
    auto verifier = std::make_shared<WebhookVerifier>(WebhookVerifier::create(options).value());
    add_webhook_route(*app.server, "/openai/webhook", verifier,
                      [this, take](const IncomingSipCall& call, Scheduler& on) {
                        ++taken;
                        take(call, on);
                      });
    app.start();
    simulator->set_webhook_url(app.url("/openai/webhook"));
  }
  /// Attaches to the call.
  std::unique_ptr<RealtimeClient> attach(const std::string& call_id, Greeter& observer) {
    RealtimeClientOptions options;
    static_cast<ApiOptions&>(options) = api_options;
    options.call_id = call_id;
    auto attached = RealtimeClient::create(options, *websockets, shard()).value();
    observer.speech = attached.get();
    SpeechSpec spec;
    spec.instructions = "Be kind.";
    attached->start(spec, observer, shard().now());
    return attached;
  }
  void attach(const std::string& call_id) { client = attach(call_id, greeter); }
  OpenAiCallRecord record(const std::string& call_id) {
    const auto record = simulator->call(call_id);
    REQUIRE(record);
    return *record;
  }
  bool ends(const std::string& call_id) {
    return eventually([&] { return record(call_id).ended(); });
  }

  std::unique_ptr<Runtime> elsewhere = Runtime::create().value();  ///< The service's.
  test::ServerFixture app;
  std::unique_ptr<HttpClient> http = make_http_client(*app.runtime);
  std::unique_ptr<WebSocketClient> websockets = make_websocket_client(*app.runtime);
  std::unique_ptr<OpenAiSimulator> simulator;
  RealtimeApiOptions api_options;
  Greeter greeter;
  std::unique_ptr<RealtimeClient> client;
  std::atomic<int> taken{0};
};

}  // namespace

TEST_CASE("a call by SIP, from the webhook to the hang-up", "[sip]") {
  Fixture f;
  std::shared_ptr<SipLeg> leg;
  f.serve([&](const IncomingSipCall& call, Scheduler& on) {
    leg = std::make_shared<SipLeg>(f.api(), call.call_id, session());
    leg->answer(call.call_id, "call_1", on, [&f, id = call.call_id](Result<> answered) {
      if (answered) f.attach(id);
    });
    f.greeter.on_heard = [&f, leg, id = call.call_id] {
      leg->hang_up(id, f.shard(), [](Result<>) {});
    };
  });
  SipCallPlan plan;
  plan.webhook.copies = 2;
  plan.webhook.live_event = true;
  plan.webhook.rotated = true;
  const std::string id = f.simulator->sip_call(plan);
  const SpeechClosed closed = test::get(f.greeter.closed.get_future());
  CHECK_FALSE(closed.error);
  CHECK(f.ends(id));
  const OpenAiCallRecord record = f.record(id);
  CHECK(record.end == OpenAiCallRecord::End::hung_up);
  CHECK(record.sip_status == 200);
  CHECK(record.session.violations.empty());
  REQUIRE(record.requests.size() == 2);
  CHECK(record.requests[0].verb == "accept");
  CHECK(record.requests[0].at < Millis(500));
  REQUIRE(record.heard.size() == 1);
  CHECK_FALSE(record.heard[0].cut);
  CHECK(record.heard[0].length == record.heard[0].queued);
  CHECK(f.greeter.began == 1);
  CHECK(f.greeter.audio == 0);
  CHECK(f.taken == 1);
  for (const auto& webhook : record.webhooks) CHECK(webhook.status == 200);
  CHECK(record.webhooks.size() >= 2);
}

TEST_CASE("keys are heard, and a caller who hangs up ends the session", "[sip]") {
  Fixture f;
  std::string id;
  f.serve([&](const IncomingSipCall& call, Scheduler& on) {
    f.api().accept(call.call_id, session(), on,
                   [&f, id = call.call_id](Result<>) { f.attach(id); });
  });
  f.greeter.on_heard = [&] { f.simulator->press(id, "5#"); };
  id = f.simulator->sip_call({});
  CHECK(eventually([&] {
    std::string keys;
    f.run_there([&] { keys = f.greeter.keys; });
    return keys == "5#";
  }));
  CHECK(f.simulator->hang_up(id));
  CHECK_FALSE(test::get(f.greeter.closed.get_future()).error);
}

TEST_CASE("a call is handed on, and one is refused", "[sip]") {
  Fixture f;
  f.serve([&](const IncomingSipCall& call, Scheduler& on) {
    auto leg = std::make_shared<SipLeg>(f.api(), call.call_id, session());
    if (call.from.text() == "+12025550199") {
      return f.api().reject(call.call_id, 486, on, [](Result<>) {});
    }
    leg->answer(call.call_id, "call_1", on, [leg, &on, id = call.call_id](Result<>) {
      leg->transfer(id, {"+12025550111", id}, on, [](const auto&) {});
    });
  });
  const std::string kept = f.simulator->sip_call({});
  SipCallPlan unwanted;
  unwanted.from = "+12025550199";
  const std::string refused = f.simulator->sip_call(unwanted);
  CHECK(f.ends(kept));
  CHECK(f.record(kept).refer_to == "tel:+12025550111");
  CHECK(f.ends(refused));
  CHECK(f.record(refused).sip_status == 486);
}

TEST_CASE("an accept that fails is tried once more", "[sip]") {
  Fixture f;
  std::promise<Result<>> answered;
  std::shared_ptr<SipLeg> leg;
  f.serve([&](const IncomingSipCall& call, Scheduler& on) {
    leg = std::make_shared<SipLeg>(f.api(), call.call_id, session());
    leg->answer(call.call_id, "call_1", on, [&](Result<> result) { answered.set_value(result); });
  });
  SipCallPlan plan;
  plan.faults.push_back({"accept", 1, 503, "server_is_overloaded", Millis(0), false});
  const std::string id = f.simulator->sip_call(plan);
  CHECK(test::get(answered.get_future()));
  const OpenAiCallRecord record = f.record(id);
  REQUIRE(record.requests.size() == 2);
  CHECK(record.requests[0].status == 503);
  CHECK(record.requests[1].status == 200);
}

TEST_CASE("a caller who gives up while it rings cannot be answered", "[sip]") {
  Fixture f;
  std::promise<Result<>> answered;
  f.serve([&](const IncomingSipCall& call, Scheduler& on) {
    f.simulator->hang_up(call.call_id);
    f.api().accept(call.call_id, session(), on,
                   [&](Result<> result) { answered.set_value(result); });
  });
  f.simulator->sip_call({});
  const Result<> result = test::get(answered.get_future());
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::not_found);
  CHECK_FALSE(result.error().retryable);
}

TEST_CASE("a webhook that is forged or old is refused, and nothing is done", "[sip]") {
  Fixture f;
  f.serve([](const IncomingSipCall&, Scheduler&) {});
  SipCallPlan forged, stale;
  forged.webhook.bad_signature = true;
  forged.webhook.retries.clear();
  stale.webhook.stale = Millis(600'000);
  stale.webhook.retries.clear();
  const auto status = [&](const std::string& id) {
    const auto answered = [&] {
      const auto hooks = f.record(id).webhooks;
      return !hooks.empty() && hooks[0].status;
    };
    REQUIRE(eventually(answered));
    return *f.record(id).webhooks[0].status;
  };
  CHECK(status(f.simulator->sip_call(forged)) == 401);
  CHECK(status(f.simulator->sip_call(stale)) == 403);
  CHECK(f.taken == 0);
}

TEST_CASE("a call outlives the session that is attached to it, and takes another", "[sip]") {
  Fixture f;
  std::atomic<int> heard{0};
  f.serve([&](const IncomingSipCall& call, Scheduler& on) {
    f.api().accept(call.call_id, session(), on,
                   [&f, id = call.call_id](Result<>) { f.attach(id); });
  });
  f.greeter.on_heard = [&] { ++heard; };
  const std::string id = f.simulator->sip_call({});
  REQUIRE(eventually([&] { return heard == 1; }));
  f.run_there([&] { f.attach(id); });
  REQUIRE(eventually([&] { return heard == 2; }));
  CHECK_FALSE(f.record(id).ended());
  CHECK(f.record(id).sidebands.size() == 2);
  CHECK(f.simulator->hang_up(id));
  CHECK_FALSE(test::get(f.greeter.closed.get_future()).error);
  CHECK(f.record(id).session.violations.empty());
}

TEST_CASE("fifty calls at once", "[sip]") {
  constexpr int kCalls = 50;
  Fixture f;
  struct Line {
    std::shared_ptr<SipLeg> leg;
    std::unique_ptr<RealtimeClient> client;
    Greeter greeter;
  };
  std::vector<std::unique_ptr<Line>> lines;  // Of the shard.
  f.serve([&](const IncomingSipCall& call, Scheduler& on) {
    Line& line = *lines.emplace_back(std::make_unique<Line>());
    line.leg = std::make_shared<SipLeg>(f.api(), call.call_id, session());
    line.greeter.on_heard = [&f, &line, id = call.call_id] {
      line.leg->hang_up(id, f.shard(), [](Result<>) {});
    };
    line.leg->answer(call.call_id, "call", on, [&f, &line, id = call.call_id](Result<> answered) {
      if (answered) line.client = f.attach(id, line.greeter);
    });
  });
  std::vector<std::string> ids;
  for (int i = 0; i < kCalls; ++i) ids.push_back(f.simulator->sip_call({}));
  for (const std::string& id : ids) {
    CHECK(f.ends(id));
    const OpenAiCallRecord record = f.record(id);
    CHECK(record.end == OpenAiCallRecord::End::hung_up);
    CHECK(record.session.violations.empty());
    REQUIRE(record.heard.size() == 1);
    CHECK_FALSE(record.heard[0].cut);
  }
  CHECK(f.taken == kCalls);
  f.run_there([&] { lines.clear(); });
}

TEST_CASE("attaching to a call that is not there is the end of it", "[sip]") {
  Fixture f;
  f.run_there([&] { f.attach("rtc_unknown"); });
  const SpeechClosed closed = test::get(f.greeter.closed.get_future());
  CHECK_FALSE(closed.error);
  CHECK(f.outcome([&](auto done) { f.api().hangup("rtc_unknown", f.shard(), done); }));
}

TEST_CASE("WebRTC calls with our key and with a browser's", "[webrtc]") {
  Fixture f;
  const RealtimeApi api = f.api();
  const auto call = f.outcome<CreatedCall>(
      [&](auto done) { api.create_call(kOffer, session(), f.shard(), done); });
  REQUIRE(call);
  CHECK(call->answer.rfind("v=0", 0) == 0);
  CHECK(f.record(call->call_id).kind == "webrtc");

  ClientSecretRequest request;
  request.session = session();
  request.lifetime = std::chrono::seconds(60);
  const auto secret = f.outcome<ClientSecret>(
      [&](auto done) { api.create_client_secret(request, f.shard(), done); });
  REQUIRE(secret);
  CHECK(secret->value.reveal().substr(0, 3) == "ek_");
  CHECK(secret->expires_at > 0);
  const auto browser = f.outcome<CreatedCall>(
      [&](auto done) { api.create_call_with(secret->value, kOffer, f.shard(), done); });
  REQUIRE(browser);
  CHECK(browser->call_id != call->call_id);

  const auto wrong = f.outcome<CreatedCall>(
      [&](auto done) { api.create_call_with(Secret("ek_wrong"), kOffer, f.shard(), done); });
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Errc::unauthenticated);
  for (const std::string& id : {call->call_id, browser->call_id}) {
    for (int twice = 0; twice < 2; ++twice) {
      CHECK(f.outcome([&](auto done) { api.hangup(id, f.shard(), done); }));
    }
    CHECK(f.record(id).ended());
  }
}
