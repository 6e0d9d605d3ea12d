// The TwiML interpreter: verbs in order, on the carrier's clock.
#include "testing/twilio_text.hpp"
#include "unit/testing/twilio_town.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// An incoming call on which a document runs.
struct Running : TwilioTown {
  explicit Running(const std::string& verbs, const char* plan_json = "{}") {
    pages["/voice"] = "<Response>" + verbs + "</Response>";
    CallPlan plan = twilio_plan(plan_json);
    plan.ring = Millis(60000);
    sid = call_in(plan);
  }
  std::string sid;
};

}  // namespace

TEST_CASE("verbs take their time and come one after the other", "[twilio_sim]") {
  Running town(
      "<Say>1234567890</Say><Pause length=\"2\"/><Play loop=\"2\">a.wav</Play>"
      "<Play digits=\"ww12#\"/><Unknown/><Hangup/><Say>never</Say>");
  const auto at = [&](Millis time) {
    town.run(std::chrono::duration_cast<Millis>(kStart + time - town.now));
    return town.verbs(town.sid);
  };
  CHECK(at(Millis(640)) == "Say");
  CHECK(at(Millis(660)) == "Say Pause");
  CHECK(at(Millis(2660)) == "Say Pause Play");
  CHECK(at(Millis(6600)) == "Say Pause Play");
  CHECK(at(Millis(6700)) == "Say Pause Play Play");
  CHECK(at(Millis(8000)) == "Say Pause Play Play Unknown Hangup");
  CHECK(town.status(town.sid) == "completed");
  CHECK(town.carrier.warnings().unknown_twiml == 1);
  const Json state = town.state();
  CHECK(state["calls"].at(0)["keys_sent"].string_or("") == "ww12#");
  CHECK(state["calls"].at(0)["spoken"].at(0).string_or("") == "1234567890");
}

TEST_CASE("documents lead to documents, by addresses relative to their own", "[twilio_sim]") {
  Running town("<Redirect>menu/main?x=1</Redirect>");
  town.pages["/menu/main"] = "<Response><Redirect method=\"GET\">../</Redirect></Response>";
  REQUIRE(town.at("/menu/main").size() == 1);
  CHECK(town.at("/menu/main")[0].path() == "/menu/main?x=1");
  CHECK(town.status(town.sid) == "failed");  // It was not there yet: 404.
  CallPlan plan;
  plan.ring = Millis(60000);
  town.pages["/menu/../"] = "<Response><Pause/></Response>";
  const std::string again = town.call_in(plan);
  REQUIRE(town.at("/menu/main").size() == 2);
  CHECK(town.at("/menu/../").at(0).post.method == "GET");
  CHECK(town.status(again) == "in-progress");

  CHECK(resolve_url("http://a.test/x/y?q=1", "z") == "http://a.test/x/z");
  CHECK(resolve_url("http://a.test/x/y?q=1", "?z") == "http://a.test/x/y?z");
  CHECK(resolve_url("http://a.test/x/y?q=1", "") == "http://a.test/x/y?q=1");
  CHECK(resolve_url("http://a.test", "z") == "http://a.test/z");
  CHECK(resolve_url("http://u:p@a.test/x", "/z") == "http://u:p@a.test/z");
  CHECK(resolve_url("", "/z").empty());
  CHECK(signed_webhook_url("https://u:p@host:8443/x#rc=1") == "https://host/x");
  CHECK(signed_webhook_url("http://u:p@host:8080/x") == "http://host:8080/x");
  CHECK(rfc2822(1763684453000) == "Fri, 21 Nov 2025 00:20:53 +0000");
}

TEST_CASE("what is no TwiML ends the call with the error prompt", "[twilio_sim]") {
  for (const char* body : {"", "hello", "<Response>", "<Other/>", "<Response><Say>a</Response>"}) {
    CAPTURE(body);
    TwilioTown town;
    town.pages["/next"] = body;
    const std::string sid =
        town.dial("<Response><Pause/><Redirect>http://app.test/next</Redirect></Response>");
    town.run(Millis(1500));
    CHECK(town.status(sid) == "in-progress");
    CHECK(town.carrier.warnings().bad_twiml == 1);
    town.run(Millis(3000));
    CHECK(town.status(sid) == "completed");
  }
}

