#include "config_values.hpp"

namespace server {

using namespace values;

namespace {

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

}  // namespace

std::vector<Variable> data_variables() {
  return {
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
}

}  // namespace server
