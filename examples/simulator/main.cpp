// The simulators of OpenAI, Telnyx and Twilio as a program, for trying a server by hand or from
// another language, or for trying a program of one's own in one command.
#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "program.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/runtime.hpp"

namespace {

using namespace voicebridge;

constexpr const char* kUsage =
    R"(voicebridge-sim: OpenAI Realtime, Telnyx and Twilio on ports of this machine

  voicebridge-sim [--openai-port N] [--telnyx-port N] [--twilio-port N] [--scenario FILE] [--webhook-url URL]
                  [--openai-key KEY] [--telnyx-key KEY] [--connection-id ID] [--seed N]
                  [--twilio-voice-url URL] [--twilio-number NUMBER]
                  [--openai-webhook-url URL] [--openai-webhook-secret SECRET] [--sip FILE]
                  [--tls-cert FILE --tls-key FILE] [--state FILE] [-- PROGRAM [ARGUMENT …]]

  --openai-port, --telnyx-port, --twilio-port   0 (default): a free one
  --scenario FILE    JSON with "model" (what the simulated model says), "lead" (what the called person does),
                     "caller" ({"from", "to", "plan"}: somebody calls PROGRAM by Telnyx), "sip" (such calls, as --sip has
                     them) and "sounds" (folder of its WAV files; default: the scenario's own); see examples/*/scenario.json
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

  --state FILE       at the end the state of the three sides is written there, as JSON
  PROGRAM            is run with all that it needs in its environment, and a free PORT, unless that is set. Those who call
                     do so when it listens. When they have hung up it has three seconds to end, then it is
                     told to (SIGTERM); its exit code is that of voicebridge-sim

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
  std::string state;
  std::vector<std::string> program;  ///< And its arguments; empty: none is run.
};

/// Nothing when the words are not understood.
std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  const auto port = [](std::uint16_t& out) {
    return [&out](const char* value) {
      const auto read = read_port(value);
      out = read.value_or(0);
      return read.has_value();
    };
  };
  const auto text = [](std::string& out) {
    return [&out](const char* value) {
      out = value;
      return true;
    };
  };
  const auto number = [](std::uint64_t& out) {
    return [&out](const char* value) {
      const char* const end = value + std::strlen(value);
      const auto read = std::from_chars(value, end, out);
      return read.ec == std::errc() && read.ptr == end;
    };
  };
  // Each tells whether it understood its value.
  const std::map<std::string, std::function<bool(const char*)>> options = {
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
      {"--seed", number(arguments.seed)},
      {"--openai-webhook-url", text(arguments.openai_webhook_url)},
      {"--openai-webhook-secret", text(arguments.openai_webhook_secret)},
      {"--sip", text(arguments.sip)},
      {"--tls-cert", text(arguments.tls_cert)},
      {"--tls-key", text(arguments.tls_key)},
      {"--state", text(arguments.state)}};
  for (int i = 1; i < argc; i += 2) {
    if (std::strcmp(argv[i], "--") == 0 && i + 1 < argc) {
      arguments.program.assign(argv + i + 1, argv + argc);
      return arguments;
    }
    const auto option = options.find(argv[i]);
    if (option == options.end() || i + 1 == argc || !option->second(argv[i + 1])) {
      fmt::print(stderr, "voicebridge-sim: not understood: {} {}\n", argv[i],
                 i + 1 == argc ? "" : argv[i + 1]);
      return std::nullopt;
    }
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
  std::optional<Caller> caller;
  std::vector<testing::SipCallPlan> sip;
};

/// Who calls the program under trial, of the scenario's "caller" and "sip".
Result<> load_callers(JsonView json, const std::string& sounds, Scenario& scenario) {
  if (json["caller"].exists()) {
    auto plan = testing::CallPlan::parse(json["caller"]["plan"], sounds);
    if (!plan) return fail(plan.error());
    Caller caller;
    caller.from = json["caller"]["from"].string_or(caller.from);
    caller.to = json["caller"]["to"].string_or(caller.to);
    caller.plan = std::move(*plan);
    scenario.caller = std::move(caller);
  }
  if (!json["sip"].exists()) return {};
  auto calls = testing::SipCallPlan::parse_all(json["sip"], sounds);
  if (!calls) return fail(calls.error());
  scenario.sip = std::move(*calls);
  return {};
}

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
  const std::string sounds = (*json)["sounds"].string_or(folder_of(path));
  if (auto callers = load_callers(json->root(), sounds, scenario); !callers) {
    return fail(callers.error());
  }
  if (!(*json)["lead"].exists()) return scenario;
  auto lead = testing::CallPlan::parse((*json)["lead"], sounds);
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

/// What the program under trial has to be told.
Settings settings(const Simulators& sides, const Arguments& arguments) {
  const auto& [openai, telnyx, twilio] = sides;
  const std::string number = "+12025550100";
  return {
      {"OPENAI_API_KEY", openai->api_key()},
      {"OPENAI_BASE_URL", openai->base_url()},
      {"OPENAI_REALTIME_URL", openai->realtime_url()},
      {"OPENAI_WEBHOOK_SECRET", openai->webhook_secret()},
      {"OPENAI_PROJECT_ID", openai->project_id()},
      {"TELNYX_API_KEY", telnyx->api_key()},
      {"TELNYX_API_BASE", telnyx->base_url()},
      {"TELNYX_PUBLIC_KEY", telnyx->public_key_base64()},
      {"TELNYX_CALL_CONTROL_APP_ID",
       arguments.connection_id.empty() ? "1684641123236054244" : arguments.connection_id},
      {"TELNYX_OUTBOUND_CALLER_ID", number},
      {"TWILIO_ACCOUNT_SID", twilio->account_sid()},
      {"TWILIO_AUTH_TOKEN", twilio->auth_token()},
      {"TWILIO_API_BASE", twilio->base_url()},
      {"TWILIO_CALLER_ID", arguments.twilio_number.empty() ? number : arguments.twilio_number},
  };
}

void print_settings(const Simulators& sides, const Arguments& arguments) {
  fmt::print("Set these for the server under trial:\n\n");
  for (const auto& [name, value] : settings(sides, arguments)) {
    fmt::print("export {}={}\n", name, value);
  }
  fmt::print(
      "\nState: {}://127.0.0.1:{}/__sim/state (model), http://127.0.0.1:{}/__sim/state (Telnyx), "
      "http://127.0.0.1:{}/__sim/state (Twilio)\n",
      arguments.tls_key.empty() ? "http" : "https", sides.openai->port(), sides.telnyx->port(),
      sides.twilio->port());
  fmt::print("Stop with Ctrl-C.\n");
  std::fflush(stdout);
}

/// Where the program under trial hears of calls, unless the arguments say so.
Result<std::uint16_t> point_at_program(Arguments& arguments) {
  const auto port = program_port();
  if (!port) return port;
  const std::string address = "http://127.0.0.1:" + std::to_string(*port);
  const auto unless_told = [&address](std::string& url, const char* path) {
    if (url.empty()) url = address + path;
  };
  unless_told(arguments.webhook_url, "/telnyx/webhooks");
  unless_told(arguments.openai_webhook_url, "/openai/webhook");
  unless_told(arguments.twilio_voice_url, "/twilio/voice");
  return port;
}

Result<Simulators> make_simulators(Runtime& runtime, Scenario& scenario,
                                   const Arguments& arguments) {
  Simulators sides;
  testing::OpenAiSimulatorOptions model;
  model.port = arguments.openai_port;
  model.api_key = arguments.openai_key;
  model.webhook_url = arguments.openai_webhook_url;
  model.webhook_secret = arguments.openai_webhook_secret;
  model.tls_certificate_file = arguments.tls_cert;
  model.tls_key_file = arguments.tls_key;
  auto openai = testing::OpenAiSimulator::create(runtime, std::move(scenario.model), model);
  if (!openai) return fail(openai.error());
  sides.openai = std::move(*openai);

  testing::TelnyxSimulatorOptions carrier;
  carrier.port = arguments.telnyx_port;
  carrier.carrier.api_key = arguments.telnyx_key;
  carrier.carrier.connection_id = arguments.connection_id;
  carrier.carrier.webhook_url = arguments.webhook_url;
  carrier.carrier.plan = scenario.lead;
  carrier.carrier.seed = arguments.seed;
  carrier.carrier.wall_time = 0;
  auto telnyx = testing::TelnyxSimulator::create(runtime, std::move(carrier));
  if (!telnyx) return fail(telnyx.error());
  sides.telnyx = std::move(*telnyx);

  testing::TwilioSimulatorOptions phone;
  phone.port = arguments.twilio_port;
  phone.carrier.voice_url = arguments.twilio_voice_url;
  if (!arguments.twilio_number.empty()) phone.carrier.numbers = {arguments.twilio_number};
  phone.carrier.plan = std::move(scenario.lead);
  phone.carrier.seed = arguments.seed;
  phone.openai = sides.openai.get();
  auto twilio = testing::TwilioSimulator::create(runtime, std::move(phone));
  if (!twilio) return fail(twilio.error());
  sides.twilio = std::move(*twilio);
  return sides;
}

Result<> write_state(const Simulators& sides, const std::string& path) {
  if (path.empty()) return {};
  std::ofstream file(path);
  file << R"({"openai":)" << sides.openai->state_json() << R"(,"telnyx":)"
       << sides.telnyx->state_json() << R"(,"twilio":)" << sides.twilio->state_json() << "}\n";
  file.close();
  return file ? Result<>() : fail(Errc::unavailable, "cannot write " + path);
}

/// Until a signal comes. The calls by SIP arrive a second after the start.
int serve(const Simulators& sides, const std::vector<testing::SipCallPlan>& sip,
          const sigset_t& signals) {
  const timespec moment{1, 0};
  int signal = sip.empty() ? 0 : sigtimedwait(&signals, nullptr, &moment);
  if (signal > 0) return 0;
  for (const auto& plan : sip) fmt::print("SIP call {}\n", sides.openai->sip_call(plan));
  std::fflush(stdout);
  sigwait(&signals, &signal);
  return 0;
}

/// Signals come by `sigwait` only: to be called before there are threads.
sigset_t block_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  sigdelset(&signals, SIGCHLD);
  return signals;
}

}  // namespace

