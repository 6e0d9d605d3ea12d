#include "demo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "app.hpp"
#include "demo_line.hpp"
#include "demo_run.hpp"
#include "demo_scenarios.hpp"
#include "demo_sip.hpp"
#include "demo_stage.hpp"
#include "demo_transfer.hpp"
#include "demo_visitor.hpp"
#include "demo_web.hpp"
#include "voicebridge/testing/openai_simulator.hpp"

namespace server {

using namespace voicebridge;

namespace {

/// The stage: simulators of both services, the server between them, and one visitor.
class Demo {
 public:
  explicit Demo(const DemoOptions& options) : options_(options) {
    run_.folder = options.out.empty() ? new_demo_folder() : options.out;
    run_.carrier = options.carrier;
  }

  Result<> play();
  const DemoRun& run() const { return run_; }

 private:
  Result<> read_script();
  Result<> open_simulators();
  Result<> open_server();
  Result<> wait_for_the_call();
  void collect();
  void say(const std::string& line) const {
    if (!options_.json) fmt::print("{}\n", line);
    std::fflush(stdout);
  }

  const DemoOptions& options_;
  DemoRun run_;
  Json script_;
  std::unique_ptr<Runtime>
      street_;  ///< The simulators' own loop: they share nothing with the server.
  std::unique_ptr<testing::OpenAiSimulator> openai_;
  std::unique_ptr<DemoLine> line_;
  std::unique_ptr<App> app_;
  std::shared_ptr<DemoVisitor> visitor_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<CallRecord> web_;
  std::optional<CallRecord> phone_;
};

Result<> Demo::read_script() {
  auto script = read_demo_script(kDemoEnglish, kDemoFrench);
  if (!script) return fail(script.error());
  script_ = std::move(*script);
  return {};
}

Result<> Demo::open_simulators() {
  run_.real_voice = testing::EspeakVoice::available();
  say(rendering_words());
  auto model = open_demo_model(script_["model"]);
  if (!model) return fail(model.error());
  street_ = std::move(model->street);
  openai_ = std::move(model->openai);

  DemoLineOptions options;
  options.carrier = run_.carrier;
  options.codec = script_["lead"]["leg_codec"].string_or("PCMU");
  auto plan = testing::CallPlan::parse(script_["lead"], script_["sounds"].string_or(""));
  if (!plan) return fail(plan.error());
  options.plan = std::move(*plan);
  auto line = open_demo_line(*street_, std::move(options));
  if (!line) return fail(line.error());
  line_ = std::move(*line);
  return {};
}

Result<> Demo::open_server() {
  // The webhook's address has to be known before the server is made: a port that is free now.
  auto port = free_loopback_port();
  if (!port) return fail(port.error());
  run_.database = (std::filesystem::path(run_.folder) / "voicebridge.db").string();
  std::map<std::string, std::string> variables = line_->variables();
  variables.insert({{"PORT", std::to_string(*port)},
                    {"PUBLIC_APP_URL", fmt::format("http://127.0.0.1:{}", *port)},
                    {"OPENAI_API_KEY", openai_->api_key()},
                    {"OPENAI_BASE_URL", openai_->base_url()},
                    {"VOICEBRIDGE_BUSINESS", script_["business"].string_or("")},
                    {"VOICEBRIDGE_LANGUAGE", script_["language"].string_or("en")},
                    {"VOICEBRIDGE_REGION", script_["region"].string_or("US")},
                    {"VOICEBRIDGE_DATABASE", run_.database},
                    {"VOICEBRIDGE_RECORD_DIR", run_.folder},
                    {"VOICEBRIDGE_LOG", options_.verbose ? "debug" : "warn"}});
  auto config = demo_config(variables);
  if (!config) return fail(config.error());
  auto app = App::create(std::move(*config), add_demo_tool);
  if (!app) return fail(app.error());
  app_ = std::move(*app);
  line_->lead_to(app_->config().public_app_url);
  app_->agent().on_ended([this](const CallRecord& record, const std::string& lead_id) {
    const std::lock_guard lock(mutex_);
    (lead_id.empty() ? web_ : phone_) = record;
    ended_.notify_all();
  });
  return app_->start();
}

Result<> Demo::wait_for_the_call() {
  auto seat = app_->agent().seat_web();
  if (!seat) return fail(seat.error());
  std::vector<std::string> lines;
  for (const JsonView line : script_["visitor"].elements()) lines.push_back(line.string_or(""));
  say("A visitor talks with the agent on the web page, leaves a number, and is called …");
  visitor_ = std::make_shared<DemoVisitor>(app_->agent(), std::move(*seat), std::move(lines));
  visitor_->begin();
  std::unique_lock lock(mutex_);
  const bool over = ended_.wait_for(lock, Millis(90000), [this] { return web_ && phone_; });
  if (web_) run_.web = *web_;
  if (phone_) run_.phone = *phone_;
  if (!over)
    return fail(Errc::deadline_exceeded, phone_ ? "the web session did not end"
                                                : "the phone call did not end, or never began");
  return {};
}

/// Lets the last webhooks and the record arrive, then asks everybody.
void Demo::collect() {
  for (int i = 0; i < 100 && !run_.stored; ++i) {
    std::this_thread::sleep_for(Millis(20));
    auto stored = app_->stores().calls->find(run_.phone.call_id);
    if (stored && !stored->timeline.empty()) run_.stored = std::move(*stored);
  }
  if (auto leads = app_->stores().leads->list(10)) run_.leads = std::move(*leads);
  run_.models = openai_->records();
  line_->inspect([this](const testing::SimCarrier& carrier) {
    run_.commands = carrier.requests();
    run_.webhooks = carrier.webhooks();
    const testing::SimLeg* leg =
        carrier.calls().empty() ? nullptr : carrier.leg(carrier.calls().front());
    if (leg == nullptr) return;
    run_.carrier_audio = leg->stats();
    run_.callee = leg->callee().utterances();
    if (leg->playout() != nullptr) run_.clears = leg->playout()->clears();
  });
  for (const TimelineEntry& entry : run_.phone.timeline) {
    if (entry.kind == "webhook") run_.webhook_order.push_back(entry.detail);
  }
  MetricsRegistry& metrics = app_->runtime().metrics();
  const auto us = [&](const char* name, double q) {
    return static_cast<double>(metrics.histogram(name).quantile(q).count());
  };
  run_.bridge_up_p50_us = us("bridge_uplink", 0.5);
  run_.bridge_up_p99_us = us("bridge_uplink", 0.99);
  run_.bridge_down_p50_us = us("bridge_downlink", 0.5);
  run_.bridge_down_p99_us = us("bridge_downlink", 0.99);
  run_.batch_p50_us = us("net.batch", 0.5);
  run_.batch_p99_us = us("net.batch", 0.99);

  const std::filesystem::path folder(run_.folder);
  std::error_code ignored;
  run_.recording = (folder / "call.wav").string();
  std::filesystem::rename(folder / (run_.phone.call_id + ".wav"), run_.recording, ignored);
  std::filesystem::rename(folder / (run_.web.call_id + ".wav"), folder / "web.wav", ignored);
  run_.transcript_file = (folder / "transcript.json").string();
  std::ofstream(run_.transcript_file) << transcript_json(run_) << '\n';
}

Result<> Demo::play() {
  const auto begin = std::chrono::steady_clock::now();
  std::error_code error;
  std::filesystem::create_directories(run_.folder, error);
  if (error)
    return fail(Errc::unavailable,
                "cannot make the folder " + run_.folder + ": " + error.message());
  for (const auto step :
       {&Demo::read_script, &Demo::open_simulators, &Demo::open_server, &Demo::wait_for_the_call}) {
    if (auto done = (this->*step)(); !done) return done;
  }
  run_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  collect();
  return {};
}

}  // namespace

int run_demo(const DemoOptions& options) {
  if (options.sip) return run_sip_demo(options);
  if (options.transfer) return run_transfer_demo(options);
  if (options.web) return run_web_demo(options);
  Demo demo(options);
  if (const auto played = demo.play(); !played) {
    fmt::print(stderr, "The demo did not come to its end: {}\n", played.error().message);
    if (!demo.run().phone.timeline.empty()) print_report(demo.run(), {});
    return 1;
  }
  const std::vector<DemoCheck> checks = check_demo(demo.run());
  if (options.json)
    fmt::print("{}\n", report_json(demo.run(), checks));
  else
    print_report(demo.run(), checks);
  const bool all =
      std::all_of(checks.begin(), checks.end(), [](const DemoCheck& c) { return c.kept; });
  return all ? 0 : 1;
}

}  // namespace server
