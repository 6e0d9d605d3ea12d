#include "demo_transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "app.hpp"
#include "demo_line.hpp"
#include "demo_print.hpp"
#include "demo_scenarios.hpp"
#include "demo_stage.hpp"
#include "voicebridge/testing/openai_simulator.hpp"

namespace server {

using namespace voicebridge;

namespace {

/// The stage: simulators of both services, the server between them, a caller and a person.
class TransferDemo {
 public:
  explicit TransferDemo(const DemoOptions& options) : options_(options) {
    run_.folder = options.out.empty() ? new_demo_folder() : options.out;
    run_.carrier = options.carrier;
  }

  Result<> play();
  const TransferDemoRun& run() const { return run_; }

 private:
  Result<> read_script();
  Result<> open_simulators();
  Result<> open_server();
  Result<> take_the_call();
  void collect();
  static TransferLeg look_at(const testing::SimCarrier& carrier, const std::string& leg);
  void say(const std::string& line) const {
    if (!options_.json) fmt::print("{}\n", line);
    std::fflush(stdout);
  }

  const DemoOptions& options_;
  TransferDemoRun run_;
  Json script_;
  std::unique_ptr<Runtime> street_;  ///< The simulators' own loop.
  std::unique_ptr<testing::OpenAiSimulator> openai_;
  std::unique_ptr<DemoLine> line_;
  std::unique_ptr<App> app_;
  std::mutex mutex_;
  std::vector<CallRecord> ended_;
};

Result<> TransferDemo::read_script() {
  auto script = read_demo_script(kTransferDemoEnglish, kTransferDemoFrench);
  if (!script) return fail(script.error());
  script_ = std::move(*script);
  run_.agents_file = (std::filesystem::path(run_.folder) / "agents.json").string();
  std::ofstream(run_.agents_file) << script_["book"].dump() << '\n';
  return {};
}

Result<> TransferDemo::open_simulators() {
  run_.real_voice = testing::EspeakVoice::available();
  say(rendering_words());
  auto model = open_demo_model(script_["model"]);
  if (!model) return fail(model.error());
  street_ = std::move(model->street);
  openai_ = std::move(model->openai);
  DemoLineOptions options;
  options.carrier = run_.carrier;
  auto line = open_demo_line(*street_, std::move(options));
  if (!line) return fail(line.error());
  line_ = std::move(*line);
  return {};
}

Result<> TransferDemo::open_server() {
  auto port = free_loopback_port();
  if (!port) return fail(port.error());
  const std::string address = fmt::format("http://127.0.0.1:{}", *port);
  run_.database = (std::filesystem::path(run_.folder) / "voicebridge.db").string();
  std::map<std::string, std::string> variables = line_->variables();
  variables.insert({{"PORT", std::to_string(*port)},
                    {"PUBLIC_APP_URL", address},
                    {"OPENAI_API_KEY", openai_->api_key()},
                    {"OPENAI_BASE_URL", openai_->base_url()},
                    {"VOICEBRIDGE_AGENTS", run_.agents_file},
                    {"VOICEBRIDGE_REGION", script_["region"].string_or("US")},
                    {"VOICEBRIDGE_DATABASE", run_.database},
                    {"VOICEBRIDGE_LOG", options_.verbose ? "debug" : "error"}});
  auto config = demo_config(variables);
  if (!config) return fail(config.error());
  auto app = App::create(std::move(*config), add_demo_tool);
  if (!app) return fail(app.error());
  app_ = std::move(*app);
  line_->lead_to(address);
  app_->agent().on_ended([this](const CallRecord& record, const std::string&) {
    const std::lock_guard lock(mutex_);
    ended_.push_back(record);
  });
  return app_->start();
}

Result<> TransferDemo::take_the_call() {
  const std::string sounds = script_["sounds"].string_or("");
  auto caller = testing::CallPlan::parse(script_["caller"], sounds);
  if (!caller) return fail(caller.error());
  auto person = testing::CallPlan::parse(script_["person"], sounds);
  if (!person) return fail(person.error());
  line_->plan_next(script_["desk"].string_or(""), std::move(*person));
  say("Somebody calls the heating engineers and asks for a person; the person is told who it is, "
      "and "
      "takes the call …");
  line_->call_in("+12025550143", *caller);
  const auto until = std::chrono::steady_clock::now() + Millis(90000);
  while (std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(Millis(20));
    std::size_t up = 0;
    line_->inspect([&](const testing::SimCarrier& carrier) { up = carrier.active_calls(); });
    const std::lock_guard lock(mutex_);
    if (!ended_.empty() && up == 0) return {};
  }
  return fail(Errc::deadline_exceeded, "not all legs came to their end");
}

TransferLeg TransferDemo::look_at(const testing::SimCarrier& carrier, const std::string& leg) {
  TransferLeg seen;
  seen.id = leg;
  if (const testing::SimLeg* phone = carrier.leg(leg)) {
    seen.audio = phone->stats();
    seen.said = phone->callee().utterances();
  }
  return seen;
}

void TransferDemo::collect() {
  // The closing handshakes of the model's sockets, and the last webhooks.
  std::this_thread::sleep_for(Millis(300));
  {
    const std::lock_guard lock(mutex_);
    for (const CallRecord& record : ended_) {
      const bool asked = std::any_of(
          record.timeline.begin(), record.timeline.end(),
          [](const TimelineEntry& entry) { return entry.detail == "warm transfer asked for"; });
      if (asked) {
        run_.phone = record;
      } else {
        run_.briefing = record;
      }
    }
  }
  run_.models = openai_->records();
  line_->inspect([this](const testing::SimCarrier& carrier) {
    const std::vector<std::string> legs = carrier.calls();
    run_.commands = carrier.requests();
    run_.legs = legs.size();
    run_.legs_left = carrier.active_calls();
    if (legs.size() < 2) return;
    run_.caller = look_at(carrier, legs[0]);
    run_.person = look_at(carrier, legs[1]);
  });
  run_.caller.heard_other = line_->heard_from(run_.caller.id, run_.person.id);
  run_.person.heard_other = line_->heard_from(run_.person.id, run_.caller.id);
  run_.transcript_file = (std::filesystem::path(run_.folder) / "transcript.json").string();
  JsonWriter json;
  json.object().key("phone");
  write_transcript(json, run_.phone);
  if (run_.briefing) {
    json.key("briefing");
    write_transcript(json, *run_.briefing);
  }
  std::ofstream(run_.transcript_file) << json.end().take() << '\n';
}

Result<> TransferDemo::play() {
  const auto begin = std::chrono::steady_clock::now();
  std::error_code error;
  std::filesystem::create_directories(run_.folder, error);
  if (error)
    return fail(Errc::unavailable,
                "cannot make the folder " + run_.folder + ": " + error.message());
  for (const auto step :
       {&TransferDemo::read_script, &TransferDemo::open_simulators, &TransferDemo::open_server}) {
    if (auto done = (this->*step)(); !done) return done;
  }
  const auto taken = take_the_call();
  run_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  collect();
  return taken;
}

}  // namespace

int run_transfer_demo(const DemoOptions& options) {
  TransferDemo demo(options);
  if (const auto played = demo.play(); !played) {
    fmt::print(stderr, "The demo did not come to its end: {}\n", played.error().message);
    if (!demo.run().phone.timeline.empty()) print_report(demo.run(), {});
    return 1;
  }
  const std::vector<DemoCheck> checks = check_transfer_demo(demo.run());
  if (options.json)
    fmt::print("{}\n", report_json(demo.run(), checks));
  else
    print_report(demo.run(), checks);
  const bool all =
      std::all_of(checks.begin(), checks.end(), [](const DemoCheck& c) { return c.kept; });
  return all ? 0 : 1;
}

}  // namespace server
