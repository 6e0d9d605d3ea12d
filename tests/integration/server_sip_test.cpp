// Calls that come to OpenAI by SIP, from the webhook to the hang-up, over real sockets on loopback.
#include <algorithm>

#include "integration/server_town.hpp"
#include "voicebridge/testing/openai_call_record.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using testing::OpenAiCallRecord;
using testing::SipCallPlan;

namespace {

// The bakery knows the words "baked", the garage "car", the tower nobody.
constexpr const char* kSipScenario = R"({"agents":[
  {"name":"bakery","match":"baked","replies":[
    {"on":"start","say":"Good morning."},
    {"on":"turn","transcript_of_caller":"No service.","say":"Then goodbye.",
     "calls":[{"name":"end_call","arguments":{}}]}]},
  {"name":"garage","match":"car","replies":[
    {"on":"start","say":"Garage."},
    {"on":"turn","transcript_of_caller":"No service.","say":"I put you through.",
     "calls":[{"name":"transfer_to_human","arguments":{"target":"workshop"}}]}]},
  {"name":"brief","match":"brief","replies":[
    {"on":"start","say":"Hello and goodbye.","calls":[{"name":"end_call","arguments":{}}]}]}]})";

constexpr const char* kSipAgents = R"({"agents":[
  {"id":"bakery","numbers":["+12025550100"],"instructions":"All is baked here.","voice":"cedar",
   "model":"gpt-realtime-2.1-mini","tools":["end_call","save_lead"],
   "sip_headers":[{"name":"X-Agent","value":"bakery"}],
   "turn_detection":{"silence_ms":450,"threshold":0.6},
   "session":{"audio":{"input":{"noise_reduction":{"type":"near_field"}}},
              "max_output_tokens":2000}},
  {"id":"garage","numbers":["+12025550177"],"instructions":"Ask what car it is.",
   "limits":{"max_calls":1},
   "transfers":[{"name":"workshop","to":"+12025550188"}]},
  {"id":"brief","sip_hosts":["brief.example.com"],"instructions":"Be brief."}]})";

SipCallPlan plan_to(const std::string& to) {
  SipCallPlan plan;
  plan.to = to;
  return plan;
}

/// Says something once the agent has spoken, and listens then.
SipCallPlan talk_to(const std::string& to) {
  SipCallPlan plan = plan_to(to);
  plan.caller.script =
      testing::CalleeScript::parse(
          Json::parse(R"([{"wait":"agent_silence","ms":400},{"play":"speech_en_no_service.wav"}])")
              .value(),
          VOICEBRIDGE_TEST_DATA "/audio")
          .value();
  return plan;
}

OpenAiCallRecord end_of(Town& town, const std::string& call_id) {
  const bool ended = eventually([&] {
    const auto call = town.openai->call(call_id);
    return call && call->ended();
  });
  REQUIRE(ended);
  return town.openai->call(call_id).value();
}

/// How often the service was asked for it.
long requests(const OpenAiCallRecord& call, const std::string& verb) {
  return std::count_if(call.requests.begin(), call.requests.end(),
                       [&](const auto& request) { return request.verb == verb; });
}

void require_empty(Town& town) {
  CHECK(eventually([&] { return town.app->agent().live_calls() == 0; }));
  CHECK(eventually([&] { return town.openai->active_calls() == 0; }));
}

}  // namespace

