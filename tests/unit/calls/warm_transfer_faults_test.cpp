// Warm transfers that the carrier fails, and those whose person is briefed by the carrier's own
// voice.
#include "unit/calls/warm_transfer.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

TEST_CASE("a join that the carrier fails ends with the caller at the agent, or with the call",
          "[calls][warm_transfer][faults]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  const int status = GENERATE(422, 500, 0);
  const std::vector<std::string> commands =
      carrier == CarrierKind::twilio
          ? std::vector<std::string>{"transfer"}
          : std::vector<std::string>{"conference.create", "conference.join", "streaming_stop",
                                     "conference.update_participant"};
  for (const std::string& command : commands) {
    CAPTURE(command, status);
    ScriptedCallOptions options = asking_caller(carrier, 1);
    auto call = make_call(std::move(options));
    call->carrier().plan_next(std::string(kDesk), person({kHearsTheBriefing, key("1")}));
    call->carrier().inject({command, 20, status, Millis(0), false});
    call->dial();
    REQUIRE(call->run(180s));
    call->clock().advance(120s);
    INFO(story(*call->record()));
    CHECK(call->carrier().active_calls() == 0);
    CHECK(call->agent().live_calls() == 0);
    CHECK(call->ended() == 1);
    for (const OpenAiSimRecord* session : call->model()) CHECK_FALSE(session->open);
  }
}

TEST_CASE("a join that fails by half brings the agent back, and hangs up the person",
          "[calls][warm_transfer][faults]") {
  struct Half {
    CarrierKind carrier;
    const char* command;
    unsigned before;  ///< Requests of this kind that are served.
  };
  const Half half =
      GENERATE(Half{CarrierKind::telnyx, "conference.create", 0},
               Half{CarrierKind::telnyx, "conference.join", 0},
               Half{CarrierKind::twilio, "transfer", 0}, Half{CarrierKind::twilio, "transfer", 1});
  const bool effective = GENERATE(false, true);
  CAPTURE(name_of(half.carrier), half.command, half.before, effective);
  ScriptedCallOptions options = asking_caller(half.carrier, 1);
  options.callee.hangup_after = 40s;
  auto call = make_call(std::move(options));
  SimApiFault fault{half.command, 1, 422, Millis(0), effective};
  fault.skip = half.before;
  call->carrier().inject(fault);
  call->carrier().plan_next(std::string(kDesk), person({kHearsTheBriefing, key("1")}));
  call->dial();
  REQUIRE(call->run(180s));
  const CallRecord& record = *call->record();
  INFO(story(record));
  CHECK(record.end_reason != EndReason::transferred);
  CHECK(std::any_of(record.transcript.begin(), record.transcript.end(), [](const auto& turn) {
    return turn.heard_text == "I am sorry, nobody can take your call.";
  }));
  // The person's leg is gone long before the caller's.
  const auto& records = call->records();
  REQUIRE(records.size() == 2);
  CHECK(records[0].call_id != record.call_id);
  call->clock().advance(120s);
  CHECK(call->carrier().active_calls() == 0);
  CHECK(call->agent().live_calls() == 0);
  for (const OpenAiSimRecord* session : call->model()) CHECK_FALSE(session->open);
}

TEST_CASE("a join that takes too long is called off, and nobody sits in silence",
          "[calls][warm_transfer][faults]") {
  struct Slow {
    CarrierKind carrier;
    const char* command;
    unsigned before;
  };
  const Slow slow =
      GENERATE(Slow{CarrierKind::telnyx, "conference.create", 0},
               Slow{CarrierKind::telnyx, "conference.join", 0},
               Slow{CarrierKind::twilio, "transfer", 0}, Slow{CarrierKind::twilio, "transfer", 1});
  const Millis delay = GENERATE(4s, 19s, 22s, 27s);
  CAPTURE(name_of(slow.carrier), slow.command, slow.before, delay.count());
  ScriptedCallOptions options = asking_caller(slow.carrier, 1);
  options.callee.hangup_after = 90s;
  CallPlan desk = person({kHearsTheBriefing, key("1"), wait(CalleeStep::Kind::wait_time, 3s)});
  const bool leaves = GENERATE(false, true);
  if (leaves) desk.script.steps.push_back(hangs_up());
  auto call = make_call(std::move(options));
  SimApiFault fault{slow.command, 1, 200, delay, true};
  fault.skip = slow.before;
  call->carrier().inject(fault);
  call->carrier().plan_next(std::string(kDesk), std::move(desk));
  call->dial();
  REQUIRE(call->run(180s));
  const CallRecord& record = *call->record();
  INFO(story(record));
  const bool told = std::any_of(
      record.transcript.begin(), record.transcript.end(),
      [](const auto& turn) { return turn.heard_text == "I am sorry, nobody can take your call."; });
  // The carrier may have joined them without a word: who leaves takes the other along.
  const bool taken_along =
      leaves && record.end_reason == EndReason::caller_hangup && record.timeline.back().at < 20s;
  CHECK((told || taken_along || record.end_reason == EndReason::transferred));
  call->clock().advance(120s);
  CHECK(call->carrier().active_calls() == 0);
  CHECK(call->agent().live_calls() == 0);
}

