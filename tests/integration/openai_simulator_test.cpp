// The simulated Realtime service over real sockets: our own client, and Node's as a foreign one.
#include "voicebridge/testing/openai_simulator.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <future>

#include "support/catch.hpp"
#include "support/websocket_recorder.hpp"
#include "voicebridge/core/json.hpp"

using namespace voicebridge;
using namespace voicebridge::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kSimulatedTalk =
    R"({"agents":[{"name":"greeter","replies":[{"on":"start","say":"Hello from the simulator."}]}]})";
constexpr std::size_t kGreetingBytes = 25 * 65 * 8;
constexpr const char* kConfigure =
    R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcmu"},)"
    R"("turn_detection":null},"output":{"format":{"type":"audio/pcmu"}}}}})";

struct SimulatorFixture {
  explicit SimulatorFixture(std::string_view scenario = kSimulatedTalk, unsigned threads = 2) {
    RuntimeOptions runtime_options;
    runtime_options.threads = threads;
    runtime = Runtime::create(runtime_options).value();
    OpenAiSimulatorOptions options;
    options.voice = std::make_shared<ToneVoice>();
    options.session.first_audio = 5ms;
    options.session.speed = 1000;
    simulator =
        OpenAiSimulator::create(*runtime, OpenAiScenario::parse(scenario).value(), options).value();
    client = make_websocket_client(*runtime);
  }

  /// Connects on the first shard. The future tells the failure, if there is one.
  std::future<Error> connect(std::shared_ptr<WebSocketHandler> handler,
                             const std::string& query = "?model=m", HttpHeaders more = {}) {
    WebSocketRequest request;
    request.url = simulator->realtime_url() + query;
    request.headers = std::move(more);
    if (!request.headers.find("Authorization")) {
      request.headers.add("Authorization", "Bearer " + simulator->api_key());
    }
    auto failed = std::make_shared<std::promise<Error>>();
    runtime->shard(0).post([this, request, handler, failed] {
      handles.push_back(client->connect(request, runtime->shard(0), handler, [failed](Error error) {
        failed->set_value(std::move(error));
      }));
    });
    return failed->get_future();
  }
  Json state() const { return Json::parse(simulator->state_json()).value(); }

  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<OpenAiSimulator> simulator;
  std::unique_ptr<WebSocketClient> client;
  std::vector<std::shared_ptr<void>> handles;  ///< Of the first shard.
};

/// Configures, asks for the greeting, and closes when it is over.
std::shared_ptr<test::WebSocketRecorder> make_greeted() {
  auto recorder = std::make_shared<test::WebSocketRecorder>();
  recorder->text_hook = [](WebSocket& socket, std::string_view text) {
    const auto event = Json::parse(text);
    const std::string type = event ? (*event)["type"].string_or("") : "";
    if (type == "session.created") socket.send_text(kConfigure);
    if (type == "session.updated") socket.send_text(R"({"type":"response.create"})");
    if (type == "response.done") socket.close(1000, "");
  };
  return recorder;
}

}  // namespace

TEST_CASE("many clients are greeted at the same time") {
  SimulatorFixture fixture;
  std::vector<std::shared_ptr<test::WebSocketRecorder>> recorders;
  for (int i = 0; i < 20; ++i) {
    recorders.push_back(make_greeted());
    fixture.connect(recorders.back());
  }
  for (const auto& recorder : recorders)
    CHECK(recorder->wait_until_closed().back() == "closed:1000");
  const auto records = fixture.simulator->records();
  REQUIRE(records.size() == 20);
  for (const auto& record : records) {
    CHECK(record.agent == "greeter");
    CHECK(record.audio_sent == kGreetingBytes);
    CHECK(record.violations.empty());
  }
  const Json state = fixture.state();
  CHECK(state["connections"].integer_or(0) == 20);
  CHECK(state["refused"].integer_or(-1) == 0);
  CHECK(state["sessions"].at(0)["utterances"].at(0)["transcript"].string_or("") ==
        "Hello from the simulator.");
}

TEST_CASE("upgrades that the service refuses") {
  SimulatorFixture fixture(
      R"({"agents":[],"connections":[{},{"http_status":503,"code":"server_is_overloaded"}]})");
  auto recorder = std::make_shared<test::WebSocketRecorder>();
  CHECK(fixture.connect(recorder, "").get().http_status == 400);
  CHECK(fixture.connect(recorder).get().http_status == 503);
  CHECK(fixture.connect(recorder, "?call_id=rtc_1").get().http_status == 404);
  CHECK(fixture.connect(recorder, "?model=m", {{"Authorization", "Bearer sk-wrong"}})
            .get()
            .http_status == 401);
  CHECK(fixture.state()["refused"].integer_or(0) == 4);
  CHECK(fixture.simulator->records().empty());
}

TEST_CASE("the beta header gets an error and close 4000") {
  SimulatorFixture fixture;
  auto recorder = std::make_shared<test::WebSocketRecorder>();
  fixture.connect(recorder, "?model=m", {{"OpenAI-Beta", "realtime=v1"}});
  const auto lines = recorder->wait_until_closed();
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].find("beta_api_shape_disabled") != std::string::npos);
  CHECK(lines[2] == "closed:4000 beta_api_shape_disabled");
}

TEST_CASE("open sockets are closed when the simulator goes") {
  SimulatorFixture fixture;
  auto recorder = std::make_shared<test::WebSocketRecorder>();
  fixture.connect(recorder);
  recorder->wait_for(2);
  CHECK(fixture.state()["open"].integer_or(0) == 1);
  fixture.simulator.reset();
  CHECK(recorder->wait_until_closed().back() == "closed:1001 going away");
}

TEST_CASE("Node's client talks to it") {
  if (std::system("NODE_PATH=/usr/share/nodejs node -e 'require(\"ws\")' >/dev/null 2>&1") != 0) {
    WARN("node with the package ws is not installed");
    return;
  }
  SimulatorFixture fixture;
  const std::string command = "NODE_PATH=/usr/share/nodejs timeout 30 node " VOICEBRIDGE_TEST_DATA
                              "/../support/realtime_client.js " +
                              fixture.simulator->realtime_url() + " " +
                              fixture.simulator->api_key();
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string printed;
  std::array<char, 4096> block;
  while (const std::size_t size = std::fread(block.data(), 1, block.size(), pipe))
    printed.append(block.data(), size);
  CHECK(::pclose(pipe) == 0);
  CAPTURE(printed);
  const auto seen = Json::parse(printed);
  REQUIRE(seen);
  CHECK((*seen)["code"].integer_or(0) == 1000);
  CHECK((*seen)["audioBytes"].integer_or(0) == static_cast<std::int64_t>(kGreetingBytes));
  const auto types = (*seen)["types"].elements();
  REQUIRE(types.size() > 8);
  CHECK(types.front().string_or("") == "session.created");
  CHECK(types.back().string_or("") == "conversation.item.truncated");
  CHECK(fixture.simulator->records().at(0).violations.empty());
}