int main(int argc, char** argv) {
  const bool help =
      argc > 1 && (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0);
  auto arguments = help ? std::nullopt : parse(argc, argv);
  if (!arguments) {
    fmt::print(help ? stdout : stderr, "{}", kUsage);
    return help ? 0 : 2;
  }
  const sigset_t signals = block_signals();
  auto scenario = load(arguments->scenario);
  if (!scenario) return fault(scenario.error());
  auto sip = load_sip(arguments->sip);
  if (!sip) return fault(sip.error());
  std::move(sip->begin(), sip->end(), std::back_inserter(scenario->sip));
  Result<std::uint16_t> port = 0;
  if (!arguments->program.empty()) port = point_at_program(*arguments);
  if (!port) return fault(port.error());
  auto runtime = Runtime::create({});
  if (!runtime) return fault(runtime.error());
  const auto sides = make_simulators(**runtime, *scenario, *arguments);
  if (!sides) return fault(sides.error());

  Result<int> code = 0;
  if (arguments->program.empty()) {
    print_settings(*sides, *arguments);
    code = serve(*sides, scenario->sip, signals);
  } else {
    code = try_program(arguments->program, *port, settings(*sides, *arguments), *sides,
                       {std::move(scenario->caller), std::move(scenario->sip)});
  }
  if (!code) return fault(code.error());
  const auto written = write_state(*sides, arguments->state);
  return written ? *code : fault(written.error());
}
