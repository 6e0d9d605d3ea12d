#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app.hpp"
#include "integration/http_fixture.hpp"
#include "support/eventually.hpp"
#include "support/raw_socket.hpp"
#include "support/temp_directory.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"
#include "voicebridge/testing/openai_simulator.hpp"
#include "voicebridge/testing/seeded_random.hpp"
#include "voicebridge/testing/telnyx_simulator.hpp"

namespace voicebridge::test {

using namespace std::chrono_literals;

/// The example server between the two simulators, on loopback ports.
class Town {
 public:
  /// @param agents  What VOICEBRIDGE_AGENTS leads to; empty: the sample agent.
  explicit Town(const std::string& scenario, void (*adjust)(server::Config&) = nullptr,
                const std::string& agents = {})
      : Town(
            scenario,
            [adjust](Town&, server::Config& config) {
              if (adjust != nullptr) adjust(config);
            },
            agents) {}
  /// @param settle  The simulators are there, the server is not yet.
  Town(const std::string& scenario, const std::function<void(Town&, server::Config&)>& settle,
       const std::string& agents) {
    street_ = Runtime::create({}).value();
    testing::OpenAiSimulatorOptions model;
    model.voice = std::make_shared<testing::ToneVoice>();
    model.session.keep_audio_bytes = 4 << 20;
    openai = testing::OpenAiSimulator::create(
                 *street_, testing::OpenAiScenario::parse(scenario).value(), model)
                 .value();
    testing::TelnyxSimulatorOptions carrier;
    carrier.repeatable = true;  // The signing key is known to the tests too.
    carrier.carrier.plan.ring = 50ms;
    carrier.carrier.plan.leg_format = AudioFormat::pcmu();
    telnyx = testing::TelnyxSimulator::create(*street_, carrier).value();
    http_ = make_http_client(*street_);
    if (!agents.empty()) write_agents(agents);
    open_server(settle);
  }
  ~Town() {
    app.reset();
    telnyx.reset();
    openai.reset();
  }

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(app->port()) + path;
  }

  HttpResponse send(HttpRequest request) {
    auto done = std::make_shared<std::promise<Result<HttpResponse>>>();
    http_->send(std::move(request), street_->shard(0),
                [done](Result<HttpResponse> answer) { done->set_value(std::move(answer)); });
    const auto answer = get(done->get_future());
    REQUIRE(answer);
    return *answer;
  }
  HttpResponse post(const std::string& path, std::string body, HttpHeaders headers = {}) {
    HttpRequest request;
    request.method = "POST";
    request.url = url(path);
    request.headers = std::move(headers);
    if (!request.headers.find("content-type"))
      request.headers.add("Content-Type", "application/json");
    request.body = std::move(body);
    return send(std::move(request));
  }

  void write_agents(const std::string& json) {
    agents_file_ = folder_ / "agents.json";
    std::ofstream(agents_file_) << json;
  }

