// The official Node SDK of Telnyx as the application of the simulator.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/testing/telnyx_simulator.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

TEST_CASE("the official SDK drives the simulator, takes what it signs and refuses what it must") {
  const std::string folder = VOICEBRIDGE_TEST_DATA "/../integration/telnyx_sdk/";
  const std::string probe = "cd " + folder + " && node -e \"require('telnyx')\" >/dev/null 2>&1";
  if (std::system(probe.c_str()) != 0) {
    WARN("skipped: node, or the package of tests/integration/telnyx_sdk, is not installed");
    return;
  }
  auto runtime = Runtime::create({});
  REQUIRE(runtime);
  TelnyxSimulatorOptions options;
  options.carrier.plan.ring = Millis(20);
  options.carrier.speak_per_character = Millis(1);
  options.carrier.webhooks.rules = {
      {"conference.created", Millis(0), 1, Millis(30), Millis(301000)}};
  auto simulator = TelnyxSimulator::create(**runtime, options);
  REQUIRE(simulator);
  const test::TempDirectory files;
  const std::string gate = (files.path() / "ready").string();
  REQUIRE(std::system(("mkfifo " + gate).c_str()) == 0);
  const std::string command = "cd " + folder + " && timeout 60 node interop.cjs " +
                              (*simulator)->base_url() + " " + (*simulator)->api_key() + " " +
                              (*simulator)->public_key_base64() + " < " + gate;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::ofstream ready(gate);  // opens once the program reads
  const auto line = [pipe] {
    char buffer[16000];
    return std::string(std::fgets(buffer, sizeof buffer, pipe) == nullptr ? "" : buffer);
  };
  std::string webhook_url = line();
  webhook_url.erase(webhook_url.find_last_not_of('\n') + 1);
  CAPTURE(webhook_url);
  REQUIRE(webhook_url.rfind("http://", 0) == 0);
  (*simulator)->set_webhook_url(webhook_url);
  ready << "go\n" << std::flush;
  const std::string printed = line();
  CAPTURE(printed);
  CHECK(::pclose(pipe) == 0);
  const auto seen = Json::parse(printed);
  REQUIRE(seen);
  CHECK((*seen)["dialled"].string() == "v3:");
  CHECK((*seen)["conference"].string() == "room");
  CHECK((*seen)["hangup"].string() == "ok");
  CHECK((*seen)["cause"].string() == "normal_clearing");
  CHECK((*seen)["again"].dump() == R"({"status":422,"code":"90018"})");
  CHECK((*seen)["wrong"].string() == "/to");
  for (const char* forged : {"changed", "wrong_key", "other_time", "unsigned"}) {
    INFO(forged);
    CHECK((*seen)["refused"][forged].string() == "TelnyxWebhookVerificationError");
  }
  CHECK((*seen)["stale"].string() == "TelnyxWebhookVerificationError");
  CHECK((*simulator)->active_calls() == 0);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
