#include "config.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>

#include "config_variables.hpp"

namespace server {
namespace {

using voicebridge::Errc;
using voicebridge::fail;
using voicebridge::Result;

/// Whether carriers can reach it: by https, or without on this machine, for simulators.
bool can_be_public(const std::string& address) {
  const auto url = voicebridge::parse_url(address);
  return url && (url->secure() || url->host == "127.0.0.1" || url->host == "localhost" ||
                 url->host == "::1" || url->host == "[::1]");
}

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
  if (config.twilio_api_key.empty() != config.twilio_api_secret.empty()) {
    faults.push_back({"TWILIO_API_KEY", "and TWILIO_API_SECRET go together: set both or none"});
  }
  if (config.has_twilio() && !config.public_app_url.empty() &&
      !can_be_public(config.public_app_url)) {
    faults.push_back(
        {"PUBLIC_APP_URL", "must begin with https://: Twilio opens media streams to wss:// only"});
  }
  if (config.twilio_by_sip &&
      (config.openai_project_id.empty() || config.openai_webhook_secrets.empty())) {
    faults.push_back({"TWILIO_INCOMING", "sip needs OPENAI_PROJECT_ID and OPENAI_WEBHOOK_SECRET"});
  }
  if (config.stores.leads == "supabase") {
    constexpr const char* kNeeded = "is needed because LEAD_STORE is supabase";
    if (config.stores.supabase_url.empty()) faults.push_back({"SUPABASE_URL", kNeeded});
    if (config.stores.supabase_key.empty()) {
      faults.push_back({"SUPABASE_SERVICE_ROLE_KEY", kNeeded});
    }
  }
  if (!config.telnyx_stream_url.empty() && config.telnyx_stream_url.rfind("ws", 0) != 0) {
    faults.push_back({"TELNYX_STREAM_URL", "must be an address that begins with wss://"});
  }
}

bool is(const Variable& variable, std::string_view name) { return variable.name == name; }
bool is_of(const Variable& variable, std::string_view group) { return variable.group == group; }

/// Which accounts there have to be, by what is said of them.
struct Wanted {
  bool openai = false;
  bool telnyx = false;
  bool twilio = false;

  bool carrier() const { return telnyx || twilio; }
  bool needs(const Variable& variable) const {
    if (is_of(variable, "OpenAI")) return openai;
    return is_of(variable, "Twilio") ? twilio : telnyx;
  }
};

bool is_set(const Environment& environment, const char* name) {
  const auto value = environment(name);
  return value && !value->empty();
}

/// Whether anything that calls by the carrier cannot do without is given.
bool is_meant(const Environment& environment, std::string_view group) {
  for (const Variable& variable : config_variables()) {
    if (is_of(variable, group) && variable.needed && is_set(environment, variable.name))
      return true;
  }
  return false;
}

/// Calls may come by OpenAI's SIP connector alone: then no carrier is needed.
Wanted wanted(const Environment& environment, Needs needs) {
  Wanted wanted;
  wanted.openai = needs.openai;
  if (!needs.carrier) return wanted;
  const std::string chosen = environment("VOICEBRIDGE_CARRIER").value_or("");
  wanted.twilio = chosen == "twilio" || is_meant(environment, "Twilio");
  wanted.telnyx = chosen == "telnyx" || is_meant(environment, "Telnyx");
  if (!wanted.carrier()) wanted.telnyx = !is_set(environment, "OPENAI_WEBHOOK_SECRET");
  return wanted;
}

bool is_needed(const Variable& variable, const Environment& environment, const Wanted& wanted) {
  if (!variable.needed) return false;
  if (is(variable, "PUBLIC_APP_URL")) {
    // For Telnyx it only serves to make the two others, which may have been given.
    return wanted.twilio || (wanted.telnyx && !is_set(environment, "TELNYX_STREAM_URL"));
  }
  return wanted.needs(variable);
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

namespace {

bool is_loopback(std::string_view host) {
  return host == "127.0.0.1" || host == "::1" || host == "[::1]" || host == "localhost";
}

}  // namespace

bool Config::on_loopback() const { return is_loopback(host); }

bool Config::is_private() const {
  if (!on_loopback()) return false;
  if (public_app_url.empty()) return true;
  const auto url = voicebridge::parse_url(public_app_url);
  return url && is_loopback(url->host);
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
  const Wanted accounts = wanted(environment, needs);
  for (const Variable& variable : config_variables()) {
    const auto set = environment(variable.name);
    const std::string value = set && !set->empty() ? *set : variable.fallback;
    if (value.empty() && is_needed(variable, environment, accounts)) {
      faults.push_back({variable.name, fmt::format("is not set. {}.", variable.meaning)});
      continue;
    }
    // Set to nothing on purpose: an optional feature is switched off.
    const std::string& chosen = set && set->empty() && !variable.needed ? *set : value;
    const bool keep_default =
        chosen.empty() && *variable.fallback != '\0' && !is(variable, "OPENAI_TRANSCRIPTION_MODEL");
    if (const auto applied = variable.apply(config, keep_default ? variable.fallback : chosen);
        !applied) {
      faults.push_back({variable.name, applied.error().message});
    }
  }
  check_together(config, faults);
  if (accounts.telnyx && !accounts.twilio && !is_meant(environment, "Telnyx")) {
    faults.push_back({"TWILIO_ACCOUNT_SID",
                      "or this, TWILIO_AUTH_TOKEN and TWILIO_CALLER_ID, for calls by Twilio"});
  }
  if (config.carrier.empty() && accounts.carrier()) {
    config.carrier = accounts.telnyx ? "telnyx" : "twilio";
  }
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return config;
}

namespace {

std::string need_of(const Variable& variable) {
  if (!variable.needed) return {};
  const bool of_carrier = is_of(variable, "Telnyx") || is_of(variable, "Twilio");
  return of_carrier ? fmt::format(" (needed for {})", variable.group) : " (needed)";
}

}  // namespace

std::string describe_variables() {
  std::string text;
  std::string_view group;
  for (const Variable& v : config_variables()) {
    if (group != v.group) text += fmt::format("\n{}\n", group = v.group);
    const std::string fallback = *v.fallback != '\0' ? fmt::format(" [{}]", v.fallback) : "";
    text += fmt::format("  {:<28}{}{}{}\n", v.name, v.meaning, fallback, need_of(v));
  }
  return text;
}

std::string env_example() {
  std::string text =
      "# Copy to .env, fill in, and start with: voicebridge-server serve --env-file .env\n";
  std::string_view group;
  for (const Variable& v : config_variables()) {
    if (group != v.group) {
      const bool of_carrier = is_of(v, "Telnyx") || is_of(v, "Twilio");
      text += fmt::format("\n# --- {}{}\n", v.group, of_carrier ? " (leave empty without it)" : "");
      group = v.group;
    }
    text += fmt::format("# {}\n{}{}={}\n", v.meaning, v.needed ? "" : "#", v.name, v.fallback);
  }
  return text;
}

}  // namespace server
