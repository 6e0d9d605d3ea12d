#include "voicebridge/telnyx/telnyx_carrier.hpp"

#include <string>

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

CarrierEvent event_of(const std::string& type, const std::string& result) {
  const auto event = telnyx::parse_webhook(
      R"({"data":{"record_type":"event","event_type":")" + type +
      R"(","id":"e1","occurred_at":"2026-02-02T22:25:27.521992Z","payload":{"call_control_id":"v3:1",)"
      R"("result":")" +
      result + R"("}}})");
  REQUIRE(event);
  return telnyx::to_carrier_event(*event);
}

AnsweredBy who(const std::string& result) {
  return std::get<LegAnsweredBy>(event_of("call.machine.premium.detection.ended", result).what).who;
}

GreetingEnd greeting(const std::string& kind, const std::string& result) {
  return std::get<LegGreetingEnded>(
             event_of("call.machine." + kind + "greeting.ended", result).what)
      .how;
}

}  // namespace

TEST_CASE("each outcome of Telnyx's machine detection has its meaning", "[telnyx][carrier][amd]") {
  CHECK(who("human_residence") == AnsweredBy::human_residence);
  CHECK(who("human_business") == AnsweredBy::human_business);
  CHECK(who("machine") == AnsweredBy::machine);
  CHECK(who("silence") == AnsweredBy::silence);
  CHECK(who("fax_detected") == AnsweredBy::fax);
  CHECK(who("not_sure") == AnsweredBy::not_sure);
  CHECK(who("alien") == AnsweredBy::not_sure);
  CHECK(std::get<LegAnsweredBy>(event_of("call.machine.detection.ended", "human").what).who ==
        AnsweredBy::human);
  CHECK(greeting("premium.", "beep_detected") == GreetingEnd::beep);
  CHECK(greeting("premium.", "no_beep_detected") == GreetingEnd::no_beep);
  CHECK(greeting("premium.", "prompt_ended") == GreetingEnd::prompt_ended);
  CHECK(greeting("", "ended") == GreetingEnd::no_beep);
  CHECK(greeting("", "not_sure") == GreetingEnd::no_beep);
  const auto screened = event_of("call.machine.premium.call_screening.detected", "screening");
  CHECK(std::holds_alternative<LegScreened>(screened.what));
}
