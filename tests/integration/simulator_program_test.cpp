// The program voicebridge-sim, from the outside.
#include <signal.h>

#include <fstream>
#include <future>

#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/temp_directory.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/http_server.hpp"

using namespace voicebridge;

namespace {

std::string write_file(const test::TempDirectory& folder, const std::string& name,
                       const std::string& text) {
  const std::string path = (folder.path() / name).string();
  std::ofstream(path) << text;
  return path;
}

}  // namespace

TEST_CASE("the simulator as a program sends a call by SIP to the application") {
  const test::TempDirectory folder;
  const auto runtime = Runtime::create().value();
  const auto server = HttpServer::create(*runtime).value();
  std::promise<std::string> told;
  server->route("POST", "/openai/webhook",
                [&](const HttpServerRequest& request, const HttpResponder& responder) {
                  responder.send(200, "{}");
                  told.set_value(request.body);
                });
  REQUIRE(server->start());
  test::ChildProcess program(
      VOICEBRIDGE_SIM,
      {"--openai-webhook-url",
       "http://127.0.0.1:" + std::to_string(server->port()) + "/openai/webhook",
       "--openai-webhook-secret", "whsec_c2ltdWxhdGVkLXNlY3JldC1vZi0zMi1ieXRlcw==", "--sip",
       write_file(folder, "call.json", R"({"to":"+12025550100","webhook":{"retries_ms":[]}})")},
      {});
  auto body = told.get_future();
  REQUIRE(body.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  const Json event = Json::parse(body.get()).value();
  program.send_signal(SIGTERM);
  CHECK(program.wait() == 0);
  const std::string printed = program.read_output();
  CHECK(printed.find("export OPENAI_WEBHOOK_SECRET=whsec_c2lt") != std::string::npos);
  CHECK(printed.find("export OPENAI_PROJECT_ID=proj_") != std::string::npos);
  CHECK(printed.find("export TWILIO_API_BASE=http://127.0.0.1:") != std::string::npos);
  CHECK(printed.find("export TWILIO_ACCOUNT_SID=AC") != std::string::npos);
  const std::string call = event["data"]["call_id"].string_or("none");
  CHECK(printed.find("SIP call " + call) != std::string::npos);
}

TEST_CASE("a call that cannot be read stops the program before it starts") {
  const test::TempDirectory folder;
  test::ChildProcess program(
      VOICEBRIDGE_SIM, {"--sip", write_file(folder, "call.json", R"({"too":"+12025550100"})")}, {});
  CHECK(program.wait() == 1);
}

TEST_CASE("a port that is none stops the program, instead of a free one being taken") {
  for (const char* option : {"--openai-port", "--telnyx-port", "--twilio-port", "--seed"}) {
    for (const char* value : {"abc", "", "-1", "80x", "99999999999999999999999"}) {
      INFO(option << " '" << value << "'");
      test::ChildProcess program(VOICEBRIDGE_SIM, {option, value}, {});
      CHECK(program.wait() == 2);
    }
  }
  for (const char* port : {"abc", "0", "65536"}) {
    INFO("PORT=" << port);
    test::ChildProcess program(VOICEBRIDGE_SIM, {"--", "true"}, {{"PORT", port}});
    CHECK(program.wait() == 1);
  }
}
