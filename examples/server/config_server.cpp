#include "config_values.hpp"

namespace server {

using namespace values;
using voicebridge::TickPolicy;

namespace {

Result<> port(Config& config, const std::string& value) {
  const Result<int> parsed = whole_number(value, 0, 65535);
  if (!parsed) return fail(parsed.error());
  config.port = static_cast<std::uint16_t>(*parsed);
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

}  // namespace

std::vector<Variable> server_variables() {
  return {
      {"Server", "HOST", "127.0.0.1", false, "Address to listen on", text<&Config::host>},
      {"Server", "PORT", "8080", false, "Port to listen on; 0: a free one", port},
      {"Server", "PUBLIC_APP_URL", "", true,
       "https:// address under which carriers reach this server",
       http_url<&Config::public_app_url>},
      {"Server", "VOICEBRIDGE_API_TOKEN", "", false,
       "Bearer token of /api, /tools and /admin; without one only this machine may use them",
       secret<&Config::api_token>},
      {"Server", "VOICEBRIDGE_TLS_CERT", "", false,
       "PEM certificate chain; with VOICEBRIDGE_TLS_KEY the port speaks TLS",
       text<&Config::tls_certificate_file>},
      {"Server", "VOICEBRIDGE_TLS_KEY", "", false, "PEM private key", text<&Config::tls_key_file>},
      {"Server", "VOICEBRIDGE_THREADS", "1", false, "Event loops, one thread each",
       number<&Config::threads, 1, 256>},
      {"Server", "VOICEBRIDGE_TICK", "off", false,
       "Serve ready sockets together: off, load, or microseconds", tick},
  };
}

}  // namespace server