TEST_CASE("a SIP call from the webhook to the hang-up", "[server][sip]") {
  Town town(kSipScenario, nullptr, kSipAgents);
  const std::string id = town.openai->sip_call(talk_to("+12025550100"));
  const OpenAiCallRecord call = end_of(town, id);
  const CallRecord record = town.end_of(id);

  REQUIRE(call.webhooks.size() == 1);
  CHECK(call.webhooks[0].status == 200);
  REQUIRE(requests(call, "accept") == 1);
  CHECK(call.requests[0].status == 200);
  const Json session = Json::parse(call.accepted_session).value();
  CHECK(session["model"].string() == "gpt-realtime-2.1-mini");
  CHECK(session["instructions"].string_or("").find("All is baked here.") == 0);
  CHECK(session["audio"]["output"]["voice"].string() == "cedar");
  CHECK_FALSE(session["audio"]["input"]["format"].exists());
  CHECK_FALSE(session["audio"]["input"]["turn_detection"]["threshold"].exists());
  CHECK(session["audio"]["input"]["noise_reduction"]["type"].string() == "near_field");
  CHECK(session["max_output_tokens"].integer() == 2000);
  REQUIRE(session["tools"].size() == 2);
  CHECK(session["tools"].at(0)["name"].string() == "end_call");

  CHECK(call.sidebands.size() == 1);
  CHECK(call.session.client_events.count("session.update") ==
        1);  // The tuning that accept refuses.
  CHECK(call.session.client_events.count("input_audio_buffer.append") == 0);
  CHECK(call.session.client_events.count("conversation.item.truncate") == 0);
  CHECK(call.session.violations.empty());

  CHECK(call.sip_status == 200);
  CHECK(call.end == OpenAiCallRecord::End::hung_up);
  CHECK(record.end_reason == EndReason::agent_goodbye);
  REQUIRE(call.heard.size() == 2);
  CHECK_FALSE(call.heard.back().cut);  // The goodbye, to its end.
  REQUIRE(record.transcript.size() == 3);
  CHECK(record.transcript[0].heard_text == "Good morning.");
  CHECK(record.transcript[1].text == "No service.");
  CHECK(record.transcript[2].heard_text == "Then goodbye.");
  CHECK(record.usage.output_audio > 0);
  CHECK(record.cost.usd > 0);
  CHECK(eventually([&] {
    const auto stored = town.app->stores().calls->find(id);
    return stored && stored->call.carrier == "openai" && !stored->transcript.empty();
  }));
  require_empty(town);
}

TEST_CASE("a caller is handed to the workshop by refer", "[server][sip]") {
  Town town(kSipScenario, nullptr, kSipAgents);
  const std::string id = town.openai->sip_call(talk_to("+12025550177"));
  const OpenAiCallRecord call = end_of(town, id);
  CHECK(call.end == OpenAiCallRecord::End::referred);
  CHECK(call.refer_to == "tel:+12025550188");
  CHECK(requests(call, "refer") == 1);
  CHECK(requests(call, "hangup") == 0);
  REQUIRE_FALSE(call.heard.empty());
  CHECK_FALSE(call.heard.back().cut);  // They were told before they went.
  CHECK(town.end_of(id).end_reason == EndReason::transferred);
  require_empty(town);
}

TEST_CASE("a caller who gives up while it rings", "[server][sip]") {
  Town town(kSipScenario, nullptr, kSipAgents);
  SipCallPlan plan = plan_to("+12025550100");
  plan.ring = 5ms;
  plan.webhook.delay = 30ms;
  const std::string id = town.openai->sip_call(plan);
  const OpenAiCallRecord call = end_of(town, id);
  CHECK(call.end == OpenAiCallRecord::End::caller_gave_up);
  CHECK(town.end_of(id).end_reason == EndReason::not_reached);
  const OpenAiCallRecord later = town.openai->call(id).value();
  REQUIRE(requests(later, "accept") == 1);  // Refused for good, so not tried again.
  CHECK(later.requests[0].status / 100 == 4);
  CHECK(later.sidebands.empty());
  require_empty(town);
}

TEST_CASE("a caller who hangs up ends the call", "[server][sip]") {
  Town town(kSipScenario, nullptr, kSipAgents);
  const std::string id = town.openai->sip_call(plan_to("+12025550100"));
  REQUIRE(eventually([&] { return !town.openai->call(id)->heard.empty(); }));
  REQUIRE(town.openai->hang_up(id));
  CHECK(end_of(town, id).end == OpenAiCallRecord::End::caller_hung_up);
  CHECK(town.end_of(id).end_reason == EndReason::caller_hangup);
  require_empty(town);
}

