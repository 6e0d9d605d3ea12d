#include "config_variables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "prices.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/crypto.hpp"
#include "voicebridge/core/phone_number.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/telnyx/media_format.hpp"

namespace server {
namespace {

using voicebridge::AudioEncoding;
using voicebridge::Errc;
using voicebridge::fail;
using voicebridge::Result;
using voicebridge::Secret;
using voicebridge::TickPolicy;

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

template <std::string Config::*Member>
Result<> caller_id(Config& config, const std::string& value) {
  if (!value.empty() && !voicebridge::looks_like_e164(value)) {
    return wrong("must be a number in international form, such as +12025550100");
  }
  config.*Member = value;
  return {};
}

/// A name of Twilio's: two letters, then 32 hexadecimal digits.
template <std::string Config::*Member>
Result<> sid(Config& config, const std::string& value, std::string_view letters, const char* what) {
  const bool good = value.size() == 34 && value.compare(0, 2, letters) == 0 &&
                    value.find_first_not_of("0123456789abcdef", 2) == std::string::npos;
  if (!value.empty() && !good) {
    return wrong(
        fmt::format("is no {}: it is {} and 32 digits or letters from a to f", what, letters));
  }
  config.*Member = value;
  return {};
}

Result<> account_sid(Config& config, const std::string& value) {
  return sid<&Config::twilio_account_sid>(config, value, "AC", "account SID");
}

Result<> api_key_sid(Config& config, const std::string& value) {
  return sid<&Config::twilio_api_key>(config, value, "SK", "API key's SID");
}

Result<> carrier(Config& config, const std::string& value) {
  if (!value.empty() && value != "telnyx" && value != "twilio") {
    return wrong("must be telnyx or twilio");
  }
  config.carrier = value;
  return {};
}

Result<> incoming_by(Config& config, const std::string& value) {
  if (value != "stream" && value != "sip") return wrong("must be stream or sip");
  config.twilio_by_sip = value == "sip";
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
  const auto format = voicebridge::telnyx::stream_format(value);
  if (!format) return wrong(format.error().message);
  config.telnyx_codec = *format;
  return {};
}

Result<> l16_byte_order(Config& config, const std::string& value) {
  if (value != "little" && value != "big") return wrong("must be little or big");
  config.telnyx_l16 = value == "big" ? AudioEncoding::l16be : AudioEncoding::l16le;
  return {};
}

Result<> stream_start(Config& config, const std::string& value) {
  if (value != "answer" && value != "dial") return wrong("must be answer or dial");
  config.telnyx_stream_at_dial = value == "dial";
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

/// Pieces between separators, without the blanks around them; empty ones left out.
std::vector<std::string> pieces_of(const std::string& text, char separator) {
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    const std::string piece = text.substr(begin, end - begin);
    const std::size_t first = piece.find_first_not_of(" \t");
    if (first != std::string::npos) {
      pieces.push_back(piece.substr(first, piece.find_last_not_of(" \t") - first + 1));
    }
    begin = end + 1;
  }
  return pieces;
}

Result<> webhook_secrets(Config& config, const std::string& value) {
  constexpr std::string_view kPrefix = "whsec_";
  const auto secrets = pieces_of(value, ',');
  if (secrets.size() > 2) return wrong("must be one secret, or two while one is rotated");
  for (const std::string& text : secrets) {
    const bool prefixed = text.compare(0, kPrefix.size(), kPrefix) == 0;
    const auto key = voicebridge::base64_decode(prefixed ? text.substr(kPrefix.size()) : "");
    if (!prefixed || !key || key->empty()) {
      return wrong(
          "is no signing secret: it begins with whsec_, and is shown when the webhook is made");
    }
    config.openai_webhook_secrets.emplace_back(text);
  }
  return {};
}

Result<> project_id(Config& config, const std::string& value) {
  const bool good = value.find_first_not_of(
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789_-") == std::string::npos;
  if (!value.empty() && (!good || value.compare(0, 5, "proj_") != 0)) {
    return wrong("must be a project's id, such as proj_AbC123");
  }
  config.openai_project_id = value;
  return {};
}

Result<> extra_headers(Config& config, const std::string& value) {
  for (const std::string& header : pieces_of(value, ';')) {
    const std::size_t colon = header.find(':');
    const std::size_t begin = header.find_first_not_of(" \t", colon + 1);
    if (colon == std::string::npos || colon == 0 || begin == std::string::npos) {
      return wrong("must be headers, such as X-Team: voice; X-Stage: test");
    }
    config.openai_headers.add(header.substr(0, colon), header.substr(begin));
  }
  return {};
}

Result<> path(Config& config, const std::string& value) {
  if (value.empty() || value.front() != '/') return wrong("must begin with /");
  config.openai_path = value;
  return {};
}

Result<> budget(Config& config, const std::string& value) {
  if (value.empty()) return {};
  char* end = nullptr;
  config.budget_usd = std::strtod(value.c_str(), &end);
  // Written so that "nan" is wrong too.
  if (*end != '\0' || !(config.budget_usd > 0 && config.budget_usd <= 1000)) {
    return wrong("must be an amount above 0 and up to 1000, such as 0.50");
  }
  return {};
}

Result<> prices(Config& config, const std::string& value) {
  if (value.empty()) return {};
  auto loaded = load_prices(value);
  if (!loaded) return wrong(loaded.error().message);
  config.prices = std::move(*loaded);
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

const std::vector<Variable> kVariables = {
    {"Server", "HOST", "127.0.0.1", false, "Address to listen on", text<&Config::host>},
    {"Server", "PORT", "8080", false, "Port to listen on; 0: a free one", port},
    {"Server", "PUBLIC_APP_URL", "", true,
     "https:// address under which carriers reach this server", http_url<&Config::public_app_url>},
    {"Server", "VOICEBRIDGE_API_TOKEN", "", false,
     "Bearer token of /api, /tools and /admin; needed unless HOST is a loopback address",
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
    {"OpenAI", "OPENAI_REALTIME_PATH", "/realtime", false, "What stands behind the base address",
     path},
    {"OpenAI", "OPENAI_QUERY", "", false, "Of every address, without the ?: api-version=…",
     text<&Config::openai_query>},
    {"OpenAI", "OPENAI_AUTH_HEADER", "Authorization", false,
     "Carries \"Bearer\" and the key; any other name, such as api-key, the bare key",
     text<&Config::openai_auth_header>},
    {"OpenAI", "OPENAI_HEADERS", "", false, "More headers: X-Team: voice; X-Stage: test",
     extra_headers},
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
    {"OpenAI, calls by SIP", "OPENAI_WEBHOOK_SECRET", "", false,
     "Verifies webhooks (whsec_…); two with a comma between while one is rotated; empty: no calls "
     "by "
     "SIP",
     webhook_secrets},
    {"OpenAI, calls by SIP", "OPENAI_PROJECT_ID", "", false,
     "The project that calls come to: its SIP address is sip:ID@sip.api.openai.com;transport=tls",
     project_id},
    {"Telnyx", "TELNYX_API_KEY", "", true, "Key of the API (begins with KEY)",
     secret<&Config::telnyx_api_key>},
    {"Telnyx", "TELNYX_API_BASE", "https://api.telnyx.com/v2", false, "Address of the API",
     http_url<&Config::telnyx_api_base>},
    {"Telnyx", "TELNYX_PUBLIC_KEY", "", true,
     "Verifies webhooks: portal, Keys & Credentials, Public Key", public_key},
    {"Telnyx", "TELNYX_CALL_CONTROL_APP_ID", "", true, "The Call Control application's id",
     text<&Config::telnyx_app_id>},
    {"Telnyx", "TELNYX_OUTBOUND_CALLER_ID", "", true, "Number of yours that calls come from",
     caller_id<&Config::telnyx_caller_id>},
    {"Telnyx", "TELNYX_WEBHOOK_URL", "", false,
     "Where call events go; empty: PUBLIC_APP_URL/telnyx/webhooks",
     http_url<&Config::telnyx_webhook_url>},
    {"Telnyx", "TELNYX_STREAM_URL", "", false,
     "wss:// address of the media stream, or a template with {call_control_id}; empty: from "
     "PUBLIC_APP_URL",
     text<&Config::telnyx_stream_url>},
    {"Telnyx", "TELNYX_STREAM_CODEC", "PCMU", false,
     "Codec asked for: PCMU, PCMA, G722, L16/8000, L16/16000, L16/24000, OPUS/8000, OPUS/16000, "
     "OPUS/48000",
     codec},
    {"Telnyx", "TELNYX_L16_BYTE_ORDER", "little", false,
     "Byte order of L16, which Telnyx does not document: little or big", l16_byte_order},
    {"Telnyx", "TELNYX_STREAM_START", "answer", false,
     "When the media stream is asked for: answer, or dial, which saves a round trip", stream_start},
    {"Telnyx", "TELNYX_VOICE", "AWS.Polly.Joanna-Neural", false,
     "The carrier's own voice, heard when the model is lost", text<&Config::telnyx_voice>},
    {"Twilio", "TWILIO_ACCOUNT_SID", "", true, "The account (AC…): console, Account Info",
     account_sid},
    {"Twilio", "TWILIO_AUTH_TOKEN", "", true,
     "The account's auth token: verifies webhooks, and commands calls when there is no API key",
     secret<&Config::twilio_auth_token>},
    {"Twilio", "TWILIO_CALLER_ID", "", true, "Number of yours that calls come from",
     caller_id<&Config::twilio_caller_id>},
    {"Twilio", "TWILIO_AUTH_TOKEN_SECONDARY", "", false,
     "The other auth token, while one takes the place of the other",
     secret<&Config::twilio_auth_token_secondary>},
    {"Twilio", "TWILIO_API_KEY", "", false,
     "API key (SK…) that commands calls in place of the auth token", api_key_sid},
    {"Twilio", "TWILIO_API_SECRET", "", false, "Its secret, shown once",
     secret<&Config::twilio_api_secret>},
    {"Twilio", "TWILIO_API_BASE", "https://api.twilio.com", false, "Address of the API",
     http_url<&Config::twilio_api_base>},
    {"Twilio", "TWILIO_VOICE", "", false,
     "Twilio's own voice, heard when the model is lost: Polly.Joanna, Google.…; empty: its choice",
     text<&Config::twilio_voice>},
    {"Twilio", "TWILIO_INCOMING", "stream", false,
     "How callers get their agent: stream (media streams) or sip (OpenAI's SIP connector, in a "
     "conference; needs OPENAI_PROJECT_ID and OPENAI_WEBHOOK_SECRET)",
     incoming_by},
    {"Calls", "VOICEBRIDGE_CARRIER", "", false,
     "Who dials when a request names no carrier: telnyx or twilio; empty: the one that is "
     "configured, of both Telnyx",
     carrier},
    {"Calls", "VOICEBRIDGE_AMD", "premium", false, "Answering machine detection: premium or off",
     amd},
    {"Calls", "VOICEBRIDGE_ON_MACHINE", "hang_up", false,
     "What a machine gets: hang_up or leave_message", on_machine},
    {"Agent", "VOICEBRIDGE_AGENTS", "", false,
     "JSON file of the agents, or a folder of them (docs/agents.md); empty: the sample agent",
     text<&Config::agents>},
    {"Agent", "VOICEBRIDGE_LANGUAGE", "en", false, "Language of the sample agent: en or fr",
     language},
    {"Agent", "VOICEBRIDGE_BUSINESS", "Northwind Heating", false,
     "Whom the sample agent speaks for", text<&Config::business>},
    {"Agent", "VOICEBRIDGE_REGION", "US", false,
     "Country of phone numbers in national form (ISO 3166)", text<&Config::region>},
    {"Agent", "VOICEBRIDGE_MAX_CALLS", "100", false, "Calls at once",
     number<&Config::max_calls, 1, 100000>},
    {"Agent", "VOICEBRIDGE_BUDGET_USD", "", false,
     "What one call may cost before it says goodbye, such as 0.50; empty: no limit", budget},
    {"Agent", "VOICEBRIDGE_PRICES", "", false,
     "JSON file of the models' prices (docs/openai.md); empty: those of November 2026", prices},
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

}  // namespace

const std::vector<Variable>& config_variables() { return kVariables; }

}  // namespace server
