#include "config_values.hpp"

namespace server {

using namespace values;

namespace {

Result<> lead_store(Config& config, const std::string& value) {
  if (value != "sqlite" && value != "supabase" && value != "memory") {
    return wrong("must be sqlite, supabase or memory");
  }
  config.stores.leads = value;
  return {};
}

Result<> supabase_url(Config& config, const std::string& value) {
  if (value.empty()) return {};
  const auto url = voicebridge::parse_url(value);
  const bool here = url && (url->host == "127.0.0.1" || url->host == "localhost");
  if (!url || !(url->scheme == "https" || (url->scheme == "http" && here))) {
    return wrong("must be an address that begins with https://: the key is sent to it");
  }
  config.stores.supabase_url = value;
  return {};
}

Result<> supabase_key(Config& config, const std::string& value) {
  if (value.rfind("sb_publishable_", 0) == 0) {
    return wrong("is a publishable key, which browsers have; a secret one is needed");
  }
  const auto bad = [](char c) { return c <= ' ' || c >= '\x7f'; };
  if (std::any_of(value.begin(), value.end(), bad)) return wrong("must not hold blanks");
  config.stores.supabase_key = Secret(value);
  return {};
}

}  // namespace

std::vector<Variable> store_variables() {
  return {
      {"Leads", "LEAD_STORE", "sqlite", false,
       "sqlite: the file of VOICEBRIDGE_DATABASE; supabase: that and copied to Supabase; memory: "
       "gone with the process",
       lead_store},
      {"Leads", "SUPABASE_URL", "", false, "Address of the project: https://….supabase.co",
       supabase_url},
      {"Leads", "SUPABASE_SERVICE_ROLE_KEY", "", false,
       "Its secret key (sb_secret_…) or service_role key; never in a browser", supabase_key},
  };
}

}  // namespace server