TEST_CASE("an accept that fails is tried once more while it rings", "[server][sip]") {
  Town town(kSipScenario, nullptr, kSipAgents);
  SipCallPlan plan = plan_to("<sip:reception@brief.example.com>");
  testing::SipApiFault fault;
  fault.verb = "accept";
  fault.status = 503;
  plan.faults = {fault};
  SECTION("and works") {
    const std::string id = town.openai->sip_call(plan);
    const OpenAiCallRecord call = end_of(town, id);
    CHECK(call.end == OpenAiCallRecord::End::hung_up);
    CHECK(requests(call, "accept") == 2);
    CHECK(town.end_of(id).end_reason == EndReason::agent_goodbye);
  }
  SECTION("and no more") {
    plan.faults = {fault, fault, fault};
    plan.ring = 2s;
    const std::string id = town.openai->sip_call(plan);
    CHECK(town.end_of(id).end_reason == EndReason::not_reached);
    const OpenAiCallRecord call = end_of(town, id);
    CHECK(requests(call, "accept") == 2);
    CHECK(call.sip_status >= 400);
  }
  require_empty(town);
}

TEST_CASE("50 calls at once", "[server][sip]") {
  Town town(
      kSipScenario, [](server::Config& config) { config.threads = 2; }, kSipAgents);
  std::vector<std::string> ids;
  for (int i = 0; i < 50; ++i) {
    SipCallPlan plan = plan_to("<sip:reception@brief.example.com>");
    plan.webhook.copies = 1 + i % 2;
    ids.push_back(town.openai->sip_call(plan));
  }
  for (const std::string& id : ids) {
    CAPTURE(id);
    const OpenAiCallRecord call = end_of(town, id);
    CHECK(call.end == OpenAiCallRecord::End::hung_up);
    CHECK(requests(call, "accept") == 1);
    CHECK(call.sidebands.size() == 1);
    CHECK(call.session.violations.empty());
    REQUIRE(call.heard.size() == 1);
    CHECK_FALSE(call.heard[0].cut);
    CHECK(town.end_of(id).end_reason == EndReason::agent_goodbye);
  }
  require_empty(town);
}

TEST_CASE("two webhooks for one call are one call", "[server][sip]") {
  Town town(kSipScenario, nullptr, kSipAgents);
  SipCallPlan plan = plan_to("<sip:reception@brief.example.com>");
  plan.webhook.copies = 3;
  plan.webhook.copy_spacing = 1ms;
  plan.webhook.late = 300ms;
  plan.webhook.live_event = true;
  const std::string id = town.openai->sip_call(plan);
  end_of(town, id);
  // Three of each kind, and the late one.
  const auto answered = [&] {
    const auto call = town.openai->call(id);
    return std::count_if(call->webhooks.begin(), call->webhooks.end(),
                         [](const auto& webhook) { return webhook.status == 200; });
  };
  CHECK(eventually([&] { return answered() >= 4; }));
  const OpenAiCallRecord call = town.openai->call(id).value();
  CHECK(answered() == static_cast<long>(call.webhooks.size()));
  CHECK(requests(call, "accept") == 1);
  CHECK(call.sidebands.size() == 1);
  CHECK(call.end == OpenAiCallRecord::End::hung_up);
  require_empty(town);
}

TEST_CASE("whom a call is for is told by number, host or header", "[server][sip]") {
  Town town(kSipScenario, nullptr, kSipAgents);
  const auto agent_of = [&](const SipCallPlan& plan) {
    const std::string id = town.openai->sip_call(plan);
    const bool known = eventually([&] {
      const auto call = town.openai->call(id);
      return call->ended() || !call->session.agent.empty();
    });
    REQUIRE(known);
    const OpenAiCallRecord call = town.openai->call(id).value();
    town.openai->hang_up(id);
    return call.session.agent;
  };
  CHECK(agent_of(plan_to("+12025550100")) == "bakery");
  CHECK(agent_of(plan_to("<sip:+12025550177@trunk.example.com;transport=tls>")) == "garage");
  CHECK(agent_of(plan_to("<sip:anybody@BRIEF.example.com>")) == "brief");
  SipCallPlan forwarded;  // To the project's own address.
  forwarded.headers = {{"Diversion", "<sip:+12025550100@pstn.example.com>;reason=unconditional"}};
  CHECK(agent_of(forwarded) == "bakery");
  SipCallPlan named = plan_to("<sip:anybody@brief.example.com>");
  named.headers = {{"x-agent", "bakery"}};
  CHECK(agent_of(named) == "bakery");
  SipCallPlan national = plan_to("<sip:2025550100@trunk.example.com>");
  CHECK(agent_of(national) == "bakery");
}

