// Calls of a number, by one carrier or another: once, kept before the phone rings, and told of.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "unit/calls/fake_carrier.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kAda = "+12025550143";

CallNumberRequest call_to(const std::string& number, const std::string& carrier = {}) {
  CallNumberRequest request;
  request.to = number;
  request.from = "+12025550100";
  request.carrier = carrier;
  request.notes = {"Ada Lovelace", "Engines Ltd", "user_7", R"({"order":42,"plan":"gold"})"};
  return request;
}

/// An agent with two carriers, all of them fakes.
struct Exchange {
  Exchange() {
    PhoneAgentParts parts;
    parts.next_scheduler = [this]() -> Scheduler& { return clock; };
    parts.open_speech = [this](Scheduler&) {
      models.push_back(std::make_shared<FakeSpeech::Log>());
      return std::make_unique<FakeSpeech>(models.back());
    };
    parts.carrier = &first;
    parts.more_carriers["second"] = &second;
    parts.tools = &tools;
    parts.calls = calls;
    PhoneAgentOptions options;
    options.carrier_name = "first";
    options.phone.speech.instructions =
        "For {{contact_name}} of {{business_name}}, order {{metadata.order}}, {{metadata.plan}}.";
    options.profile_for = [this, phone = options.phone](const CallFacts& facts) {
      asked_for.push_back(facts.carrier);
      CallProfile profile;
      profile.options = phone;
      return Result<CallProfile>(profile);
    };
    agent = std::make_unique<PhoneAgent>(std::move(parts), std::move(options));
  }
  ~Exchange() {
    agent->stop(Millis(0));
    clock.advance(2min);
    first.requests.clear();
    second.requests.clear();
  }
  Result<CallStatus> call(CallNumberRequest request) {
    std::vector<Result<CallStatus>> told;
    agent->call_number(std::move(request),
                       [&](Result<CallStatus> status) { told.push_back(std::move(status)); });
    clock.run_ready();
    REQUIRE(told.size() == 1);
    return told[0];
  }
  CarrierEvent event(const std::string& leg, decltype(CarrierEvent::what) what) const {
    return {"event", leg, "", std::move(what)};
  }

  testing::ManualScheduler clock;
  ToolRegistry tools;
  std::shared_ptr<CallStore> calls = make_memory_call_store();
  FakeCarrier first, second;
  std::vector<std::shared_ptr<FakeSpeech::Log>> models;
  std::vector<std::string> asked_for;
  std::unique_ptr<PhoneAgent> agent;
};

}  // namespace

TEST_CASE("a number is called, with all that is known of it", "[calls][number]") {
  Exchange exchange;
  const auto status = exchange.call(call_to(kAda));
  REQUIRE(status);
  CHECK_FALSE(status->existed);
  CHECK(status->leg_id == "leg_out");
  CHECK(status->carrier == "first");
  CHECK(status->to == kAda);
  CHECK(status->from == "+12025550100");
  CHECK(status->state == "dialing");
  CHECK(exchange.first.last("dial").argument == kAda);
  REQUIRE(exchange.models.size() == 1);
  CHECK(exchange.models[0]->spec.instructions ==
        "For Ada Lovelace of Engines Ltd, order 42, gold.");
  const auto kept = exchange.calls->find(status->call_id);
  REQUIRE(kept);
  CHECK(kept->call.notes.contact_name == "Ada Lovelace");
  CHECK(kept->call.notes.business_name == "Engines Ltd");
  CHECK(kept->call.notes.user_id == "user_7");
  CHECK(kept->call.notes.metadata_json == R"({"order":42,"plan":"gold"})");
  CHECK(kept->call.created_at == status->created_at);
}

