// What the environment says of carriers: which are meant, what is missing, and that all of it is
// told.
#include <map>
#include <optional>
#include <string>

#include "config.hpp"
#include "support/catch.hpp"

namespace {

using Variables = std::map<std::string, std::string>;

const Variables kTwilio = {{"OPENAI_API_KEY", "sk"},
                           {"PUBLIC_APP_URL", "https://voice.example.com"},
                           {"TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"},
                           {"TWILIO_AUTH_TOKEN", "00000000000000000000000000000002"},
                           {"TWILIO_CALLER_ID", "+12025550100"}};
const Variables kTelnyx = {{"TELNYX_API_KEY", "KEY"},
                           {"TELNYX_PUBLIC_KEY", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
                           {"TELNYX_CALL_CONTROL_APP_ID", "1"},
                           {"TELNYX_OUTBOUND_CALLER_ID", "+12025550199"}};

auto load(const Variables& variables) {
  return server::load_config([&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

Variables with(Variables variables, const Variables& more) {
  for (const auto& [name, value] : more) variables[name] = value;
  return variables;
}

std::string names_of(const Variables& variables) {
  const auto config = load(variables);
  std::string names;
  if (config) return names;
  for (const server::Fault& fault : config.error()) names += fault.variable + " ";
  return names;
}

}  // namespace

TEST_CASE("each carrier can be alone, or both", "[server][config]") {
  const auto twilio = load(kTwilio);
  REQUIRE(twilio);
  CHECK(twilio->has_twilio());
  CHECK_FALSE(twilio->has_telnyx());
  CHECK(twilio->carrier == "twilio");
  CHECK(load(with(kTwilio, kTelnyx))->carrier == "telnyx");
  CHECK(load(with(with(kTwilio, kTelnyx), {{"VOICEBRIDGE_CARRIER", "twilio"}}))->carrier ==
        "twilio");
  // By SIP alone nobody dials.
  CHECK(load({{"OPENAI_API_KEY", "sk"}, {"OPENAI_WEBHOOK_SECRET", "whsec_QUJD"}})->carrier.empty());
}

TEST_CASE("what is missing for Twilio is told at once", "[server][config]") {
  CHECK(names_of({{"OPENAI_API_KEY", "sk"}, {"TWILIO_CALLER_ID", "+12025550100"}}) ==
        "PUBLIC_APP_URL TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN ");
  CHECK(names_of({{"OPENAI_API_KEY", "sk"}, {"VOICEBRIDGE_CARRIER", "twilio"}}) ==
        "PUBLIC_APP_URL TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_CALLER_ID ");
  // Telnyx is meant when nothing is said, and Twilio is named beside it.
  const std::string nothing = names_of({{"OPENAI_API_KEY", "sk"}});
  CHECK(nothing.find("TELNYX_API_KEY ") != std::string::npos);
  CHECK(nothing.find("TWILIO_ACCOUNT_SID ") != std::string::npos);
  CHECK(names_of(with(kTwilio, {{"VOICEBRIDGE_CARRIER", "telnyx"}})).find("TELNYX_API_KEY ") !=
        std::string::npos);
}

TEST_CASE("leads go to Supabase only with its address and a secret key", "[server][config]") {
  CHECK(load(kTwilio)->stores.leads == "sqlite");
  CHECK(names_of(with(kTwilio, {{"LEAD_STORE", "supabase"}})) ==
        "SUPABASE_URL SUPABASE_SERVICE_ROLE_KEY ");
  CHECK(names_of(with(kTwilio, {{"LEAD_STORE", "postgres"},
                                {"SUPABASE_URL", "http://ref.supabase.co"},
                                {"SUPABASE_SERVICE_ROLE_KEY", "sb_publishable_abc"}})) ==
        "LEAD_STORE SUPABASE_URL SUPABASE_SERVICE_ROLE_KEY ");
  const auto config = load(with(kTwilio, {{"LEAD_STORE", "supabase"},
                                          {"SUPABASE_URL", "https://ref.supabase.co"},
                                          {"SUPABASE_SERVICE_ROLE_KEY", "sb_secret_abc"}}));
  REQUIRE(config);
  CHECK(config->stores.supabase_url == "https://ref.supabase.co");
  CHECK(config->stores.supabase_key.equals("sb_secret_abc"));
}

TEST_CASE("what cannot be right is told at once", "[server][config]") {
  CHECK(names_of(with(kTwilio, {{"PUBLIC_APP_URL", "http://voice.example.com"},
                                {"TWILIO_ACCOUNT_SID", "AC123"},
                                {"TWILIO_CALLER_ID", "2025550100"},
                                {"TWILIO_API_KEY", "AC00000000000000000000000000000001"},
                                {"TWILIO_API_BASE", "api.twilio.com"},
                                {"VOICEBRIDGE_CARRIER", "vonage"}})) ==
        "TWILIO_ACCOUNT_SID TWILIO_CALLER_ID TWILIO_API_KEY TWILIO_API_BASE VOICEBRIDGE_CARRIER ");
  CHECK(names_of(with(kTwilio, {{"PUBLIC_APP_URL", "http://voice.example.com"}})) ==
        "PUBLIC_APP_URL ");
  CHECK(names_of(with(kTwilio, {{"PUBLIC_APP_URL", "http://127.0.0.1:8080"}})).empty());
  CHECK(names_of(with(kTwilio, {{"TWILIO_API_KEY", "SK00000000000000000000000000000003"}})) ==
        "TWILIO_API_KEY ");
  CHECK(names_of(with(kTwilio, {{"TWILIO_API_SECRET", "x"}})) == "TWILIO_API_KEY ");
}
