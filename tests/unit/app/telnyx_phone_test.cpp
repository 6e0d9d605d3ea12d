#include "voicebridge/app/telnyx_phone.hpp"

#include <map>

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

using PhoneVariables = std::map<std::string, std::string>;

/// All that has to be there.
PhoneVariables phone_variables() {
  return {{"OPENAI_API_KEY", "sk-1"},
          {"PUBLIC_APP_URL", "https://phone.example.com"},
          {"TELNYX_API_KEY", "KEY1"},
          {"TELNYX_PUBLIC_KEY", "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
          {"TELNYX_CALL_CONTROL_APP_ID", "17"},
          {"TELNYX_OUTBOUND_CALLER_ID", "+12025550100"}};
}

Result<TelnyxPhoneOptions> phone_options(PhoneVariables all) {
  return telnyx_phone_options([all = std::move(all)](const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? std::string() : found->second;
  });
}

}  // namespace

TEST_CASE("a phone's options are read by the server's names", "[app]") {
  PhoneVariables all = phone_variables();
  const auto usual = phone_options(all);
  REQUIRE(usual);
  CHECK(usual->http.address == "127.0.0.1");
  CHECK(usual->http.port == 8080);
  CHECK(usual->line.connection_id == "17");
  CHECK(usual->line.caller_id == "+12025550100");
  CHECK(usual->line.format == AudioFormat::pcmu());
  CHECK(usual->account.api_base == "https://api.telnyx.com/v2");
  CHECK(usual->agent.phone.speech.voice == "marin");
  CHECK(usual->agent.phone.speech.transcription_model == "gpt-transcribe");

  all.insert({{"HOST", "0.0.0.0"},
              {"PORT", "9000"},
              {"TELNYX_API_BASE", "http://127.0.0.1:1/v2"},
              {"TELNYX_STREAM_CODEC", "PCMA"},
              {"OPENAI_REALTIME_VOICE", "cedar"},
              {"OPENAI_TRANSCRIPTION_MODEL", "whisper-1"},
              {"VOICEBRIDGE_REGION", "FR"}});
  const auto told = phone_options(all);
  REQUIRE(told);
  CHECK(told->http.address == "0.0.0.0");
  CHECK(told->http.port == 9000);
  CHECK(told->account.api_base == "http://127.0.0.1:1/v2");
  CHECK(told->line.format == AudioFormat::pcma());
  CHECK(told->agent.phone.speech.voice == "cedar");
  CHECK(told->agent.phone.speech.transcription_model == "whisper-1");
  CHECK(told->region == "FR");
}

TEST_CASE("a phone's variable that is missing or wrong is named", "[app]") {
  for (const auto& [name, value] : phone_variables()) {
    PhoneVariables all = phone_variables();
    all.erase(name);
    CAPTURE(name);
    const auto options = phone_options(all);
    REQUIRE_FALSE(options);
    CHECK(options.error().field == name);
  }
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"PORT", "http"}, {"PORT", "70000"}, {"PORT", "80x"}, {"TELNYX_STREAM_CODEC", "MP3"}};
  for (const auto& [name, value] : wrong) {
    PhoneVariables all = phone_variables();
    all[name] = value;
    CAPTURE(name, value);
    const auto options = phone_options(all);
    REQUIRE_FALSE(options);
    CHECK(options.error().field == name);
  }
}

TEST_CASE("a phone is made with the built-in tools, and says what a part refuses", "[app]") {
  auto options = phone_options(phone_variables());
  REQUIRE(options);
  options->runtime.threads = 0;
  options->http.port = 0;
  SECTION("all is well") {
    const auto phone = TelnyxPhone::create(std::move(*options));
    REQUIRE(phone);
    CHECK((*phone)->tools().find("end_call") != nullptr);
    CHECK((*phone)->agent().live_calls() == 0);
    REQUIRE((*phone)->start());
    CHECK((*phone)->http().port() != 0);
    (*phone)->stop(Millis(0));
    CHECK_FALSE((*phone)->agent().seat_unknown(nullptr));  // No new calls.
  }
  SECTION("a key that is none") {
    options->public_key = "nonsense";
    CHECK(TelnyxPhone::create(std::move(*options)).error().code == Errc::invalid_argument);
  }
  SECTION("a number that is none") {
    options->line.caller_id = "0800";
    CHECK(TelnyxPhone::create(std::move(*options)).error().field == "caller_id");
  }
  SECTION("an address of the model that is none") {
    options->model.base_url = "ftp://example.com";
    CHECK(TelnyxPhone::create(std::move(*options)).error().field == "base_url");
  }
}
