// Callers of Twilio whose agent is at OpenAI's SIP connector, handed to a person: both simulators
// and the server between them, over real sockets.
#include <algorithm>

#include "integration/twilio_hooks.hpp"
#include "voicebridge/testing/openai_call_record.hpp"
#include "voicebridge/testing/twilio_simulator.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using testing::OpenAiCallRecord;

namespace {

constexpr const char* kDeskScenario = R"({"agents":[
  {"name":"briefing","match":"You phone a colleague","replies":[
    {"on":"start","say":"A caller would like to speak with you. Press one to take the call."}]},
  {"name":"garage","match":"car","replies":[
    {"on":"start","say":"Garage."},
    {"on":"turn","transcript_of_caller":"No service.",
     "calls":[{"name":"transfer_to_human","arguments":{"target":"workshop"}}]},
    {"on":"response","say":"I put you through."},
    {"on":"tool_result","say":"I am sorry, nobody can take your call.",
     "calls":[{"name":"end_call","arguments":{}}]}]}]})";

constexpr const char* kDeskAgents = R"({"agents":[
  {"id":"garage","numbers":["+12025550177"],"instructions":"Ask what car it is.",
   "tools":["transfer_to_human","end_call"],
   "transfers":[{"name":"workshop","to":"+12025550188","mode":"warm","meanwhile":"hold",
                 "ring_timeout_s":10}]}]})";

const std::string kWorkshop = "+12025550188";
const std::string kSorry = "I am sorry, nobody can take your call.";

testing::CalleeScript desk_script(const char* steps) {
  return testing::CalleeScript::parse(Json::parse(steps).value(), VOICEBRIDGE_TEST_DATA "/audio")
      .value();
}

testing::CallPlan desk_plan(const char* steps) {
  testing::CallPlan plan;
  plan.ring = 300ms;
  plan.leg_format = AudioFormat::pcmu();
  plan.script = desk_script(steps);
  return plan;
}

/// Twilio's number leads to the server, and its SIP calls to the simulated connector.
class DeskTown {
 public:
  explicit DeskTown(const std::string& scenario = kDeskScenario)
      : town_(
            scenario, [this](Town& town, server::Config& config) { settle(town, config); },
            kDeskAgents) {
    twilio_->set_voice_url(town_.app->config().public_app_url + "/twilio/voice");
  }
  ~DeskTown() {
    town_.app.reset();
    twilio_.reset();
  }

