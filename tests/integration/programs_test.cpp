// The example programs as they are built, from the outside.
#include <signal.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "integration/http_fixture.hpp"
#include "integration/leave_number.hpp"
#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/raw_socket.hpp"
#include "support/temp_directory.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/store/sqlite_store.hpp"
#include "voicebridge/testing/openai_simulator.hpp"
#include "voicebridge/testing/telnyx_simulator.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace std::chrono_literals;

namespace {

const std::string kSource = VOICEBRIDGE_SOURCE_DIR;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool listens(std::uint16_t port) {
  try {
    RawSocket socket(port);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

/// Accounts that are not real: enough to start, and nobody is asked.
std::map<std::string, std::string> accounts(std::uint16_t port) {
  return {{"PORT", std::to_string(port)},
          {"PUBLIC_APP_URL", "http://127.0.0.1:" + std::to_string(port)},
          {"OPENAI_API_KEY", "sk-test"},
          {"TELNYX_API_KEY", "KEY_TEST"},
          {"TELNYX_PUBLIC_KEY", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
          {"TELNYX_CALL_CONTROL_APP_ID", "1"},
          {"TELNYX_OUTBOUND_CALLER_ID", "+12025550100"},
          {"VOICEBRIDGE_LOG", "off"}};
}

/// Saves leads one after another until the server is gone; keeps the phones that were answered for.
std::vector<std::string> save_until_gone(std::uint16_t port, int first,
                                         std::atomic<int>& answered) {
  std::vector<std::string> saved;
  for (int i = first; i < first + 10000; ++i) {
    const std::string phone = "+1202555" + std::to_string(10000 + i).substr(1);
    if (!leave_number(port, phone)) break;
    saved.push_back(phone);
    ++answered;
  }
  return saved;
}

}  // namespace

TEST_CASE("a lead that was answered for survives kill -9", "[programs][crash]") {
  TempDirectory folder;
  const std::string database = folder / "leads.db";
  std::vector<std::string> promised;
  for (const int before_the_kill : {1, 7, 40}) {
    const std::uint16_t port = unused_port();
    auto environment = accounts(port);
    environment["VOICEBRIDGE_DATABASE"] = database;
    ChildProcess server(VOICEBRIDGE_SERVER, {"serve"}, environment);
    REQUIRE(eventually([&] { return listens(port); }));
    std::atomic<int> answered{0};
    std::vector<std::string> by_client[2];
    std::vector<std::thread> clients;
    for (int c = 0; c < 2; ++c) {
      clients.emplace_back(
          [&, c] { by_client[c] = save_until_gone(port, c * 100 + before_the_kill, answered); });
    }
    CHECK(eventually([&] { return answered >= before_the_kill; }));
    server.kill();
    for (std::thread& client : clients) client.join();
    for (const auto& saved : by_client) promised.insert(promised.end(), saved.begin(), saved.end());
  }
  const auto stores = open_sqlite_stores(database);
  REQUIRE(stores);
  CHECK(promised.size() >= 48);
  for (const std::string& phone : promised) {
    CAPTURE(phone);
    const auto lead = stores->leads->find_by_phone(phone);
    REQUIRE(lead);
    CHECK(lead->consent);
  }
}

TEST_CASE("the answering agent of the README answers", "[programs]") {
  auto street = Runtime::create({}).value();
  testing::OpenAiSimulatorOptions model;
  model.voice = std::make_shared<testing::ToneVoice>();
  const auto scenario = testing::OpenAiScenario::parse(R"({"agents":[{"match":"bakery","replies":[
    {"on":"start","say":"The bakery, good morning."},
    {"on":"turn","transcript_of_caller":"When are you open?","calls":[{"name":"opening_hours"}]},
    {"on":"tool_result","say":"From {{tool.opening_hours.hours}}."}]}]})");
  REQUIRE(scenario);
  auto openai = testing::OpenAiSimulator::create(*street, *scenario, model).value();
  auto telnyx = testing::TelnyxSimulator::create(*street).value();
  const std::uint16_t port = unused_port();
  const std::string address = "http://127.0.0.1:" + std::to_string(port);
  telnyx->set_webhook_url(address + "/telnyx/webhooks");
  ChildProcess agent(VOICEBRIDGE_ANSWER_CALLS, {},
                     {{"PORT", std::to_string(port)},
                      {"PUBLIC_APP_URL", address},
                      {"OPENAI_API_KEY", openai->api_key()},
                      {"OPENAI_BASE_URL", openai->base_url()},
                      {"TELNYX_API_KEY", telnyx->api_key()},
                      {"TELNYX_API_BASE", telnyx->base_url()},
                      {"TELNYX_PUBLIC_KEY", telnyx->public_key_base64()},
                      {"TELNYX_CALL_CONTROL_APP_ID", "1"},
                      {"TELNYX_OUTBOUND_CALLER_ID", "+12025550100"}});
  REQUIRE(eventually([&] { return listens(port); }));

  testing::CallPlan caller;
  caller.ring = 10s;
  caller.script = testing::CalleeScript::parse(Json::parse(R"([
    {"wait":"agent_silence","ms":500},
    {"play":"speech_en_vm_intro.wav","text":"When are you open?"},
    {"wait":"agent_silence","ms":500},{"hangup":true}])")
                                                   .value(),
                                               VOICEBRIDGE_TEST_DATA "/audio")
                      .value();
  telnyx->call_in("+12025550180", "+12025550100", caller);
  CHECK(eventually([&] { return telnyx->active_calls() == 0 && !openai->records().empty(); }));
  CHECK(eventually([&] { return !openai->records().front().open; }));
  const testing::OpenAiSimRecord talk = openai->records().front();
  CHECK(talk.violations.empty());
  REQUIRE(talk.tool_results.size() == 1);
  CHECK(talk.tool_results.front().output == R"({"hours":"9 to 17"})");
  REQUIRE(talk.utterances.size() == 2);
  CHECK(talk.utterances.back().transcript == "From 9 to 17.");
  telnyx->inspect([](const testing::TelnyxCarrier& carrier, TimePoint) {
    const testing::TelnyxSimMedia* leg = carrier.media(carrier.calls().front());
    CHECK(leg->stats().heard_bytes > 8000);
    CHECK(leg->callee().timeouts() == 0);
  });
}

