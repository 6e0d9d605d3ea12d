#include "config_values.hpp"

namespace server {

using namespace values;

namespace {

/// Country codes of two letters.
Result<> dial_countries(Config& config, const std::string& value) {
  for (const std::string& country : pieces_of(value, ',')) {
    const bool good = country.size() == 2 &&
                      country.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
    if (!good) return wrong("must be countries of two capital letters, such as FR,BE,CH");
    config.dial.countries.push_back(country);
  }
  return {};
}

template <std::size_t voicebridge::DialPolicy::*Limit>
Result<> calls_limit(Config& config, const std::string& value) {
  const Result<int> parsed = whole_number(value, 0, 1000000);
  if (!parsed) return fail(parsed.error());
  config.dial.*Limit = static_cast<std::size_t>(*parsed);
  return {};
}

Result<> quiet_hours(Config& config, const std::string& value) {
  if (value.empty()) return {};
  auto hours = voicebridge::QuietHours::parse(value);
  if (!hours) return fail(hours.error());
  config.dial.quiet = *hours;
  return {};
}

}  // namespace

std::vector<Variable> guard_variables() {
  using voicebridge::DialPolicy;
  return {
      {"Guard", "VOICEBRIDGE_DIAL_COUNTRIES", "", false,
       "Countries whose numbers are called (ISO 3166, with commas: FR,BE); empty: all. Premium "
       "numbers never are",
       dial_countries},
      {"Guard", "VOICEBRIDGE_CALLS_A_DAY", "1000", false, "Calls made in any 24 hours; 0: no limit",
       calls_limit<&DialPolicy::calls_a_day>},
      {"Guard", "VOICEBRIDGE_CALLS_TO_ONE", "20", false, "Of them to one number; 0: no limit",
       calls_limit<&DialPolicy::calls_to_a_number>},
      {"Guard", "VOICEBRIDGE_QUIET_HOURS", "", false,
       "When nobody is called, by the clocks of the number's country, such as 21:00-08:00; empty: "
       "no such hours",
       quiet_hours},
  };
}

}  // namespace server
