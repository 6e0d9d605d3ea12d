// What Twilio's requests mean: the same as every carrier's.
#include "unit/twilio/call_bench.hpp"
#include "unit/twilio/names.hpp"
#include "voicebridge/twilio/twilio_carrier.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

std::vector<CarrierEvent> events_of(std::string_view sample) {
  auto form = FormFields::parse(twilio_sample(sample)["body"].string_or(""));
  REQUIRE(form);
  auto event = twilio::parse_webhook(std::move(*form));
  REQUIRE(event);
  return twilio::to_carrier_events(*event, "call_1");
}

template <class What>
What only_event(std::string_view sample) {
  const auto events = events_of(sample);
  REQUIRE(events.size() == 1);
  CHECK(events[0].leg_id == kCallSid);
  CHECK(events[0].call_id == "call_1");
  REQUIRE(std::holds_alternative<What>(events[0].what));
  return std::get<What>(events[0].what);
}

}  // namespace

TEST_CASE("a key that was gathered is told, none is not", "[twilio][carrier]") {
  CHECK(only_event<LegKeys>("hook_gather_digits").keys ==
        FormFields::parse(twilio_sample("hook_gather_digits")["body"].string_or(""))
            ->text_or("Digits", "none"));
  twilio::WebhookEvent event;
  event.what = twilio::Gathered{};
  CHECK(twilio::to_carrier_events(event, "call_1").empty());
}

TEST_CASE("Twilio's requests mean what every carrier's do", "[twilio][carrier]") {
  only_event<LegRinging>("hook_status_ringing");
  only_event<LegAnswered>("hook_status_answered");
  CHECK(only_event<LegEnded>("hook_status_completed").reached);
  const auto busy = only_event<LegEnded>("hook_status_busy");
  CHECK(busy.cause == "busy");
  CHECK_FALSE(busy.reached);
  CHECK_FALSE(only_event<LegEnded>("hook_status_no_answer").reached);
  CHECK(only_event<LegMediaFailed>("hook_stream_error").reason ==
        "31920 - Stream - WebSocket - Handshake Error");
  CHECK(only_event<LegIncoming>("hook_voice_incoming").from == "+15550100100");
  CHECK(only_event<LegIncoming>("hook_voice_incoming_anonymous").from.empty());
  only_event<LegOther>("hook_voice_outbound_answered");
  only_event<LegOther>("hook_voice_fallback");
  CHECK(only_event<LegAnsweredBy>("hook_amd_async").who == voicebridge::AnsweredBy::machine);
  CHECK(events_of("hook_stream_started").empty());
}

TEST_CASE("the end of a machine's greeting is told behind the verdict", "[twilio][carrier]") {
  auto event = twilio::parse_webhook(
      {{"AccountSid", "AC1"}, {"CallSid", "CA1"}, {"AnsweredBy", "machine_end_beep"}});
  REQUIRE(event);
  const auto events = twilio::to_carrier_events(*event, "");
  REQUIRE(events.size() == 2);
  CHECK(std::get<LegAnsweredBy>(events[0].what).who == voicebridge::AnsweredBy::machine);
  CHECK(std::holds_alternative<LegGreetingEnded>(events[1].what));
}

TEST_CASE("each AnsweredBy has its meaning, told at once or with the request for TwiML",
          "[twilio][carrier][amd]") {
  struct Told {
    const char* text;
    voicebridge::AnsweredBy who;
    std::optional<GreetingEnd> greeting;
  };
  using Who = voicebridge::AnsweredBy;
  const Told told[] = {{"human", Who::human, {}},
                       {"machine_start", Who::machine, {}},
                       {"machine_end_beep", Who::machine, GreetingEnd::beep},
                       {"machine_end_silence", Who::machine, GreetingEnd::no_beep},
                       {"machine_end_other", Who::machine, GreetingEnd::no_beep},
                       {"fax", Who::fax, {}},
                       {"unknown", Who::not_sure, {}}};
  const bool waited_for = GENERATE(false, true);
  for (const Told& t : told) {
    CAPTURE(t.text, waited_for);
    FormFields form = {{"AccountSid", "AC1"}, {"CallSid", "CA1"}, {"AnsweredBy", t.text}};
    if (waited_for) {
      form = {{"AccountSid", "AC1"},         {"CallSid", "CA1"},
              {"CallStatus", "in-progress"}, {"Direction", "outbound-api"},
              {"From", "+15550100100"},      {"To", "+15550100101"},
              {"ApiVersion", "2010-04-01"},  {"AnsweredBy", t.text}};
    }
    const auto event = twilio::parse_webhook(form);
    REQUIRE(event);
    auto events = twilio::to_carrier_events(*event, "");
    if (waited_for) events.erase(events.begin());
    REQUIRE(events.size() == (t.greeting ? 2 : 1));
    CHECK(std::get<LegAnsweredBy>(events[0].what).who == t.who);
    if (t.greeting) CHECK(std::get<LegGreetingEnded>(events[1].what).how == *t.greeting);
  }
}

TEST_CASE("a recording that is ready says where", "[twilio][carrier][recording]") {
  const auto event = twilio::parse_webhook({{"AccountSid", "AC1"},
                                            {"CallSid", "CA1"},
                                            {"RecordingSid", "RE1"},
                                            {"RecordingUrl", "https://api.example.com/RE1"},
                                            {"RecordingStatus", "completed"}});
  REQUIRE(event);
  const auto events = twilio::to_carrier_events(*event, "");
  REQUIRE(events.size() == 1);
  CHECK(std::get<LegRecorded>(events[0].what).id == "RE1");
  CHECK(std::get<LegRecorded>(events[0].what).url == "https://api.example.com/RE1");
}
