#include "voicebridge/twilio/twilio_carrier.hpp"

#include "unit/twilio/call_bench.hpp"
#include "unit/twilio/names.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

struct Town {
  ScriptedHttpClient client;
  voicebridge::testing::ManualScheduler scheduler;
  std::unique_ptr<TwilioCarrier> carrier;
  std::vector<Result<std::string>> legs;
  std::vector<Result<>> done;
  std::optional<HandOver> hand_over;

  explicit Town(TwilioCarrierOptions options = usual()) {
    TwilioStreamServerOptions stream_options;
    stream_options.public_url = kHost;
    auto streams = TwilioStreamServer::create(
        stream_options, [](const TwilioStreamRequest&) { return Result<TwilioStreamTarget>(); });
    REQUIRE(streams);
    auto made = TwilioCarrier::create(CallBench::make(client, test::options()), *streams, options);
    REQUIRE(made);
    carrier = std::move(*made);
  }
  static TwilioCarrierOptions usual() {
    TwilioCarrierOptions options;
    options.caller_id = "+15550100200";
    options.status_url = kHost + "/twilio/status";
    options.detection_url = kHost + "/twilio/amd";
    options.spoken_url = kHost + "/twilio/spoken";
    options.keys_url = kHost + "/twilio/keys";
    options.dialled_url = kHost + "/twilio/dialled";
    return options;
  }
  void answer_sample(std::string_view name) {
    const Json sample = twilio_sample(name);
    client.answer(static_cast<int>(sample["response"]["status"].integer_or(0)),
                  sample["response"]["body"].dump());
  }
  void dial(const std::string& call_id) {
    CarrierDial dial;
    dial.call_id = call_id;
    dial.to = "+15550100100";
    carrier->dial(dial, scheduler, [this](Result<std::string> leg) { legs.push_back(leg); });
  }
  Carrier::HandedOver handed_over() {
    return [this](const Result<HandOver>& result) {
      done.push_back(result ? Result<>() : Result<>(fail(result.error())));
      if (result) hand_over = *result;
    };
  }
  Carrier::Done told() {
    return [this](Result<> result) { done.push_back(result); };
  }
  void run() { scheduler.advance(Millis(60000)); }
  FormFields sent(std::size_t index = 0) const {
    REQUIRE(client.requests.size() > index);
    auto form = FormFields::parse(client.requests[index].body);
    REQUIRE(form);
    return *form;
  }
};

}  // namespace

TEST_CASE("a call is dialled with its stream, its callbacks and detection", "[twilio][carrier]") {
  Town town;
  town.answer_sample("rest_call_create");
  town.dial("call 1");
  CHECK(town.legs.empty());
  town.run();
  REQUIRE(town.legs.size() == 1);
  CHECK(town.legs[0] == kCallSid);
  const FormFields form = town.sent();
  CHECK(form.find("To") == "+15550100100");
  CHECK(form.find("From") == "+15550100200");
  CHECK(form.find("Timeout") == "30");
  CHECK(form.find("TimeLimit") == "3600");
  CHECK(form.find("StatusCallback") == kHost + "/twilio/status?call_id=call%201");
  CHECK(form.find("AsyncAmd") == "true");
  CHECK(form.find("AsyncAmdStatusCallback") == kHost + "/twilio/amd?call_id=call%201");
  CHECK(form.find("MachineDetection") == "DetectMessageEnd");
  const std::string twiml = form.text_or("Twiml", "");
  CHECK(twiml.find("<Connect><Stream url=\"wss://voice.example.com/api/voice-calls/media-stream/"
                   "call%201\"><Parameter name=\"token\" value=\"st_") != std::string::npos);
}

TEST_CASE("asked twice, a call is dialled once", "[twilio][carrier]") {
  Town town;
  town.answer_sample("rest_call_create");
  town.dial("call_1");
  town.dial("call_1");
  town.run();
  town.dial("call_1");
  town.run();
  CHECK(town.client.requests.size() == 1);
  REQUIRE(town.legs.size() == 3);
  for (const auto& leg : town.legs) CHECK(leg == kCallSid);
  town.answer_sample("rest_call_create");
  town.dial("call_2");
  town.run();
  CHECK(town.client.requests.size() == 2);
}

TEST_CASE("a phone that may ring is not dialled again, one that surely does not is",
          "[twilio][carrier]") {
  Town town;
  town.client.no_answer(Errc::deadline_exceeded);
  town.dial("call_1");
  town.run();
  town.dial("call_1");
  town.run();
  CHECK(town.client.requests.size() == 1);
  REQUIRE(town.legs.size() == 2);
  CHECK(town.legs[1].error().code == Errc::deadline_exceeded);
  CHECK_FALSE(town.legs[1].error().retryable);

  town.answer_sample("rest_error_429");
  town.answer_sample("rest_call_create");
  town.dial("call_2");
  town.run();
  town.dial("call_2");
  town.run();
  CHECK(town.client.requests.size() == 3);
  CHECK(town.legs[2].error().retryable);
  CHECK(town.legs[3] == kCallSid);
}

