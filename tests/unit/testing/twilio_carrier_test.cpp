// The life of a Twilio call, and what is told of it.
#include "voicebridge/testing/twilio_carrier.hpp"

#include "unit/testing/twilio_town.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

const FormFields kAllEvents = {{"StatusCallback", "http://app.test/status"},
                               {"StatusCallbackEvent", "initiated"},
                               {"StatusCallbackEvent", "ringing"},
                               {"StatusCallbackEvent", "answered"},
                               {"StatusCallbackEvent", "completed"}};

}  // namespace

TEST_CASE("a dialled call tells its progress in order, with the fields of the samples",
          "[twilio_sim]") {
  TwilioTown town;
  town.pages["/voice"] = kStreamTwiml;
  const std::string sid =
      town.dial("", TwilioTown::with({{"Url", "http://app.test/voice"}}, kAllEvents));
  town.run(Millis(500));
  CHECK(town.status(sid) == "in-progress");
  CHECK(town.told("/status", "CallStatus") == "initiated ringing in-progress");
  REQUIRE(town.at("/voice").size() == 1);
  CHECK(names_of(town.at("/voice")[0].fields) ==
        names_of(twilio_sample("hook_voice_outbound_answered")["fields"]));
  CHECK(town.update(sid, {{"Status", "completed"}}) == "200");
  town.run(Millis(500));
  CHECK(town.told("/status", "CallStatus") == "initiated ringing in-progress completed");
  CHECK(town.told("/status", "SequenceNumber") == "0 1 2 3");
  CHECK(names_of(town.at("/status")[0].fields) ==
        names_of(twilio_sample("hook_status_initiated")["fields"]));
  CHECK(names_of(town.at("/status")[3].fields) ==
        names_of(twilio_sample("hook_status_completed")["fields"]));
  CHECK(town.carrier.active_calls() == 0);
}

TEST_CASE("every way a Twilio call is not answered has its status and SIP code", "[twilio_sim]") {
  const auto outcome = [](const char* json, Millis wait = Millis(3000)) {
    TwilioTown town;
    town.carrier.plan_next("", twilio_plan(json));
    const std::string sid =
        town.dial(kStreamTwiml, {{"StatusCallback", "http://app.test/status"}, {"Timeout", "5"}});
    town.run(wait);
    CHECK(town.carrier.leg(sid)->stats().frames_sent == 0);
    CHECK(town.opens.empty());
    return town.told("/status", "CallStatus") + " " + town.told("/status", "SipResponseCode");
  };
  CHECK(outcome(R"({"outcome":"busy"})") == "busy 486");
  CHECK(outcome(R"({"outcome":"decline"})") == "busy 603");
  CHECK(outcome(R"({"outcome":"no_answer"})") == "no-answer 480");
  CHECK(outcome(R"({"outcome":"not_found"})") == "failed 404");
  CHECK(outcome(R"({"outcome":"route_failure"})") == "failed 503");
  // Twilio lets it ring five seconds longer.
  CHECK(outcome(R"({"outcome":"timeout"})", Millis(10000)) == " ");
  CHECK(outcome(R"({"outcome":"timeout"})", Millis(10500)) == "no-answer 487");
}

TEST_CASE("a call can be cancelled while it waits or rings, and is told only when it rang",
          "[twilio_sim]") {
  TwilioTown town;
  const std::string queued = town.dial(kStreamTwiml, kAllEvents);
  CHECK(town.update(queued, {{"Status", "canceled"}}) == "200");
  CHECK(town.status(queued) == "canceled");
  town.run(Millis(1000));
  CHECK(town.seen.empty());
  const std::string ringing = town.dial(kStreamTwiml, kAllEvents);
  town.run(Millis(200));
  CHECK(town.update(ringing, {{"Twiml", kStreamTwiml}}) == "400 21220");
  CHECK(town.update(ringing, {{"Status", "completed"}}) == "200");
  CHECK(town.status(ringing) == "canceled");
  const std::string talking = town.dial(kStreamTwiml);
  town.run(Millis(1000));
  CHECK(town.update(talking, {{"Status", "canceled"}}) == "400 21220");
  CHECK(town.told("/status", "CallStatus") == "initiated ringing canceled");
}

