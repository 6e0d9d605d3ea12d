#include "voicebridge/twilio/twilio_sip_desk.hpp"

#include "unit/twilio/call_bench.hpp"
#include "unit/twilio/samples.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

const std::string kCustomer = "CA0123456789abcdef0123456789abcdef";
const std::string kServiceLeg = "CA11112222333344445555666677778888";

struct Desk {
  ScriptedHttpClient client;
  voicebridge::testing::ManualScheduler scheduler;
  std::optional<TwilioSipDesk> desk;

  explicit Desk(TwilioSipDeskOptions options = usual()) {
    auto made = TwilioSipDesk::create(CallBench::make(client, test::options()), options);
    REQUIRE(made);
    desk = *made;
  }
  static TwilioSipDeskOptions usual() {
    TwilioSipDeskOptions options;
    options.sip_address = "sip:proj_1@sip.api.openai.com;transport=tls";
    options.status_url = "https://voice.example.com/twilio/status";
    return options;
  }
  void answer_sample(std::string_view name) {
    const Json sample = twilio_sample(name);
    client.answer(static_cast<int>(sample["response"]["status"].integer_or(0)),
                  sample["response"]["body"].dump());
  }
  static twilio::WebhookEvent event(FormFields form) {
    auto parsed = twilio::parse_webhook(std::move(form));
    REQUIRE(parsed);
    return *parsed;
  }
  static twilio::WebhookEvent ringing(const std::string& call = kCustomer) {
    return event({{"AccountSid", kAccount},
                  {"CallSid", call},
                  {"CallStatus", "ringing"},
                  {"Direction", "inbound"},
                  {"From", "+15550100100"},
                  {"To", "+15550100200"},
                  {"CallToken", "token"}});
  }
  void status(const std::string& call, const std::string& what) {
    desk->on_status(event({{"AccountSid", kAccount},
                           {"CallSid", call},
                           {"CallStatus", what},
                           {"CallbackSource", "call-progress-events"}}),
                    scheduler);
    scheduler.advance(Millis(1000));
  }
  /// Somebody calls; the name of their conference.
  std::string call_in() {
    const std::string twiml = desk->welcome(ringing(), scheduler);
    scheduler.advance(Millis(1000));
    CHECK(twiml.find("<Dial><Conference") != std::string::npos);
    CHECK(twiml.find("endConferenceOnExit=\"true\"") != std::string::npos);
    const std::size_t name = twiml.find("desk_");
    REQUIRE(name != std::string::npos);
    return twiml.substr(name, twiml.find('<', name) - name);
  }
  FormFields sent(std::size_t index) {
    REQUIRE(client.requests.size() > index);
    return *FormFields::parse(client.requests[index].body);
  }
};

}  // namespace

TEST_CASE("a caller gets a conference, and the service is rung into it", "[twilio][sip_desk]") {
  Desk d;
  d.answer_sample("rest_participant_create_virtual_agent");
  const std::string name = d.call_in();
  CHECK(d.client.requests[0].url.find("/Conferences/" + name + "/Participants.json") !=
        std::string::npos);
  CHECK(d.sent(0).text_or("To", "") ==
        "sip:proj_1@sip.api.openai.com;transport=tls?X-conferenceName=" + name);
  CHECK(d.sent(0).text_or("From", "") == "+15550100100");
  CHECK(d.sent(0).text_or("CallToken", "") == "token");
  // Its leaving must not end the talk of the others; it must not stay for ever either.
  CHECK(d.sent(0).text_or("EndConferenceOnExit", "") == "true");
  CHECK(d.sent(0).text_or("EarlyMedia", "") == "false");
  CHECK(d.sent(0).text_or("TimeLimit", "") == "3600");
  CHECK(d.sent(0).text_or("Timeout", "") == "20");
  CHECK(name.find("1555") == std::string::npos);

  const auto caller = d.desk->find(name, kServiceLeg, d.scheduler.now());
  REQUIRE(caller);
  CHECK(caller->call_sid == kCustomer);
  CHECK(caller->talk.conference == name);
  CHECK(caller->talk.agent_call == kServiceLeg);
  SECTION("asked again, Twilio is told the same conference, and nobody is rung twice") {
    CHECK(d.desk->welcome(Desk::ringing(), d.scheduler).find(name) != std::string::npos);
    CHECK(d.client.requests.size() == 1);
  }
  SECTION("once") { CHECK_FALSE(d.desk->find(name, kServiceLeg, d.scheduler.now())); }
  SECTION("until they hang up") {
    d.status(kCustomer, "completed");
    CHECK(d.desk->callers() == 0);
  }
}

TEST_CASE("a header proves nothing that the desk does not know", "[twilio][sip_desk]") {
  Desk d;
  d.answer_sample("rest_participant_create_virtual_agent");
  const std::string name = d.call_in();
  CHECK_FALSE(d.desk->find("desk_made_up", kServiceLeg, d.scheduler.now()));
  CHECK_FALSE(d.desk->find(name, "CA99999999999999999999999999999999", d.scheduler.now()));
  d.scheduler.advance(Desk::usual().forget_after);
  CHECK_FALSE(d.desk->find(name, kServiceLeg, d.scheduler.now()));
}

TEST_CASE("a caller whose agent does not come hears why", "[twilio][sip_desk]") {
  Desk d;
  SECTION("the service cannot be rung") {
    d.answer_sample("rest_error_400_invalid_to");
    d.answer_sample("rest_call_update_twiml");
    d.call_in();
  }
  SECTION("the service does not answer") {
    d.answer_sample("rest_participant_create_virtual_agent");
    d.answer_sample("rest_call_update_twiml");
    d.call_in();
    d.status(kServiceLeg, "no-answer");
    CHECK(d.desk->callers() == 0);
  }
  REQUIRE(d.client.requests.size() == 2);
  CHECK(d.client.requests[1].url.find(kCustomer) != std::string::npos);
  CHECK(d.sent(1).text_or("Twiml", "").find("<Say>I am sorry") != std::string::npos);
  CHECK(d.sent(1).text_or("Twiml", "").find("<Hangup/>") != std::string::npos);
}

TEST_CASE("an agent's leg that ends as it should is nobody's fault", "[twilio][sip_desk]") {
  Desk d;
  d.answer_sample("rest_participant_create_virtual_agent");
  d.call_in();
  d.status(kServiceLeg, "completed");
  CHECK(d.client.requests.size() == 1);
}

TEST_CASE("more callers than may be are told that it is busy", "[twilio][sip_desk]") {
  TwilioSipDeskOptions options = Desk::usual();
  options.max_calls = 1;
  Desk d(options);
  d.answer_sample("rest_participant_create_virtual_agent");
  d.call_in();
  const std::string twiml =
      d.desk->welcome(Desk::ringing("CA99990000aaaabbbbccccddddeeeeffff"), d.scheduler);
  CHECK(twiml.find("<Reject reason=\"busy\"/>") != std::string::npos);
  CHECK(d.client.requests.size() == 1);
}

TEST_CASE("a desk's options are checked", "[twilio][sip_desk]") {
  ScriptedHttpClient client;
  TwilioSipDeskOptions options;
  options.sip_address = GENERATE("", "tel:+15550100", "sip:a@b?X-conferenceName=c");
  const auto made = TwilioSipDesk::create(CallBench::make(client, test::options()), options);
  REQUIRE_FALSE(made);
  CHECK(made.error().field == "sip_address");
}
