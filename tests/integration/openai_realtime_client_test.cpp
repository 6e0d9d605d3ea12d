// The Realtime client over real sockets, against the simulated service.
#include "voicebridge/openai/realtime_client.hpp"

#include <future>

#include "support/catch.hpp"
#include "voicebridge/testing/openai_simulator.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using namespace voicebridge::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kTalk =
    R"({"agents":[{"name":"greeter","replies":[{"on":"start","say":"Hello from the simulator."}]}]})";

/// Asks for a greeting as soon as it can, and hangs up when it is over.
class Greeted final : public SpeechObserver {
 public:
  SpeechSession* session = nullptr;
  std::promise<SpeechClosed> closed;
  std::size_t bytes = 0;
  std::string said;

  void on_speech_audio(std::string_view, const AudioPayload& audio, TimePoint) override {
    bytes += payload_size(audio);
  }
  void on_speech_event(const SpeechEvent& event, TimePoint now) override {
    if (std::holds_alternative<SpeechReady>(event)) {
      session->append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "////"), now);
      session->request(Say{}, now);
    }
    if (const auto* words = std::get_if<Transcript>(&event); words && words->final) {
      said = words->text;
    }
    if (std::holds_alternative<ReplyEnded>(event)) session->close(now);
    if (const auto* end = std::get_if<SpeechClosed>(&event)) closed.set_value(*end);
  }
};

struct ClientFixture {
  ClientFixture() {
    OpenAiSimulatorOptions sim;
    sim.voice = std::make_shared<ToneVoice>();
    sim.session.first_audio = 5ms;
    sim.session.speed = 1000;
    simulator =
        OpenAiSimulator::create(*runtime, OpenAiScenario::parse(kTalk).value(), sim).value();
    options.base_url = simulator->base_url();
    options.api_key = Secret(simulator->api_key());
  }
  ~ClientFixture() {
    std::promise<void> gone;
    runtime->shard(0).post([&] {
      client.reset();
      gone.set_value();
    });
    gone.get_future().wait();
  }

  SpeechClosed run() {
    runtime->shard(0).post([this] {
      client = RealtimeClient::create(options, *websockets, runtime->shard(0)).value();
      observer.session = client.get();
      SpeechSpec spec;
      spec.input = spec.output = AudioFormat::pcmu();
      spec.turns.mode = TurnDetection::Mode::manual;
      client->start(spec, observer, runtime->shard(0).now());
    });
    return observer.closed.get_future().get();
  }

  std::unique_ptr<Runtime> runtime = Runtime::create().value();
  std::unique_ptr<WebSocketClient> websockets = make_websocket_client(*runtime);
  std::unique_ptr<OpenAiSimulator> simulator;
  RealtimeClientOptions options;
  Greeted observer;
  std::unique_ptr<RealtimeClient> client;
};

}  // namespace

TEST_CASE("a greeting from a service on a socket") {
  ClientFixture fixture;
  const SpeechClosed closed = fixture.run();
  CHECK_FALSE(closed.error);
  CHECK(fixture.observer.said == "Hello from the simulator.");
  const auto records = fixture.simulator->records();
  REQUIRE(records.size() == 1);
  CHECK(records[0].model == "gpt-realtime-2.1");
  CHECK(records[0].audio_received == 3);
  CHECK(records[0].audio_sent == fixture.observer.bytes);
  CHECK(fixture.observer.bytes > 0);
  CHECK(records[0].violations.empty());
}

TEST_CASE("a key that the service refuses") {
  ClientFixture fixture;
  fixture.options.api_key = Secret("sk-wrong");
  const SpeechClosed closed = fixture.run();
  REQUIRE(closed.error);
  CHECK(closed.error->http_status == 401);
  CHECK(closed.fatal);
}

TEST_CASE("a service that is not there") {
  ClientFixture fixture;
  fixture.simulator.reset();
  const SpeechClosed closed = fixture.run();
  REQUIRE(closed.error);
  CHECK(closed.error->retryable);
  CHECK_FALSE(closed.fatal);
}