TEST_CASE("an incoming call asks its voice URL and is answered by the first verb that plays",
          "[twilio_sim]") {
  auto options = TwilioTown::default_options();
  options.status_callback = "http://app.test/number";
  TwilioTown town(options);
  SECTION("answered") {
    town.pages["/voice"] = kStreamTwiml;
    const std::string sid = town.call_in();
    CHECK(town.status(sid) == "in-progress");
    const auto asked = town.at("/voice");
    REQUIRE(asked.size() == 1);
    CHECK(names_of(asked[0].fields) == names_of(twilio_sample("hook_voice_incoming")["fields"]));
    CHECK(asked[0].field("CallStatus") == "ringing");
    CHECK(asked[0].field("Direction") == "inbound");
    town.update(sid, {{"Status", "completed"}});
    town.run(Millis(100));
    CHECK(town.told("/number", "CallStatus") == "completed");
    CHECK(town.at("/number")[0].field("SequenceNumber").empty());
  }
  SECTION("rejected: never in progress") {
    town.pages["/voice"] = R"(<Response><Reject reason="busy"/></Response>)";
    const std::string sid = town.call_in();
    CHECK(town.status(sid) == "busy");
    CHECK_FALSE(town.carrier.leg(sid)->answered_at());
  }
  SECTION("the caller gives up") {
    town.pages["/voice"] = "never";
    const std::string sid = town.call_in();
    town.run(Millis(1100));
    CHECK(town.status(sid) == "canceled");
  }
}

TEST_CASE("a voice URL that fails is replaced by the fallback, with code and URL", "[twilio_sim]") {
  auto options = TwilioTown::default_options();
  options.voice_fallback_url = "http://app.test/fallback";
  TwilioTown town(options);
  town.pages["/fallback"] = kStreamTwiml;
  CallPlan patient;
  patient.ring = Millis(60000);
  SECTION("an error") {
    town.pages["/voice"] = "x";
    town.statuses["/voice"] = 500;
    const std::string sid = town.call_in(patient);
    CHECK(town.status(sid) == "in-progress");
    const auto asked = town.at("/fallback");
    REQUIRE(asked.size() == 1);
    CHECK(names_of(asked[0].fields) == names_of(twilio_sample("hook_voice_fallback")["fields"]));
    CHECK(asked[0].field("ErrorCode") == "11200");
    CHECK(asked[0].field("ErrorUrl") == "http://app.test/voice");
  }
  SECTION("no answer for fifteen seconds") {
    town.pages["/voice"] = "never";
    town.call_in(patient);
    town.run(Millis(14990));
    CHECK(town.at("/fallback").empty());
    town.run(Millis(20));
    REQUIRE(town.at("/fallback").size() == 1);
    CHECK(town.at("/fallback")[0].field("ErrorCode") == "11205");
  }
  SECTION("the fallback fails too") {
    town.pages.clear();
    const std::string sid = town.call_in(patient);
    CHECK(town.status(sid) == "failed");
    CHECK(town.carrier.warnings().http_failure == 2);
  }
}

TEST_CASE("Twilio's answering machine detection, asynchronous and awaited", "[twilio_sim]") {
  const auto detect = [](const char* amd, const char* mode, bool async) {
    TwilioTown town;
    town.pages["/voice"] = kStreamTwiml;
    town.carrier.plan_next(
        "", twilio_plan((std::string(R"({"ring_ms":300,"amd":)") + amd + "}").c_str()));
    const std::string sid = town.dial("", {{"Url", "http://app.test/voice"},
                                           {"MachineDetection", mode},
                                           {"MachineDetectionTimeout", "6"},
                                           {"AsyncAmd", async ? "TRUE" : "false"},
                                           {"AsyncAmdStatusCallback", "http://app.test/amd"}});
    town.run(Millis(400));
    // The TwiML is asked for at once, or when it is known who is there.
    CHECK(town.at("/voice").size() == (async ? 1 : 0));
    town.run(Millis(7000));
    REQUIRE(town.at("/voice").size() == 1);
    const auto told = town.at("/amd");
    REQUIRE(told.size() == (async ? 1 : 0));
    if (async) {
      CHECK(names_of(told[0].fields) == names_of(twilio_sample("hook_amd_async")["fields"]));
      CHECK(town.at("/voice")[0].field("AnsweredBy").empty());
    }
    CHECK(town.get("/Calls/" + sid + ".json")["answered_by"].string_or("") ==
          (async ? told[0] : town.at("/voice")[0]).field("AnsweredBy"));
    return async ? told[0].field("AnsweredBy") + " " + told[0].field("MachineDetectionDuration")
                 : town.at("/voice")[0].field("AnsweredBy");
  };
  for (const bool async : {true, false}) {
    CAPTURE(async);
    const auto is = [&](const std::string& who, const char* after) {
      return async ? who + " " + after : who;
    };
    CHECK(detect("{}", "Enable", async) == is("human", "1500"));
    CHECK(detect(R"({"result":"machine"})", "Enable", async) == is("machine_start", "2400"));
    CHECK(detect(R"({"result":"machine","greeting":"beep_detected"})", "DetectMessageEnd", async) ==
          is("machine_end_beep", "4000"));
    CHECK(detect(R"({"result":"machine","greeting":"no_beep_detected"})", "DetectMessageEnd",
                 async) == is("machine_end_silence", "4000"));
    CHECK(detect(R"({"result":"machine","greeting":"prompt_ended"})", "DetectMessageEnd", async) ==
          is("machine_end_other", "4000"));
    CHECK(detect(R"({"result":"fax_detected"})", "Enable", async) == is("fax", "2400"));
    CHECK(detect(R"({"result":"not_sure"})", "Enable", async) == is("unknown", "6000"));
    CHECK(detect(R"({"result":"machine"})", "DetectMessageEnd", async) == is("unknown", "6000"));
  }
}