  /// A lead who may be called. The scenario's agents know whom they talk with by the name.
  std::string save_lead(const std::string& first_name, const std::string& phone,
                        bool consent = true) {
    const HttpResponse saved = post("/tools/save_lead", JsonWriter()
                                                            .object()
                                                            .field("first_name", first_name)
                                                            .field("last_name", "Test")
                                                            .field("phone", phone)
                                                            .field("consent", consent)
                                                            .end()
                                                            .take());
    REQUIRE(saved.status == 200);
    return Json::parse(saved.body).value()["lead_id"].string_or("");
  }
  HttpResponse trigger(const std::string& lead_id) {
    return post("/tools/trigger_call", R"({"lead_id":")" + lead_id + R"("})");
  }
  /// Saves and calls a lead; the call's id.
  std::string call(const std::string& first_name, const std::string& phone) {
    const HttpResponse triggered = trigger(save_lead(first_name, phone));
    REQUIRE(triggered.status == 202);
    return Json::parse(triggered.body).value()["call_id"].string_or("");
  }
  std::string state_of(const std::string& call_id) const {
    const auto status = app->agent().status(call_id);
    return status ? status->state : "unknown";
  }
  /// The record of a call that ends by itself.
  CallRecord end_of(const std::string& call_id) {
    std::unique_lock lock(mutex_);
    const bool ended = changed_.wait_for(lock, 60s, [&] { return ended_.count(call_id) > 0; });
    REQUIRE(ended);
    return ended_[call_id];
  }
  /// The call that ended last.
  CallRecord last_end() {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  std::size_t errors_of(const std::string& call_id) {
    const std::lock_guard lock(mutex_);
    return errors_[call_id];
  }

  /// The headers of a webhook as the carrier signs it, so long ago.
  HttpHeaders signed_headers(const std::string& body, Millis age = 0ms) const {
    testing::SeededRandom random(testing::TelnyxCarrierOptions().seed);
    std::array<std::uint8_t, 32> seed{};
    for (std::uint8_t& byte : seed) byte = static_cast<std::uint8_t>(random.next());
    const std::string timestamp = std::to_string((unix_now() - age.count()) / 1000);
    const std::string message = timestamp + "|" + body;
    const auto signature = Ed25519KeyPair::from_seed(seed).sign(ByteView(message));
    return {
        {"telnyx-signature-ed25519", base64_encode(ByteView(signature.data(), signature.size()))},
        {"telnyx-timestamp", timestamp}};
  }

  Runtime& street() { return *street_; }

  std::unique_ptr<testing::OpenAiSimulator> openai;
  std::unique_ptr<testing::TelnyxSimulator> telnyx;
  std::unique_ptr<server::App> app;

 private:
  void open_server(const std::function<void(Town&, server::Config&)>& settle) {
    const std::map<std::string, std::string> variables = {
        {"PORT", "0"},
        {"PUBLIC_APP_URL", "http://127.0.0.1:1"},  // Known when the server listens; see below.
        {"OPENAI_API_KEY", openai->api_key()},
        {"OPENAI_BASE_URL", openai->base_url()},
        {"OPENAI_WEBHOOK_SECRET", openai->webhook_secret()},
        {"VOICEBRIDGE_AGENTS", agents_file_},
        {"TELNYX_API_KEY", telnyx->api_key()},
        {"TELNYX_API_BASE", telnyx->base_url()},
        {"TELNYX_PUBLIC_KEY", telnyx->public_key_base64()},
        {"TELNYX_CALL_CONTROL_APP_ID", "1"},
        {"TELNYX_OUTBOUND_CALLER_ID", "+12025550100"},
        {"VOICEBRIDGE_AMD", "off"},
        {"VOICEBRIDGE_API_TOKEN", "the-right-token"},
        {"VOICEBRIDGE_DATABASE", folder_ / "voicebridge.db"},
        {"VOICEBRIDGE_LOG", "off"}};
    auto config = server::load_config([&](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
    });
    REQUIRE(config);
    config->port = unused_port();
    config->public_app_url = "http://127.0.0.1:" + std::to_string(config->port);
    settle(*this, *config);
    app = server::App::create(std::move(*config)).value();
    app->agent().on_ended([this](const CallRecord& record, const std::string&) {
      const std::lock_guard lock(mutex_);
      ended_[record.call_id] = last_ = record;
      changed_.notify_all();
    });
    app->agent().on_timeline([this](const std::string& call_id, const TimelineEntry& entry) {
      const std::lock_guard lock(mutex_);
      if (entry.kind == "error") ++errors_[call_id];
    });
    openai->set_webhook_url(app->config().public_app_url + "/openai/webhook");
    telnyx->set_webhook_url(app->config().public_app_url + "/telnyx/webhooks");
    REQUIRE(app->start());
  }

  TempDirectory folder_;
  std::string agents_file_;
  std::unique_ptr<Runtime> street_;
  std::unique_ptr<HttpClient> http_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, CallRecord> ended_;
  std::map<std::string, std::size_t> errors_;
  CallRecord last_;
};

/// A call that is up while others go wrong, and must not notice.
class SteadyCall {
 public:
  /// The first of the town: its model session is the first connection.
  explicit SteadyCall(Town& town) : town_(town) {
    testing::CallPlan plan;
    plan.ring = 50ms;
    plan.leg_format = AudioFormat::pcmu();
    plan.script = chatty_callee();
    plan.idle = testing::CalleeIdle::comfort_noise;
    town.telnyx->plan_next("+12025550111", plan);
    id_ = town.call("Steady", "+12025550111");
    const bool talking = eventually([&] {
      return town_.state_of(id_) == "talking" && !model().utterances.empty() &&
             model().audio_received > 0;
    });
    REQUIRE(talking);
  }

  /// It still talks, its audio flows, and not a byte of it was lost.
  void require_untouched() {
    const std::uint64_t before = model().audio_received;
    const bool flows = eventually([&] { return model().audio_received > before; });
    REQUIRE(flows);
    REQUIRE(town_.state_of(id_) == "talking");
    REQUIRE(town_.errors_of(id_) == 0);
    const testing::OpenAiSimRecord seen = model();
    REQUIRE(seen.violations.empty());
    Bytes said;
    town_.telnyx->inspect([&](const testing::TelnyxCarrier& carrier, TimePoint) {
      said = carrier.media(carrier.calls().front())->said();
    });
    REQUIRE(said.size() >= seen.received_audio.size());
    REQUIRE(std::equal(seen.received_audio.begin(), seen.received_audio.end(), said.begin()));
  }

 private:
  /// Says something every few seconds, so that nobody asks whether they are still there.
  static testing::CalleeScript chatty_callee() {
    std::string steps;
    for (int i = 0; i < 60; ++i) {
      steps += R"({"wait":"ms","ms":5000},{"play":"speech_en_no_service.wav"},)";
    }
    steps.back() = ']';
    return testing::CalleeScript::parse(Json::parse("[" + steps).value(),
                                        VOICEBRIDGE_TEST_DATA "/audio")
        .value();
  }

  testing::OpenAiSimRecord model() const {
    const auto records = town_.openai->records();
    return records.empty() ? testing::OpenAiSimRecord() : records.front();
  }

  Town& town_;
  std::string id_;
};

}  // namespace voicebridge::test
