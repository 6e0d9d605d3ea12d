#include <fmt/format.h>

#include "config_values.hpp"

namespace server {

using namespace values;

namespace {

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

Result<> incoming_by(Config& config, const std::string& value) {
  if (value != "stream" && value != "sip") return wrong("must be stream or sip");
  config.twilio_by_sip = value == "sip";
  return {};
}

}  // namespace

std::vector<Variable> twilio_variables() {
  return {
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
       "Twilio's own voice, heard when the model is lost: Polly.Joanna, Google.…; empty: its "
       "choice",
       text<&Config::twilio_voice>},
      {"Twilio", "TWILIO_INCOMING", "stream", false,
       "How callers get their agent: stream (media streams) or sip (OpenAI's SIP connector, in a "
       "conference; needs OPENAI_PROJECT_ID and OPENAI_WEBHOOK_SECRET)",
       incoming_by},
  };
}

}  // namespace server