TEST_CASE("the README's program is the one that is built", "[programs]") {
  const std::string program = read_file(kSource + "/examples/answer_calls/main.cpp");
  CHECK(read_file(kSource + "/README.md").find("```cpp\n" + program + "```\n") !=
        std::string::npos);
}

TEST_CASE(".env.example lists what the server reads", "[programs]") {
  ChildProcess server(VOICEBRIDGE_SERVER, {"--env-example"}, {});
  const std::string printed = server.read_output();
  CHECK(server.wait() == 0);
  CHECK(printed == read_file(kSource + "/.env.example"));
}

TEST_CASE("of PORT=0 the server takes a free port, and its address", "[programs]") {
  TempDirectory folder;
  ChildProcess server(VOICEBRIDGE_SERVER, {"serve"},
                      {{"PORT", "0"},
                       {"OPENAI_API_KEY", "sk-test"},
                       {"OPENAI_WEBHOOK_SECRET", "whsec_QUJD"},
                       {"VOICEBRIDGE_DATABASE", folder / "voicebridge.db"},
                       {"VOICEBRIDGE_LOG", "off"}});
  const std::string said = server.read_line();
  const std::string address = "listening on http://127.0.0.1:";
  const std::size_t at = said.find(address);
  CAPTURE(said);
  REQUIRE(at != std::string::npos);
  const int port = std::stoi(said.substr(at + address.size()));
  REQUIRE(port > 0);
  CHECK(listens(static_cast<std::uint16_t>(port)));
  CHECK(server.read_line() ==
        "  OpenAI webhooks go to http://127.0.0.1:" + std::to_string(port) + "/openai/webhook");
  server.send_signal(SIGTERM);
  server.read_output();
  CHECK(server.wait() == 0);
}

