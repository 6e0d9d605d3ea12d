// The simulators of OpenAI, Telnyx and Twilio as a program, for trying a server by hand or from
// another language.
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "voicebridge/core/json.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/testing/openai_simulator.hpp"
#include "voicebridge/testing/telnyx_simulator.hpp"
#include "voicebridge/testing/twilio_simulator.hpp"

namespace {

using namespace voicebridge;

constexpr const char* kUsage =
    R"(voicebridge-sim: OpenAI Realtime, Telnyx and Twilio on ports of this machine

  voicebridge-sim [--openai-port N] [--telnyx-port N] [--twilio-port N] [--scenario FILE] [--webhook-url URL]
                  [--openai-key KEY] [--telnyx-key KEY] [--connection-id ID] [--seed N]
                  [--twilio-voice-url URL] [--twilio-number NUMBER]
                  [--openai-webhook-url URL] [--openai-webhook-secret SECRET] [--sip FILE]
                  [--tls-cert FILE --tls-key FILE]

  --openai-port, --telnyx-port, --twilio-port   0 (default): a free one
  --scenario FILE    JSON with "model" (what the simulated model says), "lead" (what the called person does) and
                     "sounds" (folder of its WAV files; default: the scenario's own); see examples/server/demo/en.json
  --webhook-url URL  where Telnyx' call events go unless a call names its own
  --twilio-voice-url URL     what Twilio asks for the TwiML of calls to its numbers, such as
                             http://127.0.0.1:8080/twilio/voice
  --twilio-number NUMBER     of the account: the only one that calls come from; default: any
  --connection-id    the only Call Control application that may dial; default: any
  --seed N           of ids and of the webhooks' signing key
  --openai-webhook-url URL   where OpenAI tells of calls by SIP, such as http://127.0.0.1:8080/openai/webhook
  --openai-webhook-secret    whsec_…; default: one is made up
  --sip FILE         JSON of a call that arrives by SIP a second after the start (SipCallPlan, or an array of them)
  --tls-cert, --tls-key      PEM files: the OpenAI side speaks https and wss, which the official SDKs want

State of each side as JSON: GET /__sim/state
One more call by SIP: POST /__sim/sip_calls on OpenAI's side, with such a JSON as --sip has it
)";

struct Arguments {
  std::uint16_t openai_port = 0;
  std::uint16_t telnyx_port = 0;
  std::uint16_t twilio_port = 0;
  std::string twilio_voice_url;
  std::string twilio_number;
  std::string scenario;
  std::string webhook_url;
  std::string openai_key;
  std::string telnyx_key = "KEY_SIMULATED";
  std::string connection_id;
  std::uint64_t seed = 1;
  std::string openai_webhook_url;
  std::string openai_webhook_secret;
  std::string sip;
  std::string tls_cert;
  std::string tls_key;
};

/// Nothing when the words are not understood.
std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  const auto port = [](std::uint16_t& out) {
    return [&out](const char* value) { out = static_cast<std::uint16_t>(std::atoi(value)); };
  };
  const auto text = [](std::string& out) { return [&out](const char* value) { out = value; }; };
  const std::map<std::string, std::function<void(const char*)>> options = {
      {"--openai-port", port(arguments.openai_port)},
      {"--telnyx-port", port(arguments.telnyx_port)},
      {"--twilio-port", port(arguments.twilio_port)},
      {"--twilio-voice-url", text(arguments.twilio_voice_url)},
      {"--twilio-number", text(arguments.twilio_number)},
      {"--scenario", text(arguments.scenario)},
      {"--webhook-url", text(arguments.webhook_url)},
      {"--openai-key", text(arguments.openai_key)},
      {"--telnyx-key", text(arguments.telnyx_key)},
      {"--connection-id", text(arguments.connection_id)},
      {"--seed", [&](const char* value) { arguments.seed = std::strtoull(value, nullptr, 10); }},
      {"--openai-webhook-url", text(arguments.openai_webhook_url)},
      {"--openai-webhook-secret", text(arguments.openai_webhook_secret)},
      {"--sip", text(arguments.sip)},
      {"--tls-cert", text(arguments.tls_cert)},
      {"--tls-key", text(arguments.tls_key)}};
  for (int i = 1; i < argc; i += 2) {
    const auto option = options.find(argv[i]);
    if (option == options.end() || i + 1 == argc) return std::nullopt;
    option->second(argv[i + 1]);
  }
  return arguments;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(Errc::not_found, "cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

struct Scenario {
  testing::OpenAiScenario model;
  testing::CallPlan lead;
};

Result<Scenario> load(const std::string& path) {
  Scenario scenario;
  if (path.empty()) {
    scenario.model = *testing::OpenAiScenario::parse(
        R"({"agents":[{"name":"any","default_line":"I see. Please go on.","replies":[{"on":"start","say":"Hello, what can I do for you?"}]}]})");
    return scenario;
  }
  const auto text = read_file(path);
  if (!text) return fail(text.error());
  const auto json = Json::parse(*text);
  if (!json) return fail(json.error());
  auto model = testing::OpenAiScenario::parse((*json)["model"].dump());
  if (!model) return fail(model.error());
  scenario.model = std::move(*model);
  if (!(*json)["lead"].exists()) return scenario;
  auto lead =
      testing::CallPlan::parse((*json)["lead"], (*json)["sounds"].string_or(folder_of(path)));
  if (!lead) return fail(lead.error());
  scenario.lead = std::move(*lead);
  return scenario;
}

/// The calls of `--sip`; none without it.
Result<std::vector<testing::SipCallPlan>> load_sip(const std::string& path) {
  if (path.empty()) return {};
  const auto text = read_file(path);
  if (!text) return fail(text.error());
  const auto json = Json::parse(*text);
  if (!json) return fail(json.error());
  return testing::SipCallPlan::parse_all(*json, folder_of(path));
}

int fault(const Error& error) {
  fmt::print(stderr, "voicebridge-sim: {}{}{}\n", error.field, error.field.empty() ? "" : ": ",
             error.message);
  return 1;
}

void print_settings(const testing::OpenAiSimulator& openai, const testing::TelnyxSimulator& telnyx,
                    const testing::TwilioSimulator& twilio, const Arguments& arguments) {
  fmt::print("Set these for the server under trial:\n\n");
  fmt::print("export OPENAI_API_KEY={}\nexport OPENAI_BASE_URL={}\n", openai.api_key(),
             openai.base_url());
  fmt::print("export OPENAI_REALTIME_URL={}\n", openai.realtime_url());
  fmt::print("export OPENAI_WEBHOOK_SECRET={}\nexport OPENAI_PROJECT_ID={}\n",
             openai.webhook_secret(), openai.project_id());
  fmt::print("export TELNYX_API_KEY={}\nexport TELNYX_API_BASE={}\nexport TELNYX_PUBLIC_KEY={}\n",
             telnyx.api_key(), telnyx.base_url(), telnyx.public_key_base64());
  fmt::print(
      "export TELNYX_CALL_CONTROL_APP_ID={}\nexport TELNYX_OUTBOUND_CALLER_ID=+12025550100\n",
      arguments.connection_id.empty() ? "1684641123236054244" : arguments.connection_id);
  fmt::print("export TWILIO_ACCOUNT_SID={}\nexport TWILIO_AUTH_TOKEN={}\n", twilio.account_sid(),
             twilio.auth_token());
  fmt::print("export TWILIO_API_BASE={}\nexport TWILIO_CALLER_ID={}\n\n", twilio.base_url(),
             arguments.twilio_number.empty() ? "+12025550100" : arguments.twilio_number);
  fmt::print(
      "State: {}://127.0.0.1:{}/__sim/state (model), http://127.0.0.1:{}/__sim/state (Telnyx), "
      "http://127.0.0.1:{}/__sim/state (Twilio)\n",
      arguments.tls_key.empty() ? "http" : "https", openai.port(), telnyx.port(), twilio.port());
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
  auto sip = load_sip(arguments->sip);
  if (!sip) return fault(sip.error());
  auto runtime = Runtime::create({});
  if (!runtime) return fault(runtime.error());

  testing::OpenAiSimulatorOptions model;
  model.port = arguments->openai_port;
  model.api_key = arguments->openai_key;
  model.webhook_url = arguments->openai_webhook_url;
  model.webhook_secret = arguments->openai_webhook_secret;
  model.tls_certificate_file = arguments->tls_cert;
  model.tls_key_file = arguments->tls_key;
  const auto openai =
      testing::OpenAiSimulator::create(**runtime, std::move(scenario->model), model);
  if (!openai) return fault(openai.error());

  testing::TelnyxSimulatorOptions carrier;
  carrier.port = arguments->telnyx_port;
  carrier.carrier.api_key = arguments->telnyx_key;
  carrier.carrier.connection_id = arguments->connection_id;
  carrier.carrier.webhook_url = arguments->webhook_url;
  carrier.carrier.plan = scenario->lead;
  carrier.carrier.seed = arguments->seed;
  carrier.carrier.wall_time = 0;
  const auto telnyx = testing::TelnyxSimulator::create(**runtime, std::move(carrier));
  if (!telnyx) return fault(telnyx.error());

  testing::TwilioSimulatorOptions phone;
  phone.port = arguments->twilio_port;
  phone.carrier.voice_url = arguments->twilio_voice_url;
  if (!arguments->twilio_number.empty()) phone.carrier.numbers = {arguments->twilio_number};
  phone.carrier.plan = std::move(scenario->lead);
  phone.carrier.seed = arguments->seed;
  phone.openai = openai->get();
  const auto twilio = testing::TwilioSimulator::create(**runtime, std::move(phone));
  if (!twilio) return fault(twilio.error());

  print_settings(**openai, **telnyx, **twilio, *arguments);
  const timespec moment{1, 0};
  int signal = sip->empty() ? 0 : sigtimedwait(&signals, nullptr, &moment);
  if (signal > 0) return 0;
  for (const auto& plan : *sip) fmt::print("SIP call {}\n", (*openai)->sip_call(plan));
  std::fflush(stdout);
  sigwait(&signals, &signal);
  return 0;
}