TEST_CASE("an incoming leg is answered by the TwiML it waits for", "[twilio][carrier]") {
  Town town;
  std::vector<std::string> documents;
  town.carrier->ringing(kCallSid, [&](std::string twiml) { documents.push_back(twiml); });
  town.carrier->answer(kCallSid, "call_1", town.scheduler, town.told());
  town.carrier->answer(kCallSid, "call_1", town.scheduler, town.told());
  CHECK(town.done.empty());
  town.run();
  REQUIRE(documents.size() == 1);
  CHECK(documents[0].find("<Connect><Stream url=\"wss://voice.example.com/api/voice-calls/"
                          "media-stream/call_1\">") != std::string::npos);
  REQUIRE(town.done.size() == 2);
  CHECK(town.done[0]);
  CHECK(town.done[1].error().code == Errc::not_found);
  CHECK(town.client.requests.empty());
}

TEST_CASE("a stream that is lost is apologized for, in the caller's language",
          "[twilio][carrier]") {
  TwilioCarrierOptions options = Town::usual();
  options.apology = "Pardon & au revoir.";
  options.language = "fr-FR";
  options.voice = "Polly.Lea";
  Town town(options);
  const std::string apology =
      "<Say voice=\"Polly.Lea\" language=\"fr-FR\">Pardon &amp; au revoir.</Say>";
  town.answer_sample("rest_call_create");
  town.dial("call_1");
  town.run();
  CHECK(town.sent().text_or("Twiml", "").find("</Connect>" + apology + "</Response>") !=
        std::string::npos);
  std::string document;
  town.carrier->ringing(kCallSid, [&](std::string twiml) { document = std::move(twiml); });
  town.carrier->answer(kCallSid, "call_2", town.scheduler, town.told());
  CHECK(document.find("</Connect>" + apology + "</Response>") != std::string::npos);
  CHECK(town.carrier->apology_document()->find("<Response>" + apology + "<Hangup/></Response>") !=
        std::string::npos);
}

TEST_CASE("a leg is rejected while it rings, and hung up afterwards", "[twilio][carrier]") {
  Town town;
  std::string document;
  town.carrier->ringing(kCallSid, [&](std::string twiml) { document = twiml; });
  town.carrier->hang_up(kCallSid, town.scheduler, town.told());
  town.run();
  CHECK(document.find("<Reject reason=\"rejected\"/>") != std::string::npos);
  CHECK(town.client.requests.empty());
  town.answer_sample("rest_call_update_completed");
  town.answer_sample("rest_error_404");
  town.carrier->hang_up(kCallSid, town.scheduler, town.told());
  town.run();
  CHECK(town.sent().find("Status") == "completed");
  town.carrier->hang_up(kCallSid, town.scheduler, town.told());
  town.run();
  REQUIRE(town.done.size() == 3);
  for (const auto& result : town.done) CHECK(result);
}

TEST_CASE("a leg is spoken to, and handed on", "[twilio][carrier]") {
  Town town;
  for (int i = 0; i < 3; ++i) town.answer_sample("rest_call_update_twiml");
  town.carrier->speak(kCallSid, "Good & bye", town.scheduler, town.told());
  town.run();
  town.carrier->transfer(kCallSid, {"+15550100300", "c 1"}, town.scheduler, town.handed_over());
  town.run();
  CHECK(town.hand_over == HandOver::under_way);
  town.carrier->transfer(kCallSid, {"sip:human@example.com", "c"}, town.scheduler,
                         town.handed_over());
  town.run();
  CHECK(town.sent(0)
            .text_or("Twiml", "")
            .find("<Say>Good &amp; "
                  "bye</Say><Redirect>https://voice.example.com/twilio/spoken</Redirect>") !=
        std::string::npos);
  CHECK(
      town.sent(1)
          .text_or("Twiml", "")
          .find("<Dial callerId=\"+15550100200\" timeout=\"25\" "
                "action=\"https://voice.example.com/twilio/dialled?call_id=c%201\">"
                "<Number statusCallback=\"https://voice.example.com/twilio/status?call_id=c%201\" "
                "statusCallbackEvent=\"answered\">+15550100300</Number></Dial>") !=
      std::string::npos);
  CHECK(town.sent(2).text_or("Twiml", "").find(">sip:human@example.com</Sip></Dial>") !=
        std::string::npos);
  town.carrier->transfer(kCallSid, {"nobody", "c"}, town.scheduler, town.handed_over());
  town.carrier->start_media(kCallSid, "call_1", town.scheduler, town.told());
  town.run();
  REQUIRE(town.done.size() == 5);
  CHECK(town.done[2]);
  CHECK(town.done[3].error().field == "Number");
  CHECK(town.done[4]);
  CHECK(town.client.requests.size() == 3);
}