  /// Somebody calls, and asks for a person as soon as the agent has greeted them.
  void calls(const char* script = "[]") {
    testing::CallPlan plan = desk_plan(script);
    plan.ring = 10s;
    caller_ = twilio_->call_in("+12025550155", "+12025550177", plan);
  }
  void plan_person(testing::CallPlan plan) { twilio_->plan_next(kWorkshop, std::move(plan)); }
  void with_carrier(const std::function<void(const testing::TwilioCarrier&)>& look) const {
    twilio_->inspect([&](const testing::TwilioCarrier& carrier, TimePoint) { look(carrier); });
  }
  const std::string& caller() const { return caller_; }
  /// One request of that kind fails, behind so many that do not.
  void fails(const std::string& command, unsigned before, bool effective) {
    testing::SimApiFault fault{command, 1, 422, Millis(0), effective};
    fault.skip = before;
    twilio_->inject(fault);
  }
  /// The leg that was called as number `at`: 0 is the caller, 1 the agent, 2 the person.
  std::string leg(std::size_t at) const {
    std::string sid;
    with_carrier([&](const testing::TwilioCarrier& carrier) {
      const auto all = carrier.calls();
      if (at < all.size()) sid = all[at];
    });
    return sid;
  }
  std::string status(std::size_t at) const {
    const std::string sid = leg(at);
    std::string status;
    with_carrier([&](const testing::TwilioCarrier& carrier) { status = carrier.status(sid); });
    return status;
  }
  bool rings_person() const {
    return eventually([&] { return status(2) == "ringing"; });
  }
  /// The call at OpenAI, once it has ended.
  OpenAiCallRecord agent_end() {
    const bool ended = eventually([&] {
      const auto calls = town_.openai->calls();
      return !calls.empty() && calls[0].ended();
    });
    REQUIRE(ended);
    return town_.openai->calls()[0];
  }
  CallRecord record_of(const OpenAiCallRecord& call) { return town_.end_of(call.call_id); }
  /// What the tool's caller, the model, was told of the transfer.
  static std::string told(const OpenAiCallRecord& call) {
    for (const auto& result : call.session.tool_results) {
      if (result.name == "transfer_to_human") return result.output;
    }
    return {};
  }
  /// Nobody is left: no leg, no session, no call.
  void require_empty() {
    CHECK(eventually([&] { return twilio_->active_calls() == 0; }));
    CHECK(eventually([&] { return town_.openai->active_calls() == 0; }));
    CHECK(eventually([&] { return town_.app->agent().live_calls() == 0; }));
    CHECK(eventually([&] {
      const auto all = town_.openai->records();
      return std::none_of(all.begin(), all.end(), [](const auto& one) { return one.open; });
    }));
    for (const auto& one : town_.openai->records()) CHECK(one.violations.empty());
    for (const auto& one : town_.openai->calls()) CHECK(one.session.violations.empty());
    with_carrier([](const testing::TwilioCarrier& carrier) {
      CHECK(carrier.warnings().bad_twiml == 0);
      CHECK(carrier.warnings().unknown_twiml == 0);
      CHECK(carrier.warnings().http_failure == 0);
    });
  }
  /// Nobody took it: the agent had the caller back, told them, and the call came to its end.
  void require_told(const std::string& why) {
    const OpenAiCallRecord call = agent_end();
    CHECK(call.end == OpenAiCallRecord::End::hung_up);
    CHECK(told(call).find("transfer_failed") != std::string::npos);
    CHECK(told(call).find(why) != std::string::npos);
    const CallRecord record = record_of(call);
    CHECK(record.end_reason == EndReason::agent_goodbye);
    REQUIRE_FALSE(record.transcript.empty());
    CHECK(record.transcript.back().heard_text == kSorry);
    REQUIRE_FALSE(call.heard.empty());
    CHECK_FALSE(call.heard.back().cut);
    require_empty();
    CHECK(status(0) == "completed");
    CHECK(status(1) == "completed");
  }

 private:
  void settle(Town& town, server::Config& config) {
    testing::TwilioSimulatorOptions options;
    options.openai = town.openai.get();
    options.sip_caller.script =
        desk_script(R"([{"wait":"agent_silence","ms":400},{"play":"speech_en_no_service.wav"}])");
    twilio_ = testing::TwilioSimulator::create(town.street(), options).value();
    add_twilio(config);
    config.twilio_account_sid = twilio_->account_sid();
    config.twilio_auth_token = Secret(twilio_->auth_token());
    config.twilio_api_base = twilio_->base_url();
    config.twilio_by_sip = true;
    config.openai_project_id = town.openai->project_id();
  }

  std::unique_ptr<testing::TwilioSimulator> twilio_;
  Town town_;
  std::string caller_;
};

}  // namespace

TEST_CASE("a caller by SIP is handed to a person who takes the call", "[server][sip][transfer]") {
  DeskTown town;
  town.plan_person(desk_plan(R"([{"wait":"agent_silence","ms":500},{"dtmf":"1"},
    {"wait":"ms","ms":1500},{"play":"speech_en_no_service.wav"},
    {"wait":"ms","ms":1000},{"hangup":true}])"));
  town.calls();
  const OpenAiCallRecord call = town.agent_end();
  const CallRecord record = town.record_of(call);
  CHECK(record.end_reason == EndReason::transferred);
  REQUIRE(call.webhooks.size() == 1);
  CHECK(call.webhooks[0].status == 200);
  CHECK(call.sip_status == 200);
  CHECK(call.sidebands.size() == 1);
  CHECK(call.refer_to.empty());
  // The agent is gone and the two talk, until the person hangs up, who takes the caller along.
  town.require_empty();
  town.with_carrier([&](const testing::TwilioCarrier& carrier) {
    const auto legs = carrier.calls();
    REQUIRE(legs.size() == 3);
    CHECK(legs[0] == town.caller());
    for (const std::string& leg : legs) CHECK(carrier.status(leg) == "completed");
    CHECK(carrier.heard_from(legs[0], legs[2]) > 500ms);
    // The briefing was heard before.
    CHECK(carrier.leg(legs[2])->stats().heard_bytes > 4000);
  });
}

