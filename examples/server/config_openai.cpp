#include "config_values.hpp"
#include "voicebridge/core/base64.hpp"

namespace server {

using namespace values;

namespace {

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

}  // namespace

std::vector<Variable> openai_variables() {
  return {
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
       "With 0 above: longest piece handed over at once",
       number<&Config::max_commit_ms, 100, 30000>},
      {"OpenAI, calls by SIP", "OPENAI_WEBHOOK_SECRET", "", false,
       "Verifies webhooks (whsec_…); two with a comma between while one is rotated; empty: no "
       "calls "
       "by "
       "SIP",
       webhook_secrets},
      {"OpenAI, calls by SIP", "OPENAI_PROJECT_ID", "", false,
       "The project that calls come to: its SIP address is sip:ID@sip.api.openai.com;transport=tls",
       project_id},
  };
}

}  // namespace server