TEST_CASE("the doctor says what is wrong with Twilio's variables", "[programs]") {
  TempDirectory folder;
  std::map<std::string, std::string> variables = {
      {"OPENAI_API_KEY", "sk-test"},
      {"PUBLIC_APP_URL", "http://127.0.0.1:1"},
      {"TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"},
      {"TWILIO_AUTH_TOKEN", "SK00000000000000000000000000000003"},
      {"TWILIO_CALLER_ID", "+12025550100"},
      {"VOICEBRIDGE_DATABASE", folder / "voicebridge.db"}};
  const auto diagnose = [&] {
    ChildProcess doctor(VOICEBRIDGE_SERVER, {"doctor", "--offline"}, variables);
    std::string output = doctor.read_output();
    output += doctor.wait() == 0 ? "exit 0" : "exit 1";
    return output;
  };
  const std::string ill = diagnose();
  CHECK(ill.find("TWILIO_AUTH_TOKEN           is an API key") != std::string::npos);
  CHECK(ill.find("PUBLIC_APP_URL              is on this machine") != std::string::npos);
  CHECK(ill.find("exit 1") != std::string::npos);
  variables["TWILIO_AUTH_TOKEN"] = "00000000000000000000000000000002";
  variables["PUBLIC_APP_URL"] = "https://voice.example.com";
  const std::string well = diagnose();
  CAPTURE(well);
  CHECK(well.find("https://voice.example.com/twilio/voice is the voice URL") != std::string::npos);
  CHECK(well.find("exit 0") != std::string::npos);
}

TEST_CASE("SIGHUP reads the agents anew, and ends nothing", "[programs]") {
  TempDirectory folder;
  const std::string file = folder / "agents.json";
  const auto write = [&](const std::string& json) { std::ofstream(file) << json; };
  write(R"({"agents":[{"id":"a"}]})");
  const std::uint16_t port = unused_port();
  ChildProcess server(VOICEBRIDGE_SERVER, {"serve"},
                      {{"PORT", std::to_string(port)},
                       {"OPENAI_API_KEY", "sk-test"},
                       {"OPENAI_WEBHOOK_SECRET", "whsec_QUJD"},
                       {"VOICEBRIDGE_AGENTS", file},
                       {"VOICEBRIDGE_DATABASE", folder / "voicebridge.db"},
                       {"VOICEBRIDGE_LOG", "off"}});
  REQUIRE(eventually([&] { return listens(port); }));
  const auto has_agents = [&](int count) {
    return eventually([&] {
      RawSocket socket(port);
      socket.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      return socket.receive_until_end().find("\"agents\":" + std::to_string(count) + "}") !=
             std::string::npos;
    });
  };
  CHECK(has_agents(1));
  write(R"({"agents":[{"id":"a"},{"id":"b"}]})");
  server.send_signal(SIGHUP);
  CHECK(has_agents(2));
  server.send_signal(SIGTERM);
  const std::string output = server.read_output();
  CHECK(server.wait() == 0);
  CHECK(output.find("agents read anew: 2") != std::string::npos);
}

TEST_CASE("the doctor names every fault of the agents", "[programs]") {
  TempDirectory folder;
  const std::string file = folder / "agents.json";
  std::ofstream(file) << R"({"agents":[{"id":"a","voice":1,"knowledge":[{"file":"../x"}]}]})";
  ChildProcess doctor(VOICEBRIDGE_SERVER, {"doctor", "--offline"},
                      {{"OPENAI_API_KEY", "sk-test"},
                       {"OPENAI_WEBHOOK_SECRET", "whsec_QUJD"},
                       {"VOICEBRIDGE_AGENTS", file},
                       {"VOICEBRIDGE_DATABASE", folder / "voicebridge.db"}});
  const std::string output = doctor.read_output();
  CHECK(doctor.wait() == 1);
  CHECK(output.find(file + "#/agents/0/voice must be of type \"string\"") != std::string::npos);
  CHECK(output.find(file + "#/agents/0/knowledge/0/file must not lead out") != std::string::npos);
}

TEST_CASE("the web demo serves the page until it is told to end", "[programs]") {
  TempDirectory folder;
  const std::uint16_t port = unused_port();
  ChildProcess demo(VOICEBRIDGE_SERVER, {"demo", "--web", "--out", folder / "out"},
                    {{"PORT", std::to_string(port)}, {"PATH", "/usr/bin:/bin"}});
  REQUIRE(eventually([&] { return listens(port); }));
  RawSocket socket(port);
  socket.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string page = socket.receive_until_end();
  CHECK(page.find("HTTP/1.1 200") == 0);
  CHECK(page.find("Content-Security-Policy: default-src 'none'") != std::string::npos);
  demo.send_signal(SIGTERM);
  const std::string output = demo.read_output();
  CHECK(demo.wait() == 0);
  CHECK(output.find("The page is at http://127.0.0.1:" + std::to_string(port) + "/") !=
        std::string::npos);
}
