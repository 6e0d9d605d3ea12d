// The agents of the example server: who takes which call, and how they are read anew.
#include "integration/server_town.hpp"
#include "prices.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kScenario = R"({"agents":[
  {"name":"bakery","match":"baked","replies":[{"on":"start","say":"Good morning."}]},
  {"name":"garage","match":"car","replies":[{"on":"start","say":"Garage."}]},
  {"name":"other","replies":[{"on":"start","say":"Hello."}]}]})";

constexpr const char* kBakery = R"({"agents":[
  {"id":"bakery","numbers":["+12025550100"],"instructions":"All is baked here."}]})";
constexpr const char* kGarage = R"({"agents":[
  {"id":"garage","numbers":["+12025550100"],"instructions":"Ask what car it is."},
  {"id":"spare","instructions":"Ask what part is broken."}]})";

const HttpHeaders kToken = {{"Authorization", "Bearer the-right-token"}};

testing::CallPlan quiet_plan() {
  testing::CallPlan plan;
  plan.leg_format = AudioFormat::pcmu();
  return plan;
}

/// Somebody calls; the scenario's agent that they talk with, or "nobody".
std::string answers(Town& town, const std::string& to) {
  const std::size_t before = town.openai->records().size();
  const std::string leg = town.telnyx->call_in("+12025550190", to, quiet_plan());
  const bool decided = eventually([&] {
    const auto models = town.openai->records();
    return (models.size() > before && !models.back().agent.empty()) ||
           town.telnyx->active_calls() == 0;
  });
  REQUIRE(decided);
  const auto models = town.openai->records();
  return models.size() > before ? models.back().agent : "nobody";
}

}  // namespace

TEST_CASE("a phone call is taken by the agent of its number, or by nobody", "[server][agents]") {
  Town town(kScenario, nullptr, kBakery);
  CHECK(answers(town, "+12025550199") == "nobody");
  CHECK(answers(town, "+12025550100") == "bakery");
}

TEST_CASE("a lead can be called by an agent of a name", "[server][agents]") {
  Town town(kScenario, nullptr, kGarage);
  const auto trigger = [&](const std::string& lead, const std::string& agent) {
    return town.post("/tools/trigger_call",
                     R"({"lead_id":")" + lead + R"(","agent":")" + agent + R"("})");
  };
  const std::string lead = town.save_lead("Ada", "+12025550111");
  CHECK(trigger(lead, "nobody").status == 404);
  REQUIRE(trigger(lead, "garage").status == 202);
  CHECK(eventually([&] {
    const auto models = town.openai->records();
    return !models.empty() && models.back().agent == "garage";
  }));
}

TEST_CASE("agents are read anew for new calls only", "[server][agents]") {
  Town town(kScenario, nullptr, kBakery);
  REQUIRE(answers(town, "+12025550100") == "bakery");
  const std::size_t live = town.app->agent().live_calls();

  CHECK(town.post("/admin/reload", "", {{"Authorization", "Bearer guess"}}).status == 401);
  town.write_agents(kGarage);
  const HttpResponse reloaded = town.post("/admin/reload", "", kToken);
  CHECK(reloaded.status == 200);
  CHECK(reloaded.body == R"({"agents":2})");
  CHECK(town.app->agent().live_calls() == live);
  CHECK(answers(town, "+12025550100") == "garage");
  CHECK(town.openai->records().front().agent == "bakery");
}

TEST_CASE("agents with faults are refused with all of them, and nothing changes",
          "[server][agents]") {
  Town town(kScenario, nullptr, kBakery);
  town.write_agents(R"({"agents":[{"id":"garage","voice":7,"tools":["no_such_tool"],
                         "session":{"max_output_tokens":true}},{}]})");
  const HttpResponse refused = town.post("/admin/reload", "", kToken);
  CHECK(refused.status == 422);
  const Json body = Json::parse(refused.body).value();
  std::vector<std::string> pointers;
  for (const JsonView fault : body["error"]["faults"].elements()) {
    pointers.push_back(fault["pointer"].string_or(""));
    CHECK(fault["file"].string_or("").find("agents.json") != std::string::npos);
  }
  CHECK(pointers == std::vector<std::string>{"/agents/0/voice", "/agents/1/id", "/agents/0/tools/0",
                                             "/agents/0/session/max_output_tokens"});
  CHECK(answers(town, "+12025550100") == "bakery");
}

TEST_CASE("without files there is nothing to read anew", "[server][agents]") {
  Town town(kScenario);
  CHECK(town.post("/admin/reload", "", kToken).status == 404);
  CHECK(answers(town, "+12025550100") == "other");
}