TEST_CASE("callbacks come twice with one token, in any order, forged, or not at all",
          "[twilio_sim]") {
  auto options = TwilioTown::default_options();
  WebhookFaults::Rule late{"call.initiated"};
  late.delay = Millis(2000);
  WebhookFaults::Rule twice{"call.in-progress"};
  twice.copies = 2;
  WebhookFaults::Rule never{"call.ringing"};
  never.copies = 0;
  options.webhooks.rules = {late, twice, never};
  TwilioTown town(options);
  town.dial(kStreamTwiml, kAllEvents);
  town.run(Millis(4000));
  CHECK(town.told("/status", "CallStatus") == "in-progress in-progress initiated");
  CHECK(town.told("/status", "SequenceNumber") == "2 2 0");
  const auto token = [&](std::size_t i) {
    return std::string(*town.at("/status")[i].post.headers.find("I-Twilio-Idempotency-Token"));
  };
  CHECK(token(0) == token(1));
  CHECK(token(0) != token(2));

  WebhookFaults forged;
  forged.rules.push_back({"call.initiated"});
  forged.rules[0].bad_signature = true;
  TwilioTown liar;
  liar.genuine = false;
  liar.carrier.set_webhook_faults(forged);
  liar.dial(kStreamTwiml,
            {{"StatusCallback", "http://app.test/status"}, {"StatusCallbackEvent", "initiated"}});
  liar.run(Millis(200));
  CHECK(liar.at("/status").size() == 1);
}

TEST_CASE("a voice URL is asked twice with one token, and the first answer counts",
          "[twilio_sim]") {
  TwilioTown town;
  WebhookFaults faults;
  faults.rules.push_back({"twiml"});
  faults.rules[0].copies = 2;
  town.carrier.set_webhook_faults(faults);
  town.pages["/voice"] = kStreamTwiml;
  const std::string sid = town.call_in();
  const auto asked = town.at("/voice");
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].post.headers.find("I-Twilio-Idempotency-Token") ==
        asked[1].post.headers.find("I-Twilio-Idempotency-Token"));
  CHECK(town.verbs(sid) == "Connect");
  CHECK(town.opens.size() == 1);
}

TEST_CASE("requests are signed as the documents say: credentials, ports, GET, a second token",
          "[twilio_sim]") {
  auto options = TwilioTown::default_options();
  options.voice_url = "https://user:pass@app.test:8443/voice?x=a%20b#rc=2";
  options.voice_method = "GET";
  TwilioTown town(options);
  town.carrier.call_in("+15550100100", "+15550100200", {}, town.now);
  REQUIRE(town.waiting.size() == 1);
  const SimPost& post = town.waiting[0];
  CHECK(post.method == "GET");
  CHECK(post.url.rfind("https://app.test:8443/voice?x=a%20b&AccountSid=", 0) == 0);
  CHECK(post.headers.find("Authorization") == "Basic dXNlcjpwYXNz");
  std::string without_port = post.url;
  without_port.replace(0, std::string("https://app.test:8443").size(), "https://app.test");
  const Secret first("00000000000000000000000000000002");
  CHECK(*post.headers.find("X-Twilio-Signature") == twilio::request_signature(first, without_port));
  // While tokens are rotated the other one may sign.
  town.carrier.set_signing_token("11111111111111111111111111111111");
  town.carrier.call_in("+15550100100", "+15550100200", {}, town.now);
  const auto both = twilio::WebhookVerifier::create(
      {{first, Secret("11111111111111111111111111111111")}, "https://app.test"});
  REQUIRE(town.waiting.size() == 2);
  for (const SimPost& one : town.waiting) {
    CHECK(both->verify("GET", parse_url(one.url)->target, one.headers, ""));
  }
}

