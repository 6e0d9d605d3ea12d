// Calls that the model service carries, as the agent admits, answers and ends them; and what a call
// is made of.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "unit/calls/fake_carrier.hpp"
#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

struct Town {
  explicit Town(PhoneAgentOptions options = {}) {
    PhoneAgentParts parts;
    parts.next_scheduler = [this]() -> Scheduler& { return clock; };
    parts.open_speech = [this](Scheduler&) { return new_model(); };
    parts.carrier = phone.get();
    parts.tools = &tools;
    parts.leads = leads;
    parts.calls = calls;
    agent = std::make_unique<PhoneAgent>(std::move(parts), std::move(options));
    REQUIRE(add_builtin_tools(tools, *agent, "US"));
    agent->on_ended(
        [this](const CallRecord& record, const std::string&) { ended.push_back(record); });
  }
  ~Town() {
    agent->stop(Millis(0));
    clock.advance(2min);
    // What was never answered holds its call, which holds its carrier.
    phone->requests.clear();
    sip->requests.clear();
  }
  std::unique_ptr<SpeechSession> new_model() {
    models.push_back(std::make_shared<FakeSpeech::Log>());
    return std::make_unique<FakeSpeech>(models.back());
  }
  ServiceCall incoming(const std::string& leg) {
    ServiceCall call;
    call.leg_id = leg;
    call.from = "+12025550123";
    call.to = "sip:proj_1@sip.test";
    call.options.greeting = "Greet {{first_name}}the caller.";
    call.tools.names = {"end_call", "transfer_to_human"};
    call.options.transfer_targets = {{"desk", "+12025550199"}};
    call.carrier = sip;
    call.open_speech = [this](Scheduler&) { return new_model(); };
    call.carrier_name = "openai";
    return call;
  }
  void answered(Result<> result = {}) {
    const auto done = sip->last("answer").done;
    done(result);
    clock.run_ready();
  }
  void from_model(const SpeechEvent& event) {
    models.back()->observer->on_speech_event(event, clock.now());
    clock.run_ready();
  }

  testing::ManualScheduler clock;
  ToolRegistry tools;
  std::shared_ptr<FakeCarrier> phone = std::make_shared<FakeCarrier>();
  std::shared_ptr<FakeCarrier> sip = std::make_shared<FakeCarrier>();
  std::shared_ptr<LeadStore> leads = make_memory_lead_store();
  std::shared_ptr<CallStore> calls = make_memory_call_store();
  std::vector<std::shared_ptr<FakeSpeech::Log>> models;
  std::vector<CallRecord> ended;
  std::unique_ptr<PhoneAgent> agent;
};

}  // namespace

TEST_CASE("a service call from its answer to the caller's hang-up", "[calls][service]") {
  Town town;
  const auto status = town.agent->serve(town.incoming("rtc_1"));
  REQUIRE(status);
  CHECK(status->state == "dialing");
  CHECK_FALSE(status->existed);
  CHECK(town.agent->live_calls() == 1);
  town.clock.run_ready();
  CHECK(town.sip->last("answer").leg == "rtc_1");
  CHECK(town.models.empty());
  town.answered();
  REQUIRE(town.models.size() == 1);
  CHECK(town.models[0]->spec.tools.size() == 2);
  town.from_model(SpeechReady{"s"});
  CHECK(town.models[0]->last<Say>().instructions == "Greet the caller.");
  CHECK(town.sip->count("start_media") == 0);
  CHECK(town.phone->requests.empty());
  SpeechUsage usage;
  usage.model = "gpt-realtime-2";
  usage.output_audio = 1000000;
  town.from_model(usage);
  town.from_model(SpeechClosed{});
  REQUIRE(town.ended.size() == 1);
  CHECK(town.ended[0].end_reason == EndReason::caller_hangup);
  CHECK(town.sip->count("hang_up") == 0);
  CHECK(town.agent->live_calls() == 0);
  town.clock.advance(1s);
  const auto stored = town.calls->find(status->call_id);
  REQUIRE(stored);
  CHECK(stored->call.carrier == "openai");
  CHECK(stored->call.direction == "inbound");
  CHECK(stored->call.leg_id == "rtc_1");
  CHECK(stored->call.from == "+12025550123");
  CHECK(stored->call.cost_usd == 64);
  CHECK(stored->call.usage_json.find("1000000") != std::string::npos);
}

TEST_CASE("an answer that fails is a caller who was not reached", "[calls][service]") {
  Town town;
  REQUIRE(town.agent->serve(town.incoming("rtc_1")));
  town.clock.run_ready();
  town.answered(fail(Errc::not_found, "the caller has given up"));
  REQUIRE(town.ended.size() == 1);
  CHECK(town.ended[0].end_reason == EndReason::not_reached);
  CHECK(town.ended[0].end_detail == "the caller has given up");
  CHECK(town.models.empty());
  CHECK(town.agent->live_calls() == 0);
}