namespace {

/// The service takes the caller's session, and refuses the one of the briefing.
ScriptedCallOptions without_briefing_model(CarrierKind carrier) {
  ScriptedCallOptions options = asking_caller(carrier, 1);
  std::string talk(kTransferTalk);
  talk.pop_back();
  options.scenario =
      scenario(talk + R"(,"connections":[{},{"http_status":401},{"http_status":401}]})");
  options.callee.hangup_after = 70s;
  return options;
}

/// Whom the carrier's voice asks, a few seconds after the pick-up.
CallPlan asked_person(std::vector<CalleeStep> steps) {
  std::vector<CalleeStep> all = {wait(CalleeStep::Kind::wait_agent_speaking, 800ms)};
  all.insert(all.end(), steps.begin(), steps.end());
  return person(std::move(all));
}

std::size_t times_asked(const Transferred& t) {
  const auto& requests = t.call->carrier().requests();
  return static_cast<std::size_t>(
      std::count_if(requests.begin(), requests.end(), [](const SimApiRecord& request) {
        return request.body.find("To+take+the+call") != std::string::npos ||
               request.body.find("To%20take%20the%20call") != std::string::npos ||
               request.body.find("To take the call") != std::string::npos;
      }));
}

}  // namespace

TEST_CASE("a person whom the carrier's own voice asks takes the call by key",
          "[calls][warm_transfer]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  SECTION("at once") {
    const auto t = transfer(without_briefing_model(carrier), asked_person({key("1")}));
    CHECK(t.record().end_reason == EndReason::transferred);
    CHECK(leg_count(t) == 2);
    CHECK(times_asked(t) == 1);
  }
  SECTION("after a key that means nothing") {
    const auto t =
        transfer(without_briefing_model(carrier),
                 asked_person({key("7"), wait(CalleeStep::Kind::wait_time, 3s), key("1")}));
    CHECK(t.record().end_reason == EndReason::transferred);
  }
  SECTION("and the two hear each other then") {
    ScriptedCallOptions options = without_briefing_model(carrier);
    options.callee.script.steps.push_back(wait(CalleeStep::Kind::wait_time, 14s));
    options.callee.script.steps.push_back(say("Is there somebody? It is about my order."));
    const auto t = transfer(std::move(options),
                            asked_person({key("1"), wait(CalleeStep::Kind::wait_time, 5s),
                                          say("Good morning, how can I help you today?")}));
    CHECK(t.record().end_reason == EndReason::transferred);
    CHECK(heard_from(t, 1, 0).count() >= 500);
    CHECK(heard_from(t, 0, 1).count() >= 500);
  }
}

TEST_CASE("a person whom the carrier's own voice asks may not take the call",
          "[calls][warm_transfer]") {
  const CarrierKind carrier = GENERATE(from_range(kCarriers));
  CallPlan plan = asked_person({key("2")});
  std::string reason = "declined";
  SECTION("they decline by key") {}
  SECTION("they press another key, and nothing more") {
    plan = asked_person({key("0"), key("#"), key("*")});
    reason = "no_answer";
  }
  SECTION("they press none") {
    plan = asked_person({});
    reason = "no_answer";
  }
  SECTION("they hang up meanwhile") {
    plan = asked_person({hangs_up()});
    reason = "hung_up";
  }
  std::string told;
  ScriptedCallOptions options = without_briefing_model(carrier);
  options.on_model_text = [&](bool from_service, std::string_view text) {
    check_model_text(from_service, text);
    const bool result = text.find("function_call_output") != std::string_view::npos;
    if (!from_service && result) told = text;
  };
  const auto t = transfer(std::move(options), std::move(plan));
  CHECK(told.find(reason) != std::string::npos);
  CHECK(t.said("I am sorry, nobody can take your call."));
  CHECK(t.record().end_reason != EndReason::transferred);
}

TEST_CASE("Twilio asks until it is answered or the time is up", "[calls][warm_transfer][twilio]") {
  const auto t = transfer(without_briefing_model(CarrierKind::twilio), asked_person({}));
  const auto& twilio = dynamic_cast<const testing::TwilioCarrier&>(t.call->carrier());
  CHECK(twilio.warnings().bad_twiml + twilio.warnings().unknown_twiml == 0);
  // Twenty seconds to decide, in words of some seconds each, which we send once.
  const std::string state = twilio.state_json(t.call->clock().now());
  std::size_t questions = 0;
  for (auto at = state.find("\"Gather\""); at != std::string::npos;
       at = state.find("\"Gather\"", at + 1)) {
    ++questions;
  }
  CHECK(questions >= 2);
  CHECK(questions <= 5);
  CHECK(times_asked(t) == 1);
}