TEST_CASE("a question is asked until a key answers it", "[twilio][carrier]") {
  Town town;
  town.answer_sample("rest_call_update_twiml");
  town.carrier->ask(kCallSid, {"Take it? <1> or 2", "12", "call 1"}, town.scheduler, town.told());
  town.run();
  REQUIRE(town.done.size() == 1);
  CHECK(town.done[0]);
  const std::string asked = town.sent().text_or("Twiml", "");
  CHECK(asked.find("<Gather input=\"dtmf\" numDigits=\"1\" timeout=\"5\" finishOnKey=\"\" "
                   "actionOnEmptyResult=\"true\" action=\"" +
                   kHost +
                   "/twilio/keys?call_id=call%201\"><Say>Take it? &lt;1&gt; or 2</Say></Gather>") !=
        std::string::npos);
  const auto after = [&](const std::string& keys) {
    return town.carrier->after_keys(keys, kCallSid).value_or("refused");
  };
  for (const char* none : {"", "3", "#", "*", "12", "11"}) CHECK(after(none) == asked);
  for (const char* key : {"1", "2", "1"}) {
    CHECK(after(key).find("<Response><Pause length=\"30\"/></Response>") != std::string::npos);
  }
  CHECK(town.carrier->after_keys("1", "CA0123456789abcdef0123456789abcde0").error().code ==
        Errc::not_found);
  // The question goes with the leg.
  town.answer_sample("rest_call_update_completed");
  town.carrier->hang_up(kCallSid, town.scheduler, town.told());
  town.run();
  CHECK(after("1") == "refused");
}

TEST_CASE("without a place for the keys a question is only spoken", "[twilio][carrier]") {
  TwilioCarrierOptions options = Town::usual();
  options.keys_url.clear();
  Town town(options);
  town.answer_sample("rest_call_update_twiml");
  town.carrier->ask(kCallSid, {"Take it?", "12", "call_1"}, town.scheduler, town.told());
  town.run();
  const std::string twiml = town.sent().text_or("Twiml", "");
  CHECK(twiml.find("<Say>Take it?</Say><Redirect") != std::string::npos);
  CHECK(twiml.find("Gather") == std::string::npos);
}

TEST_CASE("Twilio records a leg beside its stream, and refuses what would end that",
          "[twilio][carrier][recording]") {
  TwilioCarrierOptions options = Town::usual();
  options.recording_url = "https://voice.example.com/twilio/recording";
  Town town(options);
  LegControls& leg = *town.carrier->controls();
  CHECK_FALSE(leg.sends_dtmf());
  leg.send_dtmf(kCallSid, "1", town.scheduler, town.told());
  town.run();
  REQUIRE(town.done.size() == 1);
  CHECK(town.done[0].error().code == Errc::unsupported);
  CHECK(town.client.requests.empty());
  town.client.answer(201, R"({"sid":"RE1","call_sid":"CA1","status":"in-progress"})");
  std::string recording;
  leg.start_recording(kCallSid, town.scheduler,
                      [&](const Result<std::string>& started) { recording = started.value(); });
  town.run();
  CHECK(recording == "RE1");
  CHECK(town.sent(0).text_or("RecordingChannels", "") == "dual");
  CHECK(town.sent(0).text_or("RecordingStatusCallback", "") == options.recording_url);
  town.client.answer(200, R"({"sid":"RE1","call_sid":"CA1","status":"paused"})");
  leg.change_recording(kCallSid, recording, CarrierRecording::pause, town.scheduler, town.told());
  town.run();
  CHECK(town.done.back());
  CHECK(town.sent(1).text_or("Status", "") == "paused");
}

TEST_CASE("a carrier's options are checked", "[twilio][carrier]") {
  const auto field_of = [](auto change) {
    ScriptedHttpClient client;
    TwilioStreamServerOptions stream_options;
    stream_options.public_url = kHost;
    auto streams = TwilioStreamServer::create(
        stream_options, [](const TwilioStreamRequest&) { return Result<TwilioStreamTarget>(); });
    TwilioCarrierOptions options = Town::usual();
    change(options);
    const auto made =
        TwilioCarrier::create(CallBench::make(client, test::options()), *streams, options);
    return made ? std::string() : made.error().field;
  };
  using O = TwilioCarrierOptions;
  CHECK(field_of([](O&) {}).empty());
  CHECK(field_of([](O& o) { o.caller_id = "12"; }) == "caller_id");
  CHECK(field_of([](O& o) { o.status_url = "/status"; }) == "status_url");
  CHECK(field_of([](O& o) { o.detection_url += "?x=1"; }) == "detection_url");
  CHECK(field_of([](O& o) { o.spoken_url = "wss://a.example"; }) == "spoken_url");
}