TEST_CASE("calls are counted when they are taken, and a leg once", "[calls][service]") {
  PhoneAgentOptions options;
  options.max_calls = 2;
  Town town(options);
  const auto first = town.agent->serve(town.incoming("rtc_1"));
  REQUIRE(first);
  REQUIRE(town.agent->serve(town.incoming("rtc_2")));
  const auto third = town.agent->serve(town.incoming("rtc_3"));
  REQUIRE_FALSE(third);
  CHECK(third.error().code == Errc::resource_exhausted);
  // Known legs are known, full or not.
  const auto again = town.agent->serve(town.incoming("rtc_1"));
  REQUIRE(again);
  CHECK(again->existed);
  CHECK(again->call_id == first->call_id);
  town.clock.run_ready();
  CHECK(town.sip->count("answer") == 2);
  town.answered(fail(Errc::unavailable, "no"));
  CHECK(town.agent->serve(town.incoming("rtc_3")));
}

TEST_CASE("what is missing in a service call is named", "[calls][service]") {
  Town town;
  ServiceCall call = town.incoming("rtc_1");
  SECTION("leg") {
    call.leg_id.clear();
    CHECK(town.agent->serve(call).error().field == "leg_id");
  }
  SECTION("carrier") {
    call.carrier.reset();
    CHECK(town.agent->serve(call).error().field == "carrier");
  }
  SECTION("model") {
    call.open_speech = {};
    CHECK(town.agent->serve(call).error().field == "open_speech");
  }
  CHECK(town.agent->live_calls() == 0);
}

TEST_CASE("a call that is stopped while it is being answered is hung up again",
          "[calls][service]") {
  Town town;
  REQUIRE(town.agent->serve(town.incoming("rtc_1")));
  town.clock.run_ready();
  town.agent->stop(Millis(0));
  town.clock.advance(1s);
  CHECK(town.sip->count("hang_up") == 1);
  town.answered();
  CHECK(town.sip->count("hang_up") == 2);
  town.clock.advance(10s);
  CHECK(town.ended.size() == 1);
  CHECK(town.models.empty());
}

TEST_CASE("the carrier of the call hands its caller on", "[calls][service][transfer]") {
  Town town;
  REQUIRE(town.agent->serve(town.incoming("rtc_1")));
  town.clock.run_ready();
  town.answered();
  town.from_model(SpeechReady{"s"});
  town.from_model(ReplyStarted{});
  town.from_model(ToolCallsWanted{{{"t1", "transfer_to_human", "{}"}}});
  town.from_model(ReplyEnded{ReplyEnded::Outcome::completed, {}, false});
  town.from_model(ReplyStarted{});
  town.from_model(UtteranceStarted{"u"});
  town.from_model(PlayoutStarted{"u"});
  town.from_model(ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
  CHECK(town.sip->count("transfer") == 0);
  town.from_model(PlayoutEnded{"u", true});
  CHECK(town.sip->last("transfer").leg == "rtc_1");
  CHECK(town.sip->last("transfer").argument == "+12025550199");
  town.sip->last("transfer").done({});
  town.from_model(SpeechClosed{});
  REQUIRE(town.ended.size() == 1);
  CHECK(town.ended[0].end_reason == EndReason::transferred);
  CHECK(town.sip->count("hang_up") == 0);
}

TEST_CASE("what a call is made of is chosen for each", "[calls][profile]") {
  std::vector<CallFacts> asked;
  PhoneAgentOptions options;
  options.profile_for = [&](const CallFacts& facts) -> Result<CallProfile> {
    asked.push_back(facts);
    if (facts.to == "+12025550404") return fail(Errc::not_found, "nobody answers this number");
    CallProfile profile;
    profile.options.greeting = "Hello {{first_name}}, I am " + facts.profile + ".";
    profile.options.speech.voice = "marin";
    profile.tools.names = {"end_call"};
    return profile;
  };
  Town town(options);
  SECTION("of a lead to be dialed") {
    LeadInput input;
    input.first_name = "Ada";
    input.last_name = "L";
    input.phone = "+12025550123";
    input.consent = true;
    const auto lead = town.leads->save(input);
    REQUIRE(lead);
    CallLeadRequest request;
    request.lead_id = lead->id;
    request.profile = "sales";
    town.agent->call_lead(request, [](const Result<CallStatus>& status) { REQUIRE(status); });
    town.clock.run_ready();
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].way == CallFacts::Way::outbound);
    CHECK(asked[0].profile == "sales");
    CHECK(asked[0].lead_id == lead->id);
    CHECK(town.phone->last("dial").argument == "+12025550123");
    REQUIRE(town.models.size() == 1);
    CHECK(town.models[0]->spec.voice == "marin");
    REQUIRE(town.models[0]->spec.tools.size() == 1);
    CHECK(town.models[0]->spec.tools[0].name == "end_call");
  }
  SECTION("of an incoming call") {
    town.agent->on_carrier_event(
        {"call.initiated", "leg_1", "", LegIncoming{"+1", "+12025550100"}});
    town.clock.run_ready();
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].way == CallFacts::Way::inbound);
    CHECK(asked[0].to == "+12025550100");
    CHECK(town.phone->last("answer").leg == "leg_1");
  }
  SECTION("nobody is configured: declined") {
    town.agent->on_carrier_event(
        {"call.initiated", "leg_1", "", LegIncoming{"+1", "+12025550404"}});
    town.clock.run_ready();
    CHECK(town.phone->last("hang_up").leg == "leg_1");
    CHECK(town.agent->live_calls() == 0);
  }
  SECTION("of a browser") {
    REQUIRE(town.agent->seat_web("guide"));
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].way == CallFacts::Way::web);
    CHECK(asked[0].profile == "guide");
  }
}
