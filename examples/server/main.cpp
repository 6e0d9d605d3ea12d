#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "app.hpp"
#include "data_rights.hpp"
#include "demo.hpp"
#include "demo_scenarios.hpp"
#include "doctor.hpp"
#include "voicebridge/version.hpp"

namespace {

using namespace server;

constexpr const char* kUsage =
    R"(voicebridge-server {}: phone calls and web pages joined to a speech-to-speech model

  voicebridge-server serve [--env-file FILE] [--accept-unknown-streams]
      Serves calls until SIGINT or SIGTERM; SIGHUP reads the agents anew. --accept-unknown-streams takes media
      streams of unknown calls without a token, for load tools; on a loopback address only.
  voicebridge-server demo [--carrier telnyx|twilio] [--sip | --transfer | --web [--seconds N]] [--json]
                          [--out FOLDER] [--verbose]
      Plays a whole call against the simulators in this process: no account, no network. By Telnyx, or by the other
      carrier; --sip: one that comes to OpenAI by SIP; --transfer: one whose caller is put through to a person.
      --web: the web page, to be opened in a browser, with simulated services behind it, until Ctrl-C or N seconds.
  voicebridge-server doctor [--env-file FILE] [--offline]
      Checks the configuration and the accounts and says what to do.
  voicebridge-server export --phone NUMBER [--env-file FILE]
      Prints what is kept of a person, as JSON.
  voicebridge-server erase --phone NUMBER [--env-file FILE]
      Removes it for good: recordings, calls with their transcripts, the lead, also in Supabase.
  voicebridge-server --help | --version

Routes: POST /api/voice-calls/realtime calls a number, GET /api/voice-calls lists calls; all others, with what they
        take and give: GET /openapi.json

The environment decides the rest ([] default):
)";

/// The words behind the command.
struct Arguments {
  std::string command;
  std::string env_file;
  std::string phone;
  std::string out;
  bool accept_unknown_streams = false;
  bool offline = false;
  bool sip = false;
  bool transfer = false;
  bool web = false;
  int seconds = 0;
  bool json = false;
  bool verbose = false;
  std::string carrier = "telnyx";
  std::string fault;
};

bool is_carrier(const std::string& word) { return word == "telnyx" || word == "twilio"; }

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  if (argc > 1) arguments.command = argv[1];
  for (int i = 2; i < argc && arguments.fault.empty(); ++i) {
    const std::string word = argv[i];
    const bool more = i + 1 < argc;
    if (word == "--env-file" && more)
      arguments.env_file = argv[++i];
    else if (word == "--phone" && more)
      arguments.phone = argv[++i];
    else if (word == "--out" && more)
      arguments.out = argv[++i];
    else if (word == "--carrier" && more && is_carrier(argv[i + 1]))
      arguments.carrier = argv[++i];
    else if (word == "--accept-unknown-streams")
      arguments.accept_unknown_streams = true;
    else if (word == "--offline")
      arguments.offline = true;
    else if (word == "--sip")
      arguments.sip = true;
    else if (word == "--transfer")
      arguments.transfer = true;
    else if (word == "--web")
      arguments.web = true;
    else if (word == "--seconds" && more && std::atoi(argv[i + 1]) > 0)
      arguments.seconds = std::atoi(argv[++i]);
    else if (word == "--json")
      arguments.json = true;
    else if (word == "--verbose")
      arguments.verbose = true;
    else
      arguments.fault = word;
  }
  return arguments;
}

int print_faults(const std::vector<Fault>& faults) {
  fmt::print(stderr, "The configuration has {} fault{}:\n", faults.size(),
             faults.size() == 1 ? "" : "s");
  for (const Fault& fault : faults)
    fmt::print(stderr, "  {:<28}{}\n", fault.variable, fault.message);
  fmt::print(stderr,
             "Meanings and defaults: voicebridge-server --help. Without any account: "
             "voicebridge-server demo\n");
  return 2;
}

void print_addresses(const App& app) {
  const Config& config = app.config();
  fmt::print("voicebridge-server {} listening on http{}://{}:{}\n", VOICEBRIDGE_VERSION,
             config.tls_key_file.empty() ? "" : "s", config.host, app.port());
  if (config.has_telnyx()) {
    fmt::print("  Telnyx webhooks go to {}\n", config.telnyx_webhook_url.empty()
                                                   ? config.public_app_url + "/telnyx/webhooks"
                                                   : config.telnyx_webhook_url);
  }
  if (config.has_twilio()) {
    fmt::print("  Twilio asks {}/twilio/voice when a number is called\n", config.public_app_url);
  }
  if (config.has_telnyx() && config.has_twilio()) {
    fmt::print("  {} dials when a request names no carrier\n", config.carrier);
  }
  if (!config.openai_webhook_secrets.empty()) {
    fmt::print("  OpenAI webhooks go to {}/openai/webhook\n", config.public_app_url);
    const std::string address = sip_address(config);
    if (!address.empty()) fmt::print("  Calls by SIP go to {}\n", address);
  }
  if (config.web.on) {
    fmt::print("  The web page is at {}/\n",
               config.public_app_url.empty() ? fmt::format("http://{}:{}", config.host, app.port())
                                             : config.public_app_url);
  }
  if (config.accept_unknown_streams)
    fmt::print("  Media streams of unknown calls are served without a token.\n");
  std::fflush(stdout);
}

