#include "config.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>

#include "voicebridge/core/crypto.hpp"
#include "voicebridge/core/phone_number.hpp"
#include "voicebridge/net/http.hpp"

namespace server {
namespace {

using voicebridge::AudioFormat;
using voicebridge::Errc;
using voicebridge::fail;
using voicebridge::Result;
using voicebridge::Secret;
using voicebridge::TickPolicy;

using Apply = Result<> (*)(Config&, const std::string&);

/// One variable of the environment.
struct Variable {
  const char* group;
  const char* name;
  const char* fallback;  ///< Empty: nothing.
  bool needed;           ///< For OpenAI's calls in its group, for the carrier's in the others.
  const char* meaning;
  Apply apply;
};

Result<> wrong(std::string message) { return fail(Errc::invalid_argument, std::move(message)); }

template <std::string Config::*Member>
Result<> text(Config& config, const std::string& value) {
  config.*Member = value;
  return {};
}

template <Secret Config::*Member>
Result<> secret(Config& config, const std::string& value) {
  config.*Member = Secret(value);
  return {};
}

template <bool Config::*Member>
Result<> flag(Config& config, const std::string& value) {
  if (value != "0" && value != "1") return wrong("must be 0 or 1");
  config.*Member = value == "1";
  return {};
}

Result<int> whole_number(const std::string& value, int low, int high) {
  char* end = nullptr;
  const long number = std::strtol(value.c_str(), &end, 10);
  if (value.empty() || *end != '\0' || number < low || number > high) {
    return fail(Errc::invalid_argument,
                fmt::format("must be a whole number from {} to {}", low, high));
  }
  return static_cast<int>(number);
}

template <int Config::*Member, int Low, int High>
Result<> number(Config& config, const std::string& value) {
  const Result<int> parsed = whole_number(value, Low, High);
  if (!parsed) return fail(parsed.error());
  config.*Member = *parsed;
  return {};
}

/// An address with one of the schemes, which come as "http https".
template <std::string Config::*Member>
Result<> url(Config& config, const std::string& value, std::string_view schemes) {
  if (value.empty()) return {};
  const auto parsed = voicebridge::parse_url(value);
  if (!parsed ||
      fmt::format(" {} ", schemes).find(" " + parsed->scheme + " ") == std::string::npos) {
    return wrong(fmt::format("must be an address that begins with {}://",
                             schemes.substr(schemes.rfind(' ') + 1)));
  }
  config.*Member = value;
  while (!(config.*Member).empty() && (config.*Member).back() == '/') (config.*Member).pop_back();
  return {};
}

template <std::string Config::*Member>
Result<> http_url(Config& config, const std::string& value) {
  return url<Member>(config, value, "http https");
}

template <std::string Config::*Member>
Result<> ws_url(Config& config, const std::string& value) {
  return url<Member>(config, value, "ws wss");
}

Result<> port(Config& config, const std::string& value) {
  const Result<int> parsed = whole_number(value, 0, 65535);
  if (!parsed) return fail(parsed.error());
  config.port = static_cast<std::uint16_t>(*parsed);
  return {};
}

Result<> caller_id(Config& config, const std::string& value) {
  if (!value.empty() && !voicebridge::looks_like_e164(value)) {
    return wrong("must be a number in international form, such as +15550100");
  }
  config.telnyx_caller_id = value;
  return {};
}

Result<> public_key(Config& config, const std::string& value) {
  if (!value.empty() && !voicebridge::Ed25519PublicKey::parse(value)) {
    return wrong(
        "is no Ed25519 public key: copy it from the portal, Keys & Credentials, Public Key");
  }
  config.telnyx_public_key = value;
  return {};
}

Result<> codec(Config& config, const std::string& value) {
  if (value == "PCMU")
    config.telnyx_codec = AudioFormat::pcmu();
  else if (value == "PCMA")
    config.telnyx_codec = AudioFormat::pcma();
  else
    return wrong("must be PCMU (North America) or PCMA (Europe)");
  return {};
}

Result<> amd(Config& config, const std::string& value) {
  if (value != "premium" && value != "off") return wrong("must be premium or off");
  config.detect_machine = value == "premium";
  return {};
}

Result<> on_machine(Config& config, const std::string& value) {
  if (value != "hang_up" && value != "leave_message")
    return wrong("must be hang_up or leave_message");
  config.leave_message = value == "leave_message";
  return {};
}

Result<> language(Config& config, const std::string& value) {
  if (value != "en" && value != "fr") return wrong("must be en or fr");
  config.language = value;
  return {};
}

Result<> tick(Config& config, const std::string& value) {
  if (value == "off")
    config.tick.mode = TickPolicy::Mode::off;
  else if (value == "load")
    config.tick.mode = TickPolicy::Mode::by_load;
  else {
    const Result<int> micros = whole_number(value, 200, 20000);
    if (!micros)
      return wrong("must be off, load, or the microseconds of a fixed tick (200 to 20000)");
    config.tick.mode = TickPolicy::Mode::fixed;
    config.tick.interval = voicebridge::Micros(*micros);
  }
  return {};
}

Result<> log_level(Config& config, const std::string& value) {
  using voicebridge::LogLevel;
  for (const LogLevel level :
       {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error, LogLevel::off}) {
    if (value == voicebridge::to_string(level)) {
      config.log_level = level;
      return {};
    }
  }
  return wrong("must be debug, info, warn, error or off");
}

const Variable kVariables[] = {
    {"Server", "HOST", "127.0.0.1", false, "Address to listen on", text<&Config::host>},
    {"Server", "PORT", "8080", false, "Port to listen on; 0: a free one", port},
    {"Server", "PUBLIC_APP_URL", "", true,
     "https:// address under which carriers reach this server", http_url<&Config::public_app_url>},
    {"Server", "VOICEBRIDGE_API_TOKEN", "", false,
     "Bearer token of the tool routes; needed unless HOST is a loopback address",
     secret<&Config::api_token>},
    {"Server", "VOICEBRIDGE_TLS_CERT", "", false,
     "PEM certificate chain; with VOICEBRIDGE_TLS_KEY the port speaks TLS",
     text<&Config::tls_certificate_file>},
    {"Server", "VOICEBRIDGE_TLS_KEY", "", false, "PEM private key", text<&Config::tls_key_file>},
    {"Server", "VOICEBRIDGE_THREADS", "1", false, "Event loops, one thread each",
     number<&Config::threads, 1, 256>},
    {"Server", "VOICEBRIDGE_TICK", "off", false,
     "Serve ready sockets together: off, load, or microseconds", tick},
    {"OpenAI", "OPENAI_API_KEY", "", true, "Key of the speech model's service",
     secret<&Config::openai_api_key>},
    {"OpenAI", "OPENAI_BASE_URL", "https://api.openai.com/v1", false,
     "Address of the API, or of one that speaks it", http_url<&Config::openai_base_url>},
    {"OpenAI", "OPENAI_REALTIME_URL", "", false,
     "wss:// address of the sessions, instead of the one made from the base",
     ws_url<&Config::openai_realtime_url>},
    {"OpenAI", "OPENAI_REALTIME_MODEL", "gpt-realtime-2.1", false, "Model",
     text<&Config::openai_model>},
    {"OpenAI", "OPENAI_REALTIME_VOICE", "marin", false, "Voice", text<&Config::openai_voice>},
    {"OpenAI", "OPENAI_TRANSCRIPTION_MODEL", "gpt-transcribe", false,
     "Writes down what callers say; empty: off", text<&Config::openai_transcription_model>},
    {"OpenAI", "REALTIME_USE_SERVER_VAD", "1", false,
     "1: the model finds the end of a turn; 0: it is found here", flag<&Config::server_vad>},
    {"OpenAI", "REALTIME_MIN_COMMIT_MS", "120", false, "With 0 above: shorter speech is noise",
     number<&Config::min_commit_ms, 100, 10000>},
    {"OpenAI", "REALTIME_MAX_COMMIT_MS", "800", false,
     "With 0 above: longest piece handed over at once", number<&Config::max_commit_ms, 100, 30000>},
    {"Telnyx", "TELNYX_API_KEY", "", true, "Key of the API (begins with KEY)",
     secret<&Config::telnyx_api_key>},
    {"Telnyx", "TELNYX_API_BASE", "https://api.telnyx.com/v2", false, "Address of the API",
     http_url<&Config::telnyx_api_base>},
    {"Telnyx", "TELNYX_PUBLIC_KEY", "", true,
     "Verifies webhooks: portal, Keys & Credentials, Public Key", public_key},
    {"Telnyx", "TELNYX_CALL_CONTROL_APP_ID", "", true, "The Call Control application's id",
     text<&Config::telnyx_app_id>},
    {"Telnyx", "TELNYX_OUTBOUND_CALLER_ID", "", true, "Number of yours that calls come from",
     caller_id},
    {"Telnyx", "TELNYX_WEBHOOK_URL", "", false,
     "Where call events go; empty: PUBLIC_APP_URL/telnyx/webhooks",
     http_url<&Config::telnyx_webhook_url>},
    {"Telnyx", "TELNYX_STREAM_URL", "", false,
     "wss:// address of the media stream, or a template with {call_control_id}; empty: from "
     "PUBLIC_APP_URL",
     text<&Config::telnyx_stream_url>},
    {"Telnyx", "TELNYX_STREAM_CODEC", "PCMU", false, "Codec asked for: PCMU or PCMA", codec},
    {"Telnyx", "TELNYX_VOICE", "AWS.Polly.Joanna-Neural", false,
     "The carrier's own voice, heard when the model is lost", text<&Config::telnyx_voice>},
    {"Telnyx", "VOICEBRIDGE_AMD", "premium", false, "Answering machine detection: premium or off",
     amd},
    {"Telnyx", "VOICEBRIDGE_ON_MACHINE", "hang_up", false,
     "What a machine gets: hang_up or leave_message", on_machine},
    {"Agent", "VOICEBRIDGE_LANGUAGE", "en", false, "Language of the agent: en or fr", language},
    {"Agent", "VOICEBRIDGE_BUSINESS", "Northwind Heating", false, "Whom the agent speaks for",
     text<&Config::business>},
    {"Agent", "VOICEBRIDGE_REGION", "US", false,
     "Country of phone numbers in national form (ISO 3166)", text<&Config::region>},
    {"Agent", "VOICEBRIDGE_MAX_CALLS", "100", false, "Calls at once",
     number<&Config::max_calls, 1, 100000>},
    {"Data", "VOICEBRIDGE_DATABASE", "voicebridge.db", false, "SQLite file of leads and calls",
     text<&Config::database>},
    {"Data", "VOICEBRIDGE_RECORD_DIR", "", false,
     "Folder for stereo recordings; empty: none are made", text<&Config::record_dir>},
    {"Log", "VOICEBRIDGE_LOG", "info", false, "debug, info, warn, error or off", log_level},
    {"Log", "VOICEBRIDGE_LOG_JSON", "0", false, "1: one JSON object a line",
     flag<&Config::log_json>},
    {"Log", "VOICEBRIDGE_LOG_PHONES", "0", false, "1: phone numbers in full",
     flag<&Config::log_phones>},
    {"Log", "VOICEBRIDGE_LOG_TRANSCRIPTS", "0", false, "1: spoken words",
     flag<&Config::log_transcripts>},
};

/// Rules that look at more than one variable.
void check_together(const Config& config, std::vector<Fault>& faults) {
  if (!config.on_loopback() && config.api_token.empty()) {
    faults.push_back(
        {"VOICEBRIDGE_API_TOKEN",
         "is needed because HOST is not a loopback address: anybody could start calls"});
  }
  if (config.tls_certificate_file.empty() != config.tls_key_file.empty()) {
    faults.push_back(
        {"VOICEBRIDGE_TLS_CERT", "and VOICEBRIDGE_TLS_KEY go together: set both or none"});
  }
  if (config.min_commit_ms > config.max_commit_ms) {
    faults.push_back({"REALTIME_MIN_COMMIT_MS", "must not be more than REALTIME_MAX_COMMIT_MS"});
  }
  if (!config.telnyx_stream_url.empty() && config.telnyx_stream_url.rfind("ws", 0) != 0) {
    faults.push_back({"TELNYX_STREAM_URL", "must be an address that begins with wss://"});
  }
}

bool is_needed(const Variable& variable, const Environment& environment, Needs needs) {
  if (!variable.needed) return false;
  if (variable.apply == http_url<&Config::public_app_url>) {
    // It only serves to make the two others, which may have been given.
    const auto stream = environment("TELNYX_STREAM_URL");
    return needs.telnyx && (!stream || stream->empty());
  }
  return std::string_view(variable.group) == "OpenAI" ? needs.openai : needs.telnyx;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

bool Config::on_loopback() const {
  return host == "127.0.0.1" || host == "::1" || host == "localhost";
}

voicebridge::LogOptions Config::log_options() const {
  voicebridge::LogOptions options;
  options.level = log_level;
  options.show_phone_numbers = log_phones;
  options.show_transcripts = log_transcripts;
  if (log_json) {
    options.sink = [](const voicebridge::LogRecord& record) {
      fmt::print(stderr, "{}\n", voicebridge::format_log_json(record));
    };
  }
  return options;
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

Result<Environment> environment_with_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(Errc::not_found, "cannot read " + path);
  auto values = std::make_shared<std::map<std::string, std::string>>();
  std::string line;
  for (int at = 1; std::getline(file, line); ++at) {
    line = trimmed(line);
    if (line.empty() || line[0] == '#') continue;
    const auto equals = line.find('=');
    if (equals == std::string::npos) {
      return fail(Errc::invalid_argument,
                  fmt::format("{}, line {}: NAME=value expected", path, at));
    }
    std::string value = trimmed(line.substr(equals + 1));
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0]) {
      value = value.substr(1, value.size() - 2);
    }
    (*values)[trimmed(line.substr(0, equals))] = value;
  }
  return Environment([values, process = process_environment()](const std::string& name) {
    if (auto value = process(name)) return value;
    const auto found = values->find(name);
    return found == values->end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

tl::expected<Config, std::vector<Fault>> load_config(const Environment& environment, Needs needs) {
  Config config;
  std::vector<Fault> faults;
  for (const Variable& variable : kVariables) {
    const auto set = environment(variable.name);
    const std::string value = set && !set->empty() ? *set : variable.fallback;
    if (value.empty() && is_needed(variable, environment, needs)) {
      faults.push_back({variable.name, fmt::format("is not set. {}.", variable.meaning)});
      continue;
    }
    // Set to nothing on purpose: an optional feature is switched off.
    const std::string& chosen = set && set->empty() && !variable.needed ? *set : value;
    const bool keep_default = chosen.empty() && *variable.fallback != '\0' &&
                              variable.apply != text<&Config::openai_transcription_model>;
    if (const auto applied = variable.apply(config, keep_default ? variable.fallback : chosen);
        !applied) {
      faults.push_back({variable.name, applied.error().message});
    }
  }
  check_together(config, faults);
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return config;
}

std::string describe_variables() {
  std::string text;
  std::string_view group;
  for (const Variable& v : kVariables) {
    if (group != v.group) text += fmt::format("\n{}\n", group = v.group);
    const std::string fallback = *v.fallback != '\0' ? fmt::format(" [{}]", v.fallback) : "";
    text +=
        fmt::format("  {:<28}{}{}{}\n", v.name, v.meaning, fallback, v.needed ? " (needed)" : "");
  }
  return text;
}

std::string env_example() {
  std::string text =
      "# Copy to .env, fill in, and start with: voicebridge-server serve --env-file .env\n";
  std::string_view group;
  for (const Variable& v : kVariables) {
    if (group != v.group) text += fmt::format("\n# --- {}\n", group = v.group);
    text += fmt::format("# {}\n{}{}={}\n", v.meaning, v.needed ? "" : "#", v.name, v.fallback);
  }
  return text;
}

}  // namespace server
