// The simulators of OpenAI and Telnyx as a program, for trying a server by hand or from another
// language.
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "voicebridge/core/json.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/testing/openai_simulator.hpp"
#include "voicebridge/testing/telnyx_simulator.hpp"

namespace {

using namespace voicebridge;

constexpr const char* kUsage =
    R"(voicebridge-sim: OpenAI Realtime and Telnyx on ports of this machine

  voicebridge-sim [--openai-port N] [--telnyx-port N] [--scenario FILE] [--webhook-url URL]
                  [--openai-key KEY] [--telnyx-key KEY] [--connection-id ID] [--seed N]

  --openai-port, --telnyx-port   0 (default): a free one
  --scenario FILE    JSON with "model" (what the simulated model says), "lead" (what the called person does) and
                     "sounds" (folder of its WAV files; default: the scenario's own); see examples/server/demo/en.json
  --webhook-url URL  where call events go unless a call names its own
  --connection-id    the only Call Control application that may dial; default: any
  --seed N           of ids and of the webhooks' signing key

State of either side as JSON: GET /__sim/state
)";

struct Arguments {
  std::uint16_t openai_port = 0;
  std::uint16_t telnyx_port = 0;
  std::string scenario;
  std::string webhook_url;
  std::string openai_key;
  std::string telnyx_key = "KEY_SIMULATED";
  std::string connection_id;
  std::uint64_t seed = 1;
};

/// Nothing when the words are not understood.
std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (i + 1 == argc) return std::nullopt;
    const char* value = argv[++i];
    if (name == "--openai-port")
      arguments.openai_port = static_cast<std::uint16_t>(std::atoi(value));
    else if (name == "--telnyx-port")
      arguments.telnyx_port = static_cast<std::uint16_t>(std::atoi(value));
    else if (name == "--scenario")
      arguments.scenario = value;
    else if (name == "--webhook-url")
      arguments.webhook_url = value;
    else if (name == "--openai-key")
      arguments.openai_key = value;
    else if (name == "--telnyx-key")
      arguments.telnyx_key = value;
    else if (name == "--connection-id")
      arguments.connection_id = value;
    else if (name == "--seed")
      arguments.seed = std::strtoull(value, nullptr, 10);
    else
      return std::nullopt;
  }
  return arguments;
}

struct Scenario {
  testing::OpenAiScenario model;
  testing::TelnyxCallPlan lead;
};

Result<Scenario> load(const std::string& path) {
  Scenario scenario;
  if (path.empty()) {
    scenario.model = *testing::OpenAiScenario::parse(
        R"({"agents":[{"name":"any","default_line":"I see. Please go on.","replies":[{"on":"start","say":"Hello, what can I do for you?"}]}]})");
    return scenario;
  }
  std::ifstream file(path);
  if (!file) return fail(Errc::not_found, "cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  const auto json = Json::parse(text.str());
  if (!json) return fail(json.error());
  auto model = testing::OpenAiScenario::parse((*json)["model"].dump());
  if (!model) return fail(model.error());
  scenario.model = std::move(*model);
  if (!(*json)["lead"].exists()) return scenario;
  const std::string own_folder = std::filesystem::path(path).parent_path().string();
  auto lead =
      testing::TelnyxCallPlan::parse((*json)["lead"], (*json)["sounds"].string_or(own_folder));
  if (!lead) return fail(lead.error());
  scenario.lead = std::move(*lead);
  return scenario;
}

int fault(const Error& error) {
  fmt::print(stderr, "voicebridge-sim: {}{}{}\n", error.field, error.field.empty() ? "" : ": ",
             error.message);
  return 1;
}

void print_settings(const testing::OpenAiSimulator& openai, const testing::TelnyxSimulator& telnyx,
                    const Arguments& arguments) {
  fmt::print("Set these for the server under trial:\n\n");
  fmt::print("export OPENAI_API_KEY={}\nexport OPENAI_BASE_URL={}\n", openai.api_key(),
             openai.base_url());
  fmt::print("export TELNYX_API_KEY={}\nexport TELNYX_API_BASE={}\nexport TELNYX_PUBLIC_KEY={}\n",
             telnyx.api_key(), telnyx.base_url(), telnyx.public_key_base64());
  fmt::print(
      "export TELNYX_CALL_CONTROL_APP_ID={}\nexport TELNYX_OUTBOUND_CALLER_ID=+12025550100\n\n",
      arguments.connection_id.empty() ? "1684641123236054244" : arguments.connection_id);
  fmt::print(
      "State: http://127.0.0.1:{}/__sim/state (model), http://127.0.0.1:{}/__sim/state (carrier)\n",
      openai.port(), telnyx.port());
  fmt::print("Stop with Ctrl-C.\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const bool help =
      argc > 1 && (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0);
  const auto arguments = help ? std::nullopt : parse(argc, argv);
  if (!arguments) {
    fmt::print(help ? stdout : stderr, "{}", kUsage);
    return help ? 0 : 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto scenario = load(arguments->scenario);
  if (!scenario) return fault(scenario.error());
  auto runtime = Runtime::create({});
  if (!runtime) return fault(runtime.error());

  testing::OpenAiSimulatorOptions model;
  model.port = arguments->openai_port;
  model.api_key = arguments->openai_key;
  const auto openai =
      testing::OpenAiSimulator::create(**runtime, std::move(scenario->model), model);
  if (!openai) return fault(openai.error());

  testing::TelnyxSimulatorOptions carrier;
  carrier.port = arguments->telnyx_port;
  carrier.carrier.api_key = arguments->telnyx_key;
  carrier.carrier.connection_id = arguments->connection_id;
  carrier.carrier.webhook_url = arguments->webhook_url;
  carrier.carrier.plan = std::move(scenario->lead);
  carrier.carrier.seed = arguments->seed;
  carrier.carrier.wall_time = 0;
  const auto telnyx = testing::TelnyxSimulator::create(**runtime, std::move(carrier));
  if (!telnyx) return fault(telnyx.error());

  print_settings(**openai, **telnyx, *arguments);
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}