void print_reload(App& app) {
  if (app.config().agents.empty()) {
    fmt::print("VOICEBRIDGE_AGENTS is not set: there are no agents to read anew\n");
    std::fflush(stdout);
    return;
  }
  const auto reloaded = app.reload_agents();
  if (reloaded)
    fmt::print("agents read anew: {}\n", *reloaded);
  else
    fmt::print(stderr, "{}\nthe agents stay as they were\n", describe_faults(reloaded.error()));
  std::fflush(stdout);
}

/// The server, started. Without an address of its own it is reached by that of the port, which has
/// to be known before: of PORT=0 one is taken that is free now, and another if it is not any more.
voicebridge::Result<std::unique_ptr<App>> open_app(const Config& wanted) {
  constexpr int kTries = 5;
  const bool has_address = !wanted.public_app_url.empty() || !wanted.telnyx_stream_url.empty();
  for (int attempt = 1;; ++attempt) {
    Config config = wanted;
    if (!has_address) {
      if (config.port == 0) {
        const auto port = free_loopback_port();
        if (!port) return voicebridge::fail(port.error());
        config.port = *port;
      }
      config.public_app_url = fmt::format("http://127.0.0.1:{}", config.port);
    }
    auto app = App::create(std::move(config));
    if (!app) return app;
    const auto started = (*app)->start();
    if (started) return app;
    const bool taken = started.error().code == voicebridge::Errc::conflict;
    if (has_address || wanted.port != 0 || !taken || attempt == kTries) {
      return voicebridge::fail(started.error());
    }
  }
}

int serve(const Environment& environment, bool accept_unknown_streams) {
  auto config = load_config(environment, {true, !accept_unknown_streams});
  if (!config) return print_faults(config.error());
  if (accept_unknown_streams && !config->is_private()) {
    fmt::print(
        stderr,
        "--accept-unknown-streams is for this machine alone; HOST is {}, PUBLIC_APP_URL {}\n",
        config->host, config->public_app_url);
    return 2;
  }
  config->accept_unknown_streams = accept_unknown_streams;

  // Blocked before any thread starts, so that the signal is waited for here and interrupts nobody.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto app = open_app(*config);
  if (!app) {
    fmt::print(stderr, "cannot start: {}\n", app.error().message);
    return 1;
  }
  print_addresses(**app);
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) print_reload(**app);
  fmt::print("stopping: calls say goodbye\n");
  std::fflush(stdout);
  (*app)->stop(voicebridge::Millis(10000));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const Arguments arguments = parse(argc, argv);
  if (!arguments.fault.empty()) {
    fmt::print(stderr, "'{}' is not understood. See voicebridge-server --help\n", arguments.fault);
    return 2;
  }
  Environment environment = process_environment();
  if (!arguments.env_file.empty()) {
    auto with_file = environment_with_file(arguments.env_file);
    if (!with_file) {
      fmt::print(stderr, "{}\n", with_file.error().message);
      return 2;
    }
    environment = std::move(*with_file);
  }
  if (arguments.command == "serve") return serve(environment, arguments.accept_unknown_streams);
  if (arguments.command == "doctor") return run_doctor(environment, arguments.offline);
  if (arguments.command == "export") return run_export(environment, arguments.phone);
  if (arguments.command == "erase") return run_erase(environment, arguments.phone);
  if (arguments.command == "demo")
    return run_demo({arguments.carrier, arguments.sip, arguments.transfer, arguments.web,
                     arguments.seconds, arguments.json, arguments.verbose, arguments.out});
  if (arguments.command == "--version") {
    fmt::print("{}\n", VOICEBRIDGE_VERSION);
    return 0;
  }
  if (arguments.command == "--env-example") {
    fmt::print("{}", env_example());
    return 0;
  }
  const bool asked = arguments.command == "--help" || arguments.command == "help";
  fmt::print(asked ? stdout : stderr, kUsage, VOICEBRIDGE_VERSION);
  fmt::print(asked ? stdout : stderr, "{}", describe_variables());
  return asked ? 0 : 2;
}
