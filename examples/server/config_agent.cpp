#include "config_values.hpp"
#include "prices.hpp"

namespace server {

using namespace values;

namespace {

Result<> carrier(Config& config, const std::string& value) {
  if (!value.empty() && value != "telnyx" && value != "twilio") {
    return wrong("must be telnyx or twilio");
  }
  config.carrier = value;
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

}  // namespace

std::vector<Variable> agent_variables() {
  return {
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
  };
}

}  // namespace server
