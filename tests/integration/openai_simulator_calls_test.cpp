// Calls of the simulated Realtime service over real sockets: webhook, REST, sideband; and the
// official SDK as the application.
#include <cstdio>
#include <cstdlib>
#include <future>
#include <map>
#include <mutex>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temp_directory.hpp"
#include "support/test_certificates.hpp"
#include "support/websocket_recorder.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/testing/openai_simulator.hpp"

using namespace voicebridge;
using namespace voicebridge::testing;
using namespace std::chrono_literals;

namespace {

using End = OpenAiCallRecord::End;

constexpr std::string_view kScenario =
    R"({"agents":[{"name":"greeter","replies":[{"on":"start","say":"Hello from the simulator."}]}]})";
constexpr const char* kSession = R"({"type":"realtime","instructions":"Greet."})";

std::unique_ptr<Runtime> make_runtime() {
  RuntimeOptions options;
  options.threads = 2;
  return Runtime::create(options).value();
}

OpenAiSimulatorOptions fast() {
  OpenAiSimulatorOptions options;
  options.voice = std::make_shared<ToneVoice>();
  options.session.first_audio = 5ms;
  options.session.speed = 1000;
  return options;
}

/// An application that accepts every call and greets the caller.
class Application {
 public:
  explicit Application(OpenAiSimulatorOptions options = fast()) {
    simulator = OpenAiSimulator::create(*runtime, OpenAiScenario::parse(kScenario).value(), options)
                    .value();
    server = HttpServer::create(*runtime).value();
    server->route("POST", "/openai/webhook",
                  [this](const HttpServerRequest& request, const HttpResponder& responder) {
                    responder.send(200, "{}");
                    on_webhook(request.body);
                  });
    REQUIRE(server->start());
    simulator->set_webhook_url("http://127.0.0.1:" + std::to_string(server->port()) +
                               "/openai/webhook");
  }
  ~Application() { server.reset(); }

  void request(const std::string& path, const std::string& body, HttpClient::Done done) {
    HttpRequest request;
    request.method = "POST";
    request.url = simulator->base_url() + "/realtime/calls/" + path;
    request.headers = {{"Authorization", "Bearer " + simulator->api_key()},
                       {"Content-Type", "application/json"}};
    request.body = body;
    http->send(std::move(request), runtime->shard(0), std::move(done));
  }
  int request(const std::string& path, const std::string& body = "") {
    auto status = std::make_shared<std::promise<int>>();
    request(path, body, [status](const Result<HttpResponse>& response) {
      status->set_value(response ? response->status : 0);
    });
    return status->get_future().get();
  }
  /// The sideband of a call once it is attached.
  std::shared_ptr<test::WebSocketRecorder> sideband(const std::string& call) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = sidebands_.find(call);
    return found == sidebands_.end() ? nullptr : found->second;
  }

  std::unique_ptr<Runtime> runtime = make_runtime();
  std::unique_ptr<OpenAiSimulator> simulator;
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<HttpClient> http = make_http_client(*runtime);
  std::unique_ptr<WebSocketClient> client = make_websocket_client(*runtime);

 private:
  void on_webhook(const std::string& body) {
    const std::string call = Json::parse(body).value()["data"]["call_id"].string_or("");
    request(call + "/accept", kSession, [this, call](const Result<HttpResponse>& response) {
      if (response && response->status == 200) attach(call);
    });
  }
  void attach(const std::string& call) {
    auto recorder = std::make_shared<test::WebSocketRecorder>();
    recorder->text_hook = [](WebSocket& socket, std::string_view text) {
      if (text.find("session.created") != std::string_view::npos) {
        socket.send_text(R"({"type":"response.create"})");
      }
    };
    WebSocketRequest request;
    request.url = simulator->realtime_url() + "?call_id=" + call;
    request.headers.add("Authorization", "Bearer " + simulator->api_key());
    handles_.push_back(client->connect(request, runtime->shard(0), recorder, [](const Error&) {}));
    const std::lock_guard<std::mutex> lock(mutex_);
    sidebands_[call] = std::move(recorder);
  }

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<test::WebSocketRecorder>> sidebands_;
  std::vector<std::shared_ptr<void>> handles_;  ///< Of the first shard.
};

bool heard_greeting(const Application& application, const std::string& call) {
  const auto record = application.simulator->call(call).value();
  return !record.heard.empty() && record.heard[0].length == Millis(25 * 65);
}

}  // namespace