TEST_CASE("<Gather> collects keys and words, and falls through without any", "[twilio_sim]") {
  const std::string rest = "<Say>Nothing.</Say>";
  SECTION("keys to the key that ends them") {
    Running town(
        "<Gather action=\"/got\"><Say>Press a key, please, and then press the hash.</Say>"
        "</Gather>" +
            rest,
        R"({"script":[{"wait":"ms","ms":300},{"dtmf":"12#"}]})");
    town.pages["/got"] = kStreamTwiml;
    town.run(Millis(1500));
    REQUIRE(town.at("/got").size() == 1);
    CHECK(names_of(town.at("/got")[0].fields) ==
          names_of(twilio_sample("hook_gather_digits")["fields"]));
    CHECK(town.at("/got")[0].field("Digits") == "12");
    CHECK(town.verbs(town.sid) == "Gather Connect");
  }
  SECTION("as many as wanted") {
    Running town("<Gather numDigits=\"2\" action=\"/got\"/>" + rest,
                 R"({"script":[{"dtmf":"345"}]})");
    town.run(Millis(1000));
    CHECK(town.told("/got", "Digits") == "34");
  }
  SECTION("a pause ends them") {
    Running town("<Gather timeout=\"2\" finishOnKey=\"\" action=\"/got\"/>" + rest,
                 R"({"script":[{"dtmf":"3#"}]})");
    town.run(Millis(2000));
    CHECK(town.at("/got").empty());
    town.run(Millis(500));
    CHECK(town.told("/got", "Digits") == "3#");
  }
  SECTION("words") {
    Running town("<Gather input=\"dtmf speech\" action=\"/got\"/>" + rest,
                 R"({"script":[{"tone":440,"ms":400,"text":"Sales, please."}]})");
    town.run(Millis(3000));
    REQUIRE(town.at("/got").size() == 1);
    CHECK(names_of(town.at("/got")[0].fields) ==
          names_of(twilio_sample("hook_gather_speech")["fields"]));
    CHECK(town.at("/got")[0].field("SpeechResult") == "Sales, please.");
  }
  SECTION("nothing") {
    Running town("<Gather timeout=\"1\" action=\"/got\"><Say>1234567890</Say></Gather>" + rest);
    town.run(Millis(1640));
    CHECK(town.verbs(town.sid) == "Gather");
    town.run(Millis(20));
    CHECK(town.verbs(town.sid) == "Gather Say");
    CHECK(town.at("/got").empty());
  }
  SECTION("nothing, and it is to be told") {
    Running town("<Gather timeout=\"1\" actionOnEmptyResult=\"true\" action=\"/got\"/>" + rest);
    town.run(Millis(1100));
    REQUIRE(town.at("/got").size() == 1);
    CHECK(town.at("/got")[0].fields.find("Digits") == "");
  }
}

TEST_CASE("<Dial> waits for the leg it calls, and tells what became of it", "[twilio_sim]") {
  const std::string verbs =
      "<Dial action=\"/after\" timeout=\"20\" callerId=\"+15550100200\"><Number "
      "statusCallback=\"http://app.test/leg\" statusCallbackEvent=\"ringing answered completed\">"
      "+15550100300</Number></Dial>";
  TwilioTown town;
  town.pages["/voice"] = "<Response>" + verbs + "</Response>";
  town.pages["/after"] = "<Response><Hangup/></Response>";
  CallPlan caller =
      twilio_plan(R"({"ring_ms":60000,"script":[{"wait":"ms","ms":1000},{"tone":440,"ms":1000}]})");
  SECTION("they talk") {
    town.carrier.plan_next("+15550100300",
                           twilio_plan(R"({"ring_ms":300,"hangup_after_ms":5000})"));
    const std::string sid = town.call_in(caller);
    town.run(Millis(1000));
    REQUIRE(town.carrier.calls().size() == 2);
    const std::string child = town.carrier.calls()[1];
    CHECK(town.get("/Calls/" + child + ".json")["parent_call_sid"].string_or("") == sid);
    CHECK(town.get("/Calls/" + child + ".json")["direction"].string_or("") == "outbound-dial");
    town.run(Millis(6000));
    CHECK(town.told("/leg", "CallStatus") == "ringing in-progress completed");
    REQUIRE(town.at("/after").size() == 1);
    CHECK(names_of(town.at("/after")[0].fields) ==
          names_of(twilio_sample("hook_dial_action_number")["fields"]));
    CHECK(town.at("/after")[0].field("DialCallStatus") == "completed");
    CHECK(town.at("/after")[0].field("DialCallDuration") == "5");
    CHECK(town.carrier.heard_from(child, sid) == Millis(1000));
    CHECK(town.carrier.heard_from(sid, child) == Millis(0));
    CHECK(town.status(sid) == "completed");
  }
  SECTION("nobody answers") {
    town.carrier.plan_next("+15550100300", twilio_plan(R"({"outcome":"no_answer","ring_ms":900})"));
    town.call_in(caller);
    town.run(Millis(2000));
    REQUIRE(town.at("/after").size() == 1);
    CHECK(names_of(town.at("/after")[0].fields) ==
          names_of(twilio_sample("hook_dial_action_noanswer")["fields"]));
    CHECK(town.at("/after")[0].field("DialCallStatus") == "no-answer");
  }
  SECTION("the caller hangs up: so does the leg") {
    const std::string sid = town.call_in(caller);
    town.run(Millis(200));
    town.update(sid, {{"Status", "completed"}});
    CHECK(town.carrier.active_calls() == 0);
    CHECK(town.at("/after").empty());
  }
  SECTION("new TwiML for the caller: the leg goes") {
    town.carrier.plan_next("+15550100300", twilio_plan(R"({"ring_ms":300})"));
    const std::string sid = town.call_in(caller);
    town.run(Millis(1000));
    CHECK(town.update(sid, {{"Twiml", kStreamTwiml}}) == "200");
    CHECK(town.status(town.carrier.calls()[1]) == "completed");
    CHECK(town.verbs(sid) == "Dial Connect");
    CHECK(town.at("/after").empty());
  }
  SECTION("a whisper comes before the bridge, and answerOnBridge answers then") {
    town.pages["/voice"] =
        "<Response><Dial answerOnBridge=\"true\"><Number url=\"/whisper\">+15550100300</Number>"
        "</Dial></Response>";
    town.pages["/whisper"] = "<Response><Say>1234567890</Say></Response>";
    town.carrier.plan_next("+15550100300", twilio_plan(R"({"ring_ms":300})"));
    const std::string sid = town.call_in(caller);
    town.run(Millis(900));
    CHECK(town.status(sid) == "ringing");
    CHECK(town.status(town.carrier.calls()[1]) == "in-progress");
    town.run(Millis(200));
    CHECK(town.status(sid) == "in-progress");
  }
  SECTION("of several the first to answer has it") {
    town.pages["/voice"] =
        "<Response><Dial><Number>+15550100300</Number><Number>+15550100301</Number></Dial>"
        "</Response>";
    town.carrier.plan_next("+15550100300", twilio_plan(R"({"ring_ms":900})"));
    town.carrier.plan_next("+15550100301", twilio_plan(R"({"ring_ms":300})"));
    town.call_in(caller);
    town.run(Millis(2000));
    CHECK(town.status(town.carrier.calls()[1]) == "canceled");
    CHECK(town.status(town.carrier.calls()[2]) == "in-progress");
  }
}

TEST_CASE("<Record> ends by silence or a key and asks its action", "[twilio_sim]") {
  const std::string verbs =
      "<Record action=\"/done\" timeout=\"2\" maxLength=\"30\" "
      "recordingStatusCallback=\"http://app.test/rec\"/>";
  SECTION("silence") {
    Running town(verbs, R"({"script":[{"tone":440,"ms":1000}]})");
    town.run(Millis(2900));
    CHECK(town.at("/done").empty());
    town.run(Millis(300));
    CHECK(town.told("/done", "RecordingDuration") == "3");
    town.run(Millis(2000));
    CHECK(town.told("/rec", "RecordingStatus") == "completed");
    CHECK(town.told("/rec", "RecordingSource") == "RecordVerb");
  }
  SECTION("a key") {
    Running town(verbs, R"({"script":[{"wait":"ms","ms":500},{"dtmf":"5"}]})");
    town.run(Millis(700));
    CHECK(town.told("/done", "Digits") == "5");
  }
}

TEST_CASE("new TwiML in mid-stream: stop, close, and the new document", "[twilio_sim]") {
  TwilioTown town;
  const std::string sid = town.dial(kStreamTwiml);
  town.run(Millis(500));
  SocketLog& socket = town.take_stream();
  town.run(Millis(500));
  CHECK(town.update(sid, {{"Twiml", "<Response><Dial>+15550100300</Dial></Response>"}}) == "200");
  CHECK(socket.events("stop").size() == 1);
  CHECK(socket.closes == std::vector<int>{1000});
  town.run(Millis(1000));
  CHECK(town.verbs(sid) == "Connect Dial");
  CHECK(town.carrier.active_calls() == 2);
  // A relative address has no document to be relative to.
  CHECK(town.update(sid, {{"Twiml", "<Response><Redirect>/x</Redirect></Response>"}}) == "200");
  town.run(Millis(4000));
  CHECK(town.status(sid) == "completed");
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