TEST_CASE("a number nobody is configured for is not found", "[server][sip]") {
  Town town(kSipScenario, nullptr, kSipAgents);
  const std::string id = town.openai->sip_call(plan_to("+12025550199"));
  const OpenAiCallRecord call = end_of(town, id);
  CHECK(call.end == OpenAiCallRecord::End::rejected);
  CHECK(call.sip_status == 404);
  CHECK(requests(call, "accept") == 0);
  CHECK(town.app->agent().live_calls() == 0);
}

TEST_CASE("at the limit callers are told that it is busy", "[server][sip]") {
  const auto refused = [](Town& town, const std::string& to) {
    const std::string id = town.openai->sip_call(plan_to(to));
    const OpenAiCallRecord call = end_of(town, id);
    CHECK(call.sip_status == 486);
    CHECK(requests(call, "accept") == 0);
  };
  SECTION("of the agent") {
    Town town(kSipScenario, nullptr, kSipAgents);
    const std::string id = town.openai->sip_call(plan_to("+12025550177"));
    REQUIRE(eventually([&] { return !town.openai->call(id)->heard.empty(); }));
    refused(town, "+12025550177");
    CHECK(end_of(town, town.openai->sip_call(plan_to("<sip:a@brief.example.com>"))).sip_status ==
          200);
    REQUIRE(town.openai->hang_up(id));
    REQUIRE(eventually([&] { return town.app->agent().live_calls() == 0; }));
    // The place is free again.
    const std::string next = town.openai->sip_call(plan_to("+12025550177"));
    CHECK(eventually([&] { return !town.openai->call(next)->heard.empty(); }));
  }
  SECTION("of the server") {
    Town town(
        kSipScenario, [](server::Config& config) { config.max_calls = 1; }, kSipAgents);
    const std::string id = town.openai->sip_call(plan_to("+12025550100"));
    REQUIRE(eventually([&] { return !town.openai->call(id)->heard.empty(); }));
    refused(town, "+12025550177");
    CHECK(town.openai->call(id)->state == OpenAiCallRecord::State::connected);
  }
}

TEST_CASE("a webhook that is not OpenAI's does nothing", "[server][sip]") {
  Town town(kSipScenario, nullptr, kSipAgents);
  const auto first_status = [&](const SipCallPlan& plan) {
    const std::string id = town.openai->sip_call(plan);
    REQUIRE(eventually([&] {
      const auto call = town.openai->call(id);
      return !call->webhooks.empty() && call->webhooks[0].status.has_value();
    }));
    const OpenAiCallRecord call = town.openai->call(id).value();
    CHECK(call.requests.empty());
    town.openai->hang_up(id);
    return call.webhooks[0].status;
  };
  SipCallPlan forged = plan_to("+12025550100");
  forged.webhook.retries = {};
  forged.webhook.bad_signature = true;
  CHECK(first_status(forged) == 401);
  SipCallPlan stale = plan_to("+12025550100");
  stale.webhook.retries = {};
  stale.webhook.stale = 301s;
  CHECK(first_status(stale) == 403);
  // What is not signed is not even read.
  CHECK(town.post("/openai/webhook", "{").status == 401);
  CHECK(town.post("/openai/webhook", R"({"type":"realtime.call.incoming"})").status == 401);
  CHECK(town.app->agent().live_calls() == 0);
}