TEST_CASE("a server whose agents have faults does not start, and says all", "[server][agents]") {
  TempDirectory folder;
  const std::string file = folder / "agents.json";
  std::ofstream(file) << R"({"agents":[{"id":"A"},{"id":"b","modle":"x"}]})";
  const std::map<std::string, std::string> variables = {
      {"PORT", "0"},
      {"OPENAI_API_KEY", "sk"},
      {"OPENAI_WEBHOOK_SECRET", "whsec_QUJD"},
      {"VOICEBRIDGE_AGENTS", file},
      {"VOICEBRIDGE_LOG", "off"},
      {"VOICEBRIDGE_DATABASE", folder / "voicebridge.db"}};
  auto config = server::load_config([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
  REQUIRE(config);
  config->public_app_url = "http://127.0.0.1:1";
  const auto app = server::App::create(std::move(*config));
  REQUIRE_FALSE(app);
  CHECK(app.error().message.find("the agents have 2 faults") == 0);
  CHECK(app.error().message.find(file + "#/agents/0/id must match") != std::string::npos);
  CHECK(app.error().message.find(file + "#/agents/1/modle is not a known property") !=
        std::string::npos);
}

TEST_CASE("what the environment says of calls by SIP is checked, all at once", "[server][agents]") {
  const auto faults_of = [](const std::map<std::string, std::string>& variables) {
    const auto config = server::load_config([&](const std::string& name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
    });
    std::string names;
    if (config) return names;
    for (const server::Fault& fault : config.error()) names += fault.variable + " ";
    return names;
  };
  // Nothing of the carrier is needed when all calls come by SIP.
  CHECK(faults_of({{"OPENAI_API_KEY", "sk"}, {"OPENAI_WEBHOOK_SECRET", "whsec_QUJD"}}).empty());
  CHECK(faults_of({{"OPENAI_API_KEY", "sk"}, {"OPENAI_WEBHOOK_SECRET", "whsec_QUJD, whsec_REVG"}})
            .empty());
  CHECK(faults_of({{"OPENAI_API_KEY", "sk"}}).find("TELNYX_API_KEY") != std::string::npos);
  CHECK(faults_of({{"OPENAI_API_KEY", "sk"},
                   {"OPENAI_WEBHOOK_SECRET", "whsec_QUJD"},
                   {"TELNYX_API_KEY", "KEY1"}})
            .find("TELNYX_PUBLIC_KEY") != std::string::npos);
  CHECK(faults_of({{"OPENAI_API_KEY", "sk"},
                   {"OPENAI_WEBHOOK_SECRET", "whsec_QUJD,no"},
                   {"OPENAI_PROJECT_ID", "my project"},
                   {"OPENAI_REALTIME_PATH", "realtime"},
                   {"OPENAI_HEADERS", "X-Team"},
                   {"VOICEBRIDGE_BUDGET_USD", "-1"},
                   {"VOICEBRIDGE_PRICES", "no such file"}}) ==
        "OPENAI_REALTIME_PATH OPENAI_HEADERS OPENAI_WEBHOOK_SECRET OPENAI_PROJECT_ID "
        "VOICEBRIDGE_BUDGET_USD VOICEBRIDGE_PRICES ");
  CHECK(faults_of({{"OPENAI_API_KEY", "sk"},
                   {"OPENAI_WEBHOOK_SECRET", "whsec_QQ==,whsec_QUI=,whsec_QUJD"}}) ==
        "OPENAI_WEBHOOK_SECRET ");
}

TEST_CASE("prices are read from a file, and every fault of it is told", "[server][agents]") {
  TempDirectory folder;
  const std::string file = folder / "prices.json";
  const auto load = [&](const std::string& json) {
    std::ofstream(file) << json;
    return server::load_prices(file);
  };
  const auto prices = load(R"({"as_of":"2027-01","models":{"m":{"audio_in":30,"minute":0.01}}})");
  REQUIRE(prices);
  CHECK((*prices)->as_of == "2027-01");
  REQUIRE((*prices)->find("m") != nullptr);
  CHECK((*prices)->find("m")->audio_in == 30.0);
  CHECK_FALSE((*prices)->find("m")->audio_out);
  const auto wrong = load(R"({"model":1,"models":{"m":{"audio_in":-1,"sound":2},"n":3}})");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message ==
        file +
            ": /model is not a known property; /models/m/audio_in must be 0 or more; "
            "/models/m/sound is not a known property; /models/n must be of type \"object\"");
  CHECK_FALSE(load("{}"));
  CHECK_FALSE(load("["));
  CHECK_FALSE(server::load_prices(folder / "none"));
}