TEST_CASE("a call by SIP from webhook to hang-up") {
  Application application;
  const std::string call = application.simulator->sip_call({});
  REQUIRE(test::eventually([&] { return heard_greeting(application, call); }));
  CHECK(application.simulator->press(call, "5"));
  CHECK(application.request(call + "/hangup") == 200);
  CHECK(application.request(call + "/hangup") == 400);
  const auto lines = application.sideband(call)->wait_until_closed();
  CHECK(lines.back() == "closed:1000");
  CHECK(lines[lines.size() - 2].find("dtmf_event_received") != std::string::npos);
  const auto record = application.simulator->call(call).value();
  CHECK(record.end == End::hung_up);
  CHECK(record.webhooks.at(0).status == std::optional<int>(200));
  CHECK(record.session.violations.empty());
  CHECK(record.session.agent == "greeter");
  CHECK(application.simulator->active_calls() == 0);
  const Json state = Json::parse(application.simulator->state_json()).value();
  CHECK(state["calls"].at(0)["end"].string_or("") == "hung_up");
}

TEST_CASE("fifty calls at once, and each caller hangs up") {
  Application application;
  std::vector<std::string> calls;
  for (int i = 0; i < 50; ++i) calls.push_back(application.simulator->sip_call({}));
  for (const auto& call : calls) {
    REQUIRE(test::eventually([&] { return heard_greeting(application, call); }));
  }
  for (const auto& call : calls) CHECK(application.simulator->hang_up(call));
  for (const auto& call : calls) {
    CHECK(application.sideband(call)->wait_until_closed().back() == "closed:1000");
    CHECK(application.simulator->call(call)->end == End::caller_hung_up);
  }
}

TEST_CASE("sidebands close when the simulator goes") {
  Application application;
  const std::string call = application.simulator->sip_call({});
  REQUIRE(test::eventually([&] { return heard_greeting(application, call); }));
  const auto sideband = application.sideband(call);
  application.simulator.reset();
  CHECK(sideband->wait_until_closed().back() == "closed:1001");
}

TEST_CASE("the official SDK takes it for the service") {
  const std::string folder = VOICEBRIDGE_TEST_DATA "/../integration/openai_sdk/";
  const std::string probe =
      "cd " + folder + " && node -e \"require('openai'); require('ws')\" >/dev/null 2>&1";
  if (std::system(probe.c_str()) != 0) {
    WARN("skipped: node, or the packages of tests/integration/openai_sdk, are not installed");
    return;
  }
  const test::TempDirectory files;
  const test::TestCertificates certificates(files.path(), "DNS:localhost,IP:127.0.0.1");
  OpenAiSimulatorOptions options = fast();
  options.tls_certificate_file = certificates.certificate_file;
  options.tls_key_file = certificates.key_file;
  const auto runtime = make_runtime();
  const auto simulator =
      OpenAiSimulator::create(*runtime, OpenAiScenario::parse(kScenario).value(), options).value();
  const std::string command = "cd " + folder + " && NODE_EXTRA_CA_CERTS=" + certificates.ca_file +
                              " timeout 60 node interop.cjs " + simulator->base_url() + " " +
                              simulator->api_key() + " " + simulator->webhook_secret();
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  const auto line = [pipe] {
    char buffer[16000];
    std::string text = std::fgets(buffer, sizeof buffer, pipe) == nullptr ? "" : buffer;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  };
  const std::string webhook_url = line();
  CAPTURE(webhook_url);
  REQUIRE(webhook_url.rfind("http://", 0) == 0);
  simulator->set_webhook_url(webhook_url);
  const std::string call = simulator->sip_call({});
  const std::string printed = line();
  CAPTURE(printed);
  CHECK(::pclose(pipe) == 0);
  const auto seen = Json::parse(printed);
  REQUIRE(seen);
  CHECK((*seen)["errors"].size() == 0);
  CHECK((*seen)["secret"].dump() == R"({"prefix":"ek_","voice":"marin"})");
  CHECK((*seen)["instructions"].string_or("") == "Greet.");
  CHECK((*seen)["audio"].integer_or(0) == 25 * 65 * 8);
  CHECK((*seen)["answer"].dump() == R"({"status":201,"type":"application/sdp","sdp":"v=0"})");
  CHECK((*seen)["sideband"].dump() == R"({"code":1000,"types":["session.created"]})");
  CHECK((*seen)["again"].string_or("") == "call_id_not_found");
  CHECK((*seen)["forged"].string_or("") == "InvalidWebhookSignatureError");
  CHECK((*seen)["incoming"]["type"].string_or("") == "realtime.call.incoming");
  CHECK((*seen)["tuned"]["status"].integer_or(0) == 400);
  CHECK((*seen)["tuned"]["param"].string_or("") == "session.audio.input.turn_detection.threshold");
  CHECK((*seen)["sip"]["code"].integer_or(0) == 1000);
  const auto record = simulator->call(call).value();
  CHECK(record.end == End::referred);
  CHECK(record.refer_to == "tel:+12025550199");
  CHECK(record.heard.at(0).length == Millis(25 * 65));
  CHECK(record.session.violations.empty());
}
