#include "demo_web.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "app.hpp"
#include "demo_line.hpp"
#include "demo_scenarios.hpp"
#include "demo_stage.hpp"
#include "voicebridge/testing/openai_simulator.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace server {

using namespace voicebridge;

namespace {

/// Simulators of both services and the server between them, for visitors who are real.
class WebDemo {
 public:
  explicit WebDemo(const DemoOptions& options)
      : options_(options), folder_(options.out.empty() ? new_demo_folder() : options.out) {}
  ~WebDemo() {
    if (app_) app_->stop(Millis(500));
  }

  Result<> open() {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) return fail(Errc::unavailable, "cannot make the folder " + folder_);
    auto script = Json::parse(kWebDemo);
    if (!script) return fail(script.error());
    script_ = std::move(*script);
    if (auto opened = open_simulators(); !opened) return opened;
    return open_server();
  }
  void tell() const;

 private:
  std::string language() const {
    const char* const wanted = std::getenv("VOICEBRIDGE_LANGUAGE");
    return wanted != nullptr && std::string(wanted) == "fr" ? "fr" : "en";
  }
  JsonView callee() const { return script_["callees"][language()]; }
  Result<> open_simulators();
  Result<> open_server();

  const DemoOptions& options_;
  const std::string folder_;
  Json script_;
  std::unique_ptr<Runtime> street_;
  std::unique_ptr<testing::OpenAiSimulator> openai_;
  std::unique_ptr<DemoLine> line_;
  std::unique_ptr<App> app_;
};

Result<> WebDemo::open_simulators() {
  fmt::print("{}\n", rendering_words());
  std::fflush(stdout);
  auto model = open_demo_model(script_["model"]);
  if (!model) return fail(model.error());
  street_ = std::move(model->street);
  openai_ = std::move(model->openai);

  const std::string sounds = callee()["sounds"].string_or("");
  if (!std::filesystem::exists(sounds)) {
    return fail(Errc::not_found, "no recorded speech in " + sounds +
                                     ". On Debian: apt-get install " +
                                     callee()["package"].string_or(""));
  }
  auto plan = testing::CallPlan::parse(callee()["lead"], sounds);
  if (!plan) return fail(plan.error());
  DemoLineOptions line;
  line.carrier = options_.carrier;
  line.codec = callee()["lead"]["leg_codec"].string_or("PCMU");
  line.plan = std::move(*plan);
  auto opened = open_demo_line(*street_, std::move(line));
  if (!opened) return fail(opened.error());
  line_ = std::move(*opened);
  return {};
}

Result<> WebDemo::open_server() {
  auto port = free_loopback_port();
  if (!port) return fail(port.error());
  const char* const wanted = std::getenv("PORT");
  const std::string chosen = wanted != nullptr && *wanted != '\0' && std::string(wanted) != "0"
                                 ? wanted
                                 : std::to_string(*port);
  std::map<std::string, std::string> variables = line_->variables();
  variables.insert(
      {{"PORT", chosen},
       {"PUBLIC_APP_URL", "http://127.0.0.1:" + chosen},
       {"OPENAI_API_KEY", openai_->api_key()},
       {"OPENAI_BASE_URL", openai_->base_url()},
       {"VOICEBRIDGE_BUSINESS", callee()["business"].string_or("")},
       {"VOICEBRIDGE_LANGUAGE", language()},
       {"VOICEBRIDGE_REGION", callee()["region"].string_or("US")},
       {"VOICEBRIDGE_DATABASE", (std::filesystem::path(folder_) / "voicebridge.db").string()},
       // A simulated model has no media of WebRTC; its signalling alone is no talk.
       {"VOICEBRIDGE_WEB_TRANSPORTS", "websocket"},
       // Whoever tries it out reloads the page all the time, and calls one number.
       {"VOICEBRIDGE_WEB_STARTS", "1000"},
       {"VOICEBRIDGE_WEB_TOTAL_STARTS", "1000"},
       {"VOICEBRIDGE_WEB_PER_ADDRESS", "20"},
       {"VOICEBRIDGE_CALLS_TO_ONE", "0"},
       {"VOICEBRIDGE_LOG", options_.verbose ? "debug" : "warn"}});
  auto config = demo_config(variables);
  if (!config) return fail(config.error());
  auto app = App::create(std::move(*config));
  if (!app) return fail(app.error());
  app_ = std::move(*app);
  line_->lead_to(app_->config().public_app_url);
  return app_->start();
}

void WebDemo::tell() const {
  fmt::print(
      "\nThe page is at {}/\n\n"
      "  1. Open it in a browser on this machine and press Talk (or Parler).\n"
      "  2. Speak, or type. The agent is simulated: it asks for name and number, whatever you "
      "say,\n"
      "     notes Ada Lovelace, and calls. Or fill in the card yourself and press \"call me\".\n"
      "  3. Watch the call: a scripted callee picks up, and its transcript appears at the end.\n\n"
      "Nothing leaves this machine. What was kept lies in {}.\n{}\n",
      app_->config().public_app_url, folder_,
      options_.seconds > 0 ? fmt::format("It ends in {} seconds, or with Ctrl-C.", options_.seconds)
                           : "It ends with Ctrl-C.");
  std::fflush(stdout);
}

/// Waits for a signal that ends a program; for so many seconds at the most, 0: for as long as it
/// takes.
void wait_for_the_end(const sigset_t& signals, int seconds) {
  if (seconds <= 0) {
    int signal = 0;
    sigwait(&signals, &signal);
    return;
  }
  timespec most{};
  most.tv_sec = seconds;
  sigtimedwait(&signals, nullptr, &most);
}

}  // namespace

int run_web_demo(const DemoOptions& options) {
  // Blocked before any thread starts, so that the signal is waited for here and interrupts nobody.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  WebDemo demo(options);
  if (const auto opened = demo.open(); !opened) {
    fmt::print(stderr, "The demo cannot start: {}\n", opened.error().message);
    return 1;
  }
  demo.tell();
  wait_for_the_end(signals, options.seconds);
  fmt::print("stopping\n");
  return 0;
}

}  // namespace server
