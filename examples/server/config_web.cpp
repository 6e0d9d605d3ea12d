#include "config_values.hpp"

namespace server {

using namespace values;

namespace {

template <int Config::Web::*Member, int Low, int High>
Result<> web_number(Config& config, const std::string& value) {
  const Result<int> parsed = whole_number(value, Low, High);
  if (!parsed) return fail(parsed.error());
  config.web.*Member = *parsed;
  return {};
}

Result<> web_switch(Config& config, const std::string& value) {
  if (value != "on" && value != "off") return wrong("must be on or off");
  config.web.on = value == "on";
  return {};
}

/// As browsers send them: scheme, host and port, no path.
Result<> web_origins(Config& config, const std::string& value) {
  for (const std::string& origin : pieces_of(value, ',')) {
    const auto url = voicebridge::parse_url(origin);
    const std::size_t host = origin.find("://");
    if (!url || host == std::string::npos || origin.find('/', host + 3) != std::string::npos) {
      return wrong("must be origins without a path, such as https://www.example.com");
    }
    config.web.origins.push_back(origin);
  }
  return {};
}

Result<> web_transports(Config& config, const std::string& value) {
  for (const std::string& transport : pieces_of(value, ',')) {
    if (transport != "webrtc" && transport != "ephemeral" && transport != "websocket") {
      return wrong("must be out of webrtc, ephemeral and websocket, with commas");
    }
    config.web.transports.push_back(transport);
  }
  if (config.web.transports.empty()) return wrong("must name one transport at least");
  return {};
}

Result<> web_proxy_header(Config& config, const std::string& value) {
  const bool good = std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!good) return wrong("must be the name of a header, such as X-Forwarded-For");
  config.web.proxy_header = value;
  return {};
}

}  // namespace

std::vector<Variable> web_variables() {
  using Web = Config::Web;
  return {
      {"Web page", "VOICEBRIDGE_WEB", "on", false,
       "on: the page at / and its public routes; off: they are not there", web_switch},
      {"Web page", "VOICEBRIDGE_WEB_ORIGINS", "", false,
       "Origins that pages may have beside the server's own, with commas: names under which a "
       "proxy "
       "shows it",
       web_origins},
      {"Web page", "VOICEBRIDGE_WEB_TRANSPORTS", "webrtc,ephemeral,websocket", false,
       "How browsers may connect, the best first", web_transports},
      {"Web page", "VOICEBRIDGE_WEB_STARTS", "10", false,
       "Sessions that one address may start in a minute", web_number<&Web::starts, 1, 100000>},
      {"Web page", "VOICEBRIDGE_WEB_TOTAL_STARTS", "120", false,
       "Sessions that all addresses together may start in a minute",
       web_number<&Web::total_starts, 1, 100000>},
      {"Web page", "VOICEBRIDGE_WEB_PER_ADDRESS", "4", false, "Sessions at once of one address",
       web_number<&Web::per_address, 1, 100000>},
      {"Web page", "VOICEBRIDGE_WEB_SESSIONS", "50", false, "Sessions at once of all addresses",
       web_number<&Web::sessions, 1, 100000>},
      {"Web page", "VOICEBRIDGE_WEB_TOKEN_SECONDS", "1800", false,
       "How long a session that nobody uses is good", web_number<&Web::token_seconds, 1, 86400>},
      {"Web page", "VOICEBRIDGE_WEB_PROXY_HEADER", "", false,
       "Header in which your proxy puts the visitor's address, such as X-Forwarded-For: its last "
       "entry counts. Empty: the address of the connection. Only behind a proxy that sets it",
       web_proxy_header},
  };
}

}  // namespace server