TEST_CASE("a number of the account is reached through its voice URL", "[twilio_sim]") {
  auto options = TwilioTown::default_options();
  options.numbers = {"+15550100200", "+15550100300"};
  TwilioTown town(options);
  town.pages["/voice"] = kStreamTwiml;
  const std::string sid =
      town.dial("<Response><Pause length=\"60\"/></Response>", {{"To", "+15550100100"}});
  CHECK(town.carrier.calls().size() == 1);
  const FormFields form = {{"To", "+15550100300"},
                           {"From", "+15550100200"},
                           {"Twiml", "<Response><Pause length=\"60\"/></Response>"}};
  const std::string outer =
      Json::parse(town.ask("POST", "/Calls.json", form).response.body).value()["sid"].string_or("");
  town.run(Millis(500));
  REQUIRE(town.carrier.calls().size() == 3);
  const std::string inner = town.carrier.calls()[2];
  CHECK(town.status(outer) == "in-progress");
  CHECK(town.status(inner) == "in-progress");
  CHECK(town.at("/voice")[0].field("To") == "+15550100300");
  // What one end plays the other hears, and the end of one is the end of both.
  town.take_stream();
  town.say_to_stream(town.media(Bytes(1600, 0x20)));
  town.run(Millis(500));
  CHECK(town.carrier.leg(inner)->stats().heard_bytes == 1600);
  town.update(inner, {{"Status", "completed"}});
  CHECK(town.status(outer) == "completed");
  CHECK(town.status(sid) == "in-progress");
}

namespace {

struct Connector : SimSipConnector {
  void invite(const SimSipInvite& one) override { invites.push_back(one); }
  void bye(const std::string& call_sid) override { byes.push_back(call_sid); }
  std::vector<SimSipInvite> invites;
  std::vector<std::string> byes;
};

}  // namespace

TEST_CASE("a SIP address is called through the connector, with its headers", "[twilio_sim]") {
  Connector connector;
  auto options = TwilioTown::default_options();
  options.sip = &connector;
  TwilioTown town(options);
  town.pages["/after"] = "<Response><Hangup/></Response>";
  town.pages["/voice"] =
      R"(<Response><Dial action="/after"><Sip>sip:proj_1@sip.api.openai.com;transport=tls?X-tenant=acme&amp;X-room=1%202</Sip></Dial></Response>)";
  const std::string caller = town.call_in();
  town.run(Millis(200));
  REQUIRE(connector.invites.size() == 1);
  const SimSipInvite& invite = connector.invites[0];
  CHECK(invite.to == "sip:proj_1@sip.api.openai.com;transport=tls");
  CHECK(invite.from == "+15550100100");
  const std::vector<std::pair<std::string, std::string>> headers = {
      {"X-Twilio-CallSid", invite.call_sid},
      {"X-Twilio-AccountSid", town.account},
      {"X-tenant", "acme"},
      {"X-room", "1 2"}};
  CHECK(invite.headers == headers);
  CHECK(town.status(invite.call_sid) == "ringing");
  SECTION("answered, and hung up there") {
    town.carrier.on_sip_answered(invite.call_sid, town.now);
    CHECK(town.status(invite.call_sid) == "in-progress");
    town.run(Millis(3000));
    town.carrier.on_sip_ended(invite.call_sid, 200, town.now);
    town.serve();
    const auto after = town.at("/after");
    REQUIRE(after.size() == 1);
    CHECK(after[0].field("DialCallStatus") == "completed");
    CHECK(after[0].field("DialCallDuration") == "3");
    CHECK(after[0].field("DialSipResponseCode") == "200");
    CHECK(connector.byes.empty());
  }
  SECTION("refused") {
    town.carrier.on_sip_ended(invite.call_sid, 603, town.now);
    town.serve();
    CHECK(town.told("/after", "DialCallStatus") == "busy");
    CHECK(town.told("/after", "DialSipResponseCode") == "603");
  }
  SECTION("the caller hangs up: BYE") {
    town.carrier.on_sip_answered(invite.call_sid, town.now);
    town.update(caller, {{"Status", "completed"}});
    CHECK(connector.byes == std::vector<std::string>{invite.call_sid});
    CHECK(town.carrier.active_calls() == 0);
  }
}

TEST_CASE("the length of a call is limited, and ended calls are forgotten", "[twilio_sim]") {
  auto options = TwilioTown::default_options();
  options.kept_calls = 2;
  TwilioTown town(options);
  for (int i = 0; i < 5; ++i) {
    town.dial(kStreamTwiml, {{"TimeLimit", "7"}});
    town.run(Millis(7000));
    CHECK(town.carrier.active_calls() == 1);
    town.run(Millis(500));
    CHECK(town.carrier.active_calls() == 0);
  }
  CHECK(town.carrier.calls().size() == 3);
  CHECK_FALSE(town.carrier.next_deadline());
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