TEST_CASE("a caller by SIP comes back to the agent when nobody takes the call",
          "[server][sip][transfer]") {
  DeskTown town;
  SECTION("declined") {
    town.plan_person(desk_plan(R"([{"wait":"agent_silence","ms":500},{"dtmf":"2"}])"));
    town.calls();
    town.require_told("cannot take the call");
    CHECK(town.status(2) == "completed");
  }
  SECTION("not answered") {
    testing::CallPlan plan = desk_plan("[]");
    plan.outcome = testing::CallOutcome::no_answer;
    plan.ring = 800ms;
    town.plan_person(plan);
    town.calls();
    town.require_told("nobody answered");
    CHECK(town.status(2) == "no-answer");
  }
  SECTION("hung up during the briefing") {
    town.plan_person(desk_plan(R"([{"wait":"agent_speaking","ms":300},{"hangup":true}])"));
    town.calls();
    town.require_told("hung up");
    CHECK(town.status(2) == "completed");
  }
}

TEST_CASE(
    "a person whom Twilio's own voice asks, as there is no model to brief them, decides by key",
    "[server][sip][transfer]") {
  // The agent's line is there, and every session of the server's own is refused.
  std::string scenario(kDeskScenario);
  scenario.pop_back();
  DeskTown town(scenario + R"(,"connections":[{},{"http_status":401},{"http_status":401}]})");
  SECTION("takes the call, after another key") {
    town.plan_person(desk_plan(R"([{"wait":"agent_speaking","ms":500},{"dtmf":"5"},
      {"wait":"ms","ms":1000},{"dtmf":"1"},{"wait":"ms","ms":1500},
      {"play":"speech_en_no_service.wav"},{"wait":"ms","ms":1000},{"hangup":true}])"));
    town.calls();
    const OpenAiCallRecord call = town.agent_end();
    CHECK(town.record_of(call).end_reason == EndReason::transferred);
    town.require_empty();
    town.with_carrier([&](const testing::TwilioCarrier& carrier) {
      const auto legs = carrier.calls();
      REQUIRE(legs.size() == 3);
      CHECK(carrier.heard_from(legs[0], legs[2]) > 500ms);
    });
  }
  SECTION("declines") {
    town.plan_person(desk_plan(R"([{"wait":"agent_speaking","ms":500},{"dtmf":"2"}])"));
    town.calls();
    town.require_told("cannot take the call");
  }
  SECTION("hangs up meanwhile") {
    town.plan_person(desk_plan(R"([{"wait":"agent_speaking","ms":300},{"hangup":true}])"));
    town.calls();
    town.require_told("hung up");
  }
  CHECK(town.status(2) == "completed");
}

TEST_CASE("a caller by SIP comes back to the agent when the join fails by half",
          "[server][sip][transfer]") {
  struct Half {
    const char* command;
    unsigned before;
    bool effective;  ///< It is done, and only its answer is a fault.
  };
  // Of the changes of participants the first puts the caller on hold. Then: the agent may leave,
  // the person enters, the caller is off hold.
  const Half half = GENERATE(Half{"participant_update", 1, false}, Half{"transfer", 0, true},
                             Half{"participant_update", 2, false});
  CAPTURE(half.command, half.before, half.effective);
  DeskTown town;
  town.plan_person(desk_plan(R"([{"wait":"agent_silence","ms":500},{"dtmf":"1"}])"));
  town.fails(half.command, half.before, half.effective);
  town.calls();
  town.require_told("could not put the call through");
  CHECK(town.status(2) == "completed");
}

TEST_CASE("a caller by SIP who hangs up while the person's phone rings",
          "[server][sip][transfer]") {
  DeskTown town;
  testing::CallPlan person = desk_plan("[]");
  person.outcome = testing::CallOutcome::timeout;
  town.plan_person(person);
  town.calls(R"([{"wait":"ms","ms":9000},{"hangup":true}])");
  REQUIRE(town.rings_person());
  const OpenAiCallRecord call = town.agent_end();
  CHECK(call.end == OpenAiCallRecord::End::caller_hung_up);
  CHECK(town.record_of(call).end_reason == EndReason::caller_hangup);
  town.require_empty();
  CHECK(town.status(0) == "completed");
  CHECK(town.status(1) == "completed");
  CHECK(town.status(2) == "canceled");
}