TEST_CASE("each carrier has its calls: outgoing by name, incoming by who tells",
          "[calls][number]") {
  Exchange exchange;
  const auto out = exchange.call(call_to(kAda, "second"));
  REQUIRE(out);
  CHECK(out->carrier == "second");
  CHECK(exchange.first.count("dial") == 0);
  CHECK(exchange.second.count("dial") == 1);

  exchange.agent->on_carrier_event(
      exchange.event("leg_in", LegIncoming{"+12025550155", "+12025550100"}), "second");
  exchange.clock.run_ready();
  CHECK(exchange.first.count("answer") == 0);
  CHECK(exchange.second.count("answer") == 1);
  exchange.agent->on_carrier_event(
      exchange.event("leg_in_2", LegIncoming{"+12025550156", "+12025550100"}));
  exchange.clock.run_ready();
  CHECK(exchange.first.count("answer") == 1);
  CHECK(exchange.asked_for == std::vector<std::string>{"second", "second", "first"});

  const auto nobody = exchange.call(call_to("+12025550144", "third"));
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code == Errc::invalid_argument);
  CHECK(nobody.error().field == "carrier");
}

TEST_CASE("a number that is to be called again within the window is one call", "[calls][number]") {
  Exchange exchange;
  const auto once = exchange.call(call_to(kAda));
  const auto again = exchange.call(call_to(kAda, "second"));
  REQUIRE(once);
  REQUIRE(again);
  CHECK(again->existed);
  CHECK(again->call_id == once->call_id);
  CHECK(again->leg_id == "leg_out");

  // While it is up the window does not end; when both are over the phone rings again.
  exchange.agent->on_carrier_event(exchange.event("leg_out", LegAnswered{}));
  exchange.clock.advance(Millis(5000));
  REQUIRE(exchange.agent->hang_up(once->call_id));
  exchange.clock.run_ready();
  CHECK(exchange.first.count("hang_up") == 1);
  CHECK(exchange.call(call_to(kAda))->state == "ending");
  exchange.agent->on_carrier_event(exchange.event("leg_out", LegEnded{"completed", true}));
  exchange.clock.run_ready();
  CHECK(exchange.call(call_to(kAda))->state == "ended");
  CHECK(exchange.agent->hang_up(once->call_id));  // It is over: a success.
  CHECK(exchange.first.count("hang_up") == 1);
  exchange.clock.advance(Millis(60000));
  const auto later = exchange.call(call_to(kAda));
  REQUIRE(later);
  CHECK_FALSE(later->existed);
  CHECK(exchange.first.count("dial") == 2);
}

TEST_CASE("a key stands for one request for a day", "[calls][number]") {
  Exchange exchange;
  CallNumberRequest request = call_to(kAda);
  request.key = "order-42";
  const auto once = exchange.call(request);
  REQUIRE(once);
  exchange.agent->on_carrier_event(exchange.event("leg_out", LegEnded{"busy", false}));
  exchange.clock.advance(23h);
  const auto again = exchange.call(request);
  REQUIRE(again);
  CHECK(again->existed);
  CHECK(again->call_id == once->call_id);

  CallNumberRequest other = call_to("+12025550144");
  other.key = "order-42";
  const auto refused = exchange.call(other);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::conflict);
  CHECK(refused.error().field == "Idempotency-Key");
  CHECK(exchange.first.count("dial") == 1);
}

TEST_CASE("what the carrier refused may be asked for again, what may ring not", "[calls][number]") {
  Exchange exchange;
  const auto dial_fails = [&](Errc code) {
    exchange.first.dial_answer = fail(code, "no");
    return exchange.call(call_to(kAda));
  };
  const auto refused = dial_fails(Errc::permission_denied);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::permission_denied);
  CHECK_FALSE(dial_fails(Errc::unavailable));
  CHECK(exchange.first.count("dial") == 2);
  const auto known = dial_fails(Errc::unavailable);
  REQUIRE(known);
  CHECK(known->existed);
  CHECK(exchange.first.count("dial") == 2);
}

TEST_CASE("a call that is unknown cannot be hung up", "[calls][number]") {
  Exchange exchange;
  const auto nothing = exchange.agent->hang_up("call_x");
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code == Errc::not_found);
}
