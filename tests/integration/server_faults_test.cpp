// The services behind the example server fail, while a call is up.
#include "integration/server_town.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

std::size_t commands(const Town& town, const std::string& name) {
  std::size_t count = 0;
  town.telnyx->inspect([&](const testing::TelnyxCarrier& carrier, TimePoint) {
    for (const auto& request : carrier.requests()) count += request.command == name ? 1 : 0;
  });
  return count;
}

}  // namespace

TEST_CASE("a model that refuses the key ends the call and nobody else's", "[server][faults]") {
  Town town(R"({"agents":[{"replies":[{"on":"start","say":"Hello."}]}],
               "connections":[{},{"http_status":401,"repeat":true}]})");
  SteadyCall steady(town);
  const CallRecord record = town.end_of(town.call("Ada", "+12025550150"));
  CHECK(record.end_reason == EndReason::model_failed);
  CHECK(eventually([&] { return town.telnyx->active_calls() == 1; }));
  steady.require_untouched();
}

TEST_CASE("a model that never answers is heard as words of the carrier", "[server][faults]") {
  std::string replies;
  for (const char* cause : {"start", "start", "start", "response"}) {
    replies += std::string(R"({"say":"-","fault":{"kind":"no_response"},"on":")") + cause + "\"},";
  }
  replies.pop_back();
  Town town(R"({"agents":[{"match":"called Silent","replies":[)" + replies + R"(]},
                          {"replies":[{"on":"start","say":"Hello."}]}]})");
  SteadyCall steady(town);
  const CallRecord record = town.end_of(town.call("Silent", "+12025550151"));
  CHECK(record.end_reason == EndReason::model_failed);
  CHECK(commands(town, "speak") == 1);
  CHECK(eventually([&] { return town.telnyx->active_calls() == 1; }));
  steady.require_untouched();
}

TEST_CASE("a carrier that refuses, stumbles or says nothing", "[server][faults]") {
  Town town(
      R"({"agents":[{"replies":[{"on":"start","say":"Hello."},{"on":"start","say":"Hello."}]}]})");
  SteadyCall steady(town);
  testing::SimApiFault fault;
  fault.command = "dial";
  const auto fails_with = [&](int status, unsigned times) {
    fault.status = status;
    fault.times = times;
    town.telnyx->inject(fault);
    return town.end_of(town.call("Ada", "+1202555016" + std::to_string(status % 7)));
  };
  SECTION("422 is final") {
    CHECK(fails_with(422, 1).end_reason == EndReason::carrier_failed);
    CHECK(commands(town, "dial") == 2);
  }
  SECTION("500 is tried again, and then final") {
    CHECK(fails_with(500, 3).end_reason == EndReason::carrier_failed);
    CHECK(commands(town, "dial") == 4);
  }
  SECTION("429 is tried again, and the call is made") {
    testing::CallPlan plan;
    plan.ring = 50ms;
    plan.hangup_after = 500ms;
    town.telnyx->plan_next("+12025550162", plan);
    CHECK(fails_with(429, 1).end_reason == EndReason::caller_hangup);
    CHECK(commands(town, "dial") == 3);
  }
  SECTION("no answer at all") {
    CHECK(fails_with(0, 3).end_reason == EndReason::carrier_failed);
    CHECK(commands(town, "dial") == 4);
  }
  SECTION("a hang-up of a leg that is gone is a success") {
    fault.command = "hangup";
    fault.status = 422;
    town.telnyx->inject(fault);
    const std::string call_id = town.call("Ada", "+12025550169");
    REQUIRE(eventually([&] { return town.state_of(call_id) == "talking"; }));
    town.app->agent().stop(0ms);
    CHECK(town.end_of(call_id).end_reason == EndReason::cancelled);
    return;  // The steady call was stopped with it.
  }
  CHECK(town.telnyx->active_calls() == 1);
  steady.require_untouched();
}

TEST_CASE("the server goes down while calls are up", "[server][faults]") {
  for (int round = 0; round < 10; ++round) {
    Town town(R"({"agents":[{"replies":[{"on":"start","say":"Hello."}]}]})");
    SteadyCall steady(town);
    town.app.reset();
    CHECK(eventually([&] {
      const auto models = town.openai->records();
      return std::none_of(models.begin(), models.end(), [](const auto& m) { return m.open; });
    }));
  }
}
