#include "demo_sip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "app.hpp"
#include "demo_print.hpp"
#include "demo_scenarios.hpp"
#include "demo_stage.hpp"
#include "voicebridge/testing/openai_simulator.hpp"

namespace server {

using namespace voicebridge;

namespace {

/// What was the project's secret until today: webhooks are checked by both for a while.
constexpr const char* kOldSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// The stage: OpenAI's service with its SIP side, the server, and four callers.
class SipDemo {
 public:
  explicit SipDemo(const DemoOptions& options) : options_(options) {
    run_.folder = options.out.empty() ? new_demo_folder() : options.out;
  }

  Result<> play();
  const SipDemoRun& run() const { return run_; }

 private:
  Result<> read_script();
  Result<> open_service();
  Result<> open_server();
  Result<> take_calls();
  void collect();
  Result<std::string> call(const char* name);
  template <class Done>
  bool wait_until(Millis limit, Done done) const;
  void say(const std::string& line) const {
    if (!options_.json) fmt::print("{}\n", line);
    std::fflush(stdout);
  }

  const DemoOptions& options_;
  SipDemoRun run_;
  Json script_;
  std::unique_ptr<Runtime> street_;  ///< The service's own loop: it shares nothing with the server.
  std::unique_ptr<testing::OpenAiSimulator> openai_;
  std::unique_ptr<App> app_;
  std::string main_, transferred_, busy_, unknown_;
  std::mutex mutex_;
  std::vector<CallRecord> ended_;
};

Result<> SipDemo::read_script() {
  auto script = read_demo_script(kSipDemoEnglish, kSipDemoFrench);
  if (!script) return fail(script.error());
  script_ = std::move(*script);
  run_.agents_file = (std::filesystem::path(run_.folder) / "agents.json").string();
  std::ofstream(run_.agents_file) << script_["book"].dump() << '\n';
  return {};
}

Result<> SipDemo::open_service() {
  run_.real_voice = testing::EspeakVoice::available();
  say(rendering_words());
  auto model = open_demo_model(script_["model"]);
  if (!model) return fail(model.error());
  street_ = std::move(model->street);
  openai_ = std::move(model->openai);
  return {};
}

Result<> SipDemo::open_server() {
  auto port = free_loopback_port();
  if (!port) return fail(port.error());
  const std::string address = fmt::format("http://127.0.0.1:{}", *port);
  run_.database = (std::filesystem::path(run_.folder) / "voicebridge.db").string();
  auto config = demo_config(
      {{"PORT", std::to_string(*port)},
       {"PUBLIC_APP_URL", address},
       {"OPENAI_API_KEY", openai_->api_key()},
       {"OPENAI_BASE_URL", openai_->base_url()},
       {"OPENAI_WEBHOOK_SECRET", std::string(kOldSecret) + "," + openai_->webhook_secret()},
       {"OPENAI_PROJECT_ID", openai_->project_id()},
       {"VOICEBRIDGE_AGENTS", run_.agents_file},
       {"VOICEBRIDGE_REGION", script_["region"].string_or("US")},
       {"VOICEBRIDGE_DATABASE", run_.database},
       {"VOICEBRIDGE_LOG", options_.verbose ? "debug" : "error"}});
  if (!config) return fail(config.error());
  auto app = App::create(std::move(*config), add_demo_tool);
  if (!app) return fail(app.error());
  app_ = std::move(*app);
  app_->agent().on_ended([this](const CallRecord& record, const std::string&) {
    const std::lock_guard lock(mutex_);
    ended_.push_back(record);
  });
  openai_->set_webhook_url(address + "/openai/webhook");
  return app_->start();
}

Result<std::string> SipDemo::call(const char* name) {
  auto plan = testing::SipCallPlan::parse(script_["calls"][name], script_["sounds"].string_or(""));
  if (!plan) return fail(plan.error());
  return openai_->sip_call(std::move(*plan));
}

template <class Done>
bool SipDemo::wait_until(Millis limit, Done done) const {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!done() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(Millis(10));
  return done();
}

Result<> SipDemo::take_calls() {
  say("Somebody calls Northwind Heating's number, which a SIP trunk leads to OpenAI; while they "
      "talk, others call too …");
  const auto place = [&](std::string& id, const char* name) {
    auto placed = call(name);
    if (placed) id = *placed;
    return placed.map([](const std::string&) {});
  };
  if (auto done = place(main_, "main"); !done) return done;
  if (auto done = place(transferred_, "transferred"); !done) return done;
  wait_until(Millis(10000), [&] {
    const auto garage = openai_->call(transferred_);
    return garage && garage->state != testing::OpenAiCallRecord::State::ringing;
  });
  if (auto done = place(busy_, "busy"); !done) return done;
  if (auto done = place(unknown_, "unknown"); !done) return done;
  const bool over = wait_until(Millis(90000), [&] {
    const std::lock_guard lock(mutex_);
    return openai_->active_calls() == 0 && ended_.size() >= 2;
  });
  return over ? Result<>() : fail(Errc::deadline_exceeded, "not all calls came to their end");
}

/// Lets the last record arrive, then asks everybody.
void SipDemo::collect() {
  run_.main = openai_->call(main_).value_or(testing::OpenAiCallRecord());
  run_.handed_on = openai_->call(transferred_).value_or(testing::OpenAiCallRecord());
  run_.busy = openai_->call(busy_).value_or(testing::OpenAiCallRecord());
  run_.unknown = openai_->call(unknown_).value_or(testing::OpenAiCallRecord());
  {
    const std::lock_guard lock(mutex_);
    for (const CallRecord& record : ended_) {
      if (record.call_id == main_) run_.phone = record;
      if (record.call_id == transferred_) run_.transferred = record;
    }
  }
  wait_until(Millis(2000), [&] {
    auto stored = app_->stores().calls->find(main_);
    if (stored && !stored->timeline.empty()) run_.stored = std::move(*stored);
    return run_.stored.has_value();
  });
  run_.transcript_file = (std::filesystem::path(run_.folder) / "transcript.json").string();
  JsonWriter json;
  json.object().key("phone");
  write_transcript(json, run_.phone);
  std::ofstream(run_.transcript_file) << json.end().take() << '\n';
}

Result<> SipDemo::play() {
  const auto begin = std::chrono::steady_clock::now();
  std::error_code error;
  std::filesystem::create_directories(run_.folder, error);
  if (error)
    return fail(Errc::unavailable,
                "cannot make the folder " + run_.folder + ": " + error.message());
  for (const auto step : {&SipDemo::read_script, &SipDemo::open_service, &SipDemo::open_server}) {
    if (auto done = (this->*step)(); !done) return done;
  }
  const auto taken = take_calls();
  run_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  collect();
  return taken;
}

}  // namespace

int run_sip_demo(const DemoOptions& options) {
  SipDemo demo(options);
  if (const auto played = demo.play(); !played) {
    fmt::print(stderr, "The demo did not come to its end: {}\n", played.error().message);
    if (!demo.run().phone.timeline.empty()) print_report(demo.run(), {});
    return 1;
  }
  const std::vector<DemoCheck> checks = check_sip_demo(demo.run());
  if (options.json)
    fmt::print("{}\n", report_json(demo.run(), checks));
  else
    print_report(demo.run(), checks);
  const bool all =
      std::all_of(checks.begin(), checks.end(), [](const DemoCheck& c) { return c.kept; });
  return all ? 0 : 1;
}

}  // namespace server
