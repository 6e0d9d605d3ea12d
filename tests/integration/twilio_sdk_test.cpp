// The official SDK of Twilio, npm package `twilio`, against our signatures and the simulator.
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/form.hpp"
#include "voicebridge/testing/seeded_random.hpp"
#include "voicebridge/testing/twilio_simulator.hpp"
#include "voicebridge/twilio/webhook_verifier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

const std::string kTwilioSdkFolder =
    std::string(VOICEBRIDGE_TEST_DATA) + "/../integration/twilio_sdk";

bool has_twilio_sdk() {
  struct stat found {};
  return ::stat((kTwilioSdkFolder + "/node_modules/twilio").c_str(), &found) == 0 &&
         std::system("node --version > /dev/null 2>&1") == 0;
}

/// What a form or URL may hold, the awkward among it.
std::string chance_text(SeededRandom& random, std::size_t longest) {
  static const std::vector<std::string> kPieces = {"a", "Z", "0", "_", "-", ".",  "~", " ",  "+",
                                                   "%", "&", "=", "/", "é", "日", "'", "\"", ","};
  std::string text;
  for (std::size_t i = random.up_to(longest); i > 0; --i) {
    text += kPieces[random.up_to(kPieces.size() - 1)];
  }
  return text;
}

/// One request, signed by us; `tampered` ones were changed behind the signature.
struct SignedCase {
  std::string url;
  FormFields form;
  std::string signature;
  bool tampered = false;
};

SignedCase chance_case(SeededRandom& random, const Secret& token) {
  SignedCase one;
  one.url = random.chance(0.8) ? "https://" : "http://";
  one.url += "voice" + std::to_string(random.up_to(99)) + ".example.com/";
  one.url += url_encode(chance_text(random, 12));
  if (random.chance(0.5)) {
    one.url +=
        "?" + url_encode("k" + chance_text(random, 4)) + "=" + url_encode(chance_text(random, 8));
  }
  for (std::size_t i = random.up_to(12); i > 0; --i) {
    one.form.add("N" + chance_text(random, 3), chance_text(random, 20));
  }
  one.signature = twilio::request_signature(token, one.url, one.form);
  one.tampered = random.chance(0.5);
  if (!one.tampered) return one;
  switch (random.up_to(2)) {
    case 0:
      one.url += "x";
      break;
    case 1:
      one.form.add("Extra", "1");
      break;
    default:
      one.signature[random.up_to(20)] ^= 1;
  }
  return one;
}

}  // namespace

TEST_CASE("the official SDK judges signatures as we do, and its client works on the simulator",
          "[twilio_sdk]") {
  if (!has_twilio_sdk()) {
    WARN("the npm package twilio is not installed: skipped");
    return;
  }
  constexpr int kCases = 1000;
  const Secret token("2b1f6a0c9d8e7f60112233445566778a");
  SeededRandom random(20251121);
  const auto ours = twilio::WebhookVerifier::create({{token}, "https://voice.example.com"}).value();
  JsonWriter json;
  json.object().field("token", token.reveal()).key("cases").array();
  std::string verdicts;
  int tampered = 0;
  for (int i = 0; i < kCases; ++i) {
    const SignedCase one = chance_case(random, token);
    tampered += one.tampered ? 1 : 0;
    const bool good = ours.fits(one.signature, one.url, one.form);
    CHECK(good == !one.tampered);
    verdicts += good ? '1' : '0';
    json.object().field("url", one.url).field("signature", one.signature).key("form").array();
    for (const auto& [name, value] : one.form.fields()) {
      json.array().string(name).string(value).end();
    }
    json.end().end();
  }
  json.end();
  CHECK(tampered > kCases / 3);
  const auto runtime = Runtime::create().value();
  const auto simulator = TwilioSimulator::create(*runtime).value();
  json.field("base", simulator->base_url())
      .field("account", simulator->account_sid())
      .field("auth", simulator->auth_token());
  const test::TempDirectory folder;
  const std::string path = folder / "cases.json";
  REQUIRE(std::ofstream(path) << json.end().take() << std::flush);
  const std::string command = "cd " + kTwilioSdkFolder + " && timeout 60 node interop.cjs " + path;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string printed;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) printed += buffer;
  CHECK(::pclose(pipe) == 0);
  CAPTURE(printed);
  const auto seen = Json::parse(printed);
  REQUIRE(seen);
  CHECK((*seen)["verdicts"].string_or("") == verdicts);
  CHECK((*seen)["created"].dump() == R"({"status":"queued","direction":"outbound-api"})");
  CHECK((*seen)["fetched"].dump() == R"({"same":true,"to":"+15550100100"})");
  CHECK((*seen)["listed"].integer_or(0) == 1);
  CHECK((*seen)["ended"].string_or("") == "canceled");
  CHECK((*seen)["again"].integer_or(0) == 21220);
  CHECK((*seen)["unknown"].integer_or(0) == 20404);
  CHECK((*seen)["refused"].integer_or(0) == 20003);
  CHECK(simulator->active_calls() == 0);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
