// Twilio's requests to the example server: what is answered, forged, recorded, repeated and wrong.
#include "integration/twilio_hooks.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kHooksScenario =
    R"({"agents":[{"replies":[{"on":"start","say":"Hello."}]}]})";

const std::string kVoice = "/twilio/voice";

FormFields status_of(const std::string& status, int sequence) {
  return {{"AccountSid", kTwilioAccount},
          {"CallSid", kTwilioLeg},
          {"CallStatus", status},
          {"CallbackSource", "call-progress-events"},
          {"SequenceNumber", std::to_string(sequence)}};
}

/// How often a call was told of an event.
std::size_t told(Town& town, const std::string& call_id, const std::string& type) {
  const auto record = town.app->stores().calls->find(call_id);
  if (!record) return 0;
  return static_cast<std::size_t>(std::count_if(
      record->timeline.begin(), record->timeline.end(),
      [&](const auto& entry) { return entry.kind == "webhook" && entry.detail == type; }));
}

std::string call_of(Town& town, const std::string& leg) {
  const auto seat = town.app->agent().seat(leg);
  return seat ? seat->call_id : std::string();
}

}  // namespace

TEST_CASE("a call that comes is answered by its stream, and a word behind it", "[server][twilio]") {
  Town town(kHooksScenario, add_twilio);
  const HttpResponse answer = twilio_posts(town, kVoice, incoming_call());
  REQUIRE(answer.status == 200);
  CHECK(answer.headers.find("content-type") == "application/xml");
  const std::string call_id = call_of(town, kTwilioLeg);
  const std::string stream = "<Response><Connect><Stream url=\"ws" +
                             town.app->config().public_app_url.substr(4) +
                             "/api/voice-calls/media-stream/" + call_id + "\"";
  CHECK(answer.body.find(stream) != std::string::npos);
  CHECK(answer.body.find("<Parameter name=\"token\" value=\"") != std::string::npos);
  CHECK(answer.body.find("</Connect><Say language=\"en-US\">") != std::string::npos);
  CHECK(eventually([&] { return town.state_of(call_id) == "answered"; }));

  // Asked again while nothing has come of it, it has another answer; when it is over, none.
  const HttpResponse again = twilio_posts(town, kVoice, incoming_call());
  CHECK(again.status == 200);
  CHECK(again.body != answer.body);
  CHECK(town.app->agent().live_calls() == 1);
  CHECK(twilio_posts(town, "/twilio/status", status_of("completed", 3)).status == 200);
  CHECK(town.end_of(call_id).end_reason == EndReason::caller_hangup);
  CHECK(eventually([&] { return town.app->agent().live_calls() == 0; }));
  CHECK(twilio_posts(town, kVoice, incoming_call()).status == 403);
  CHECK(town.app->agent().live_calls() == 0);
  const auto stored = town.app->stores().calls->find(call_id);
  REQUIRE(stored);
  CHECK(stored->call.carrier == "twilio");
  CHECK(stored->call.leg_id == kTwilioLeg);
  CHECK(stored->call.from == "+12025550155");
  CHECK(stored->call.answered_at > 0);
}

TEST_CASE("what Twilio has not signed is refused, whatever it says", "[server][twilio]") {
  Town town(kHooksScenario, add_twilio);
  const FormFields call = incoming_call();
  for (const std::string path :
       {"/twilio/voice", "/twilio/status", "/twilio/amd", "/twilio/stream-status", "/twilio/spoken",
        "/twilio/keys?call_id=call_1", "/twilio/dialled?call_id=call_1",
        "/webhook/realtime/incoming/call_1"}) {
    CAPTURE(path);
    CHECK(twilio_posts(town, path, call, "00000000000000000000000000000003").status == 403);
    CHECK(town.post(path, call.encode(), {{"Content-Type", "application/x-www-form-urlencoded"}})
              .status == 403);
    // Signed for another path, and with another field.
    const std::string url = town.app->config().public_app_url;
    const std::string elsewhere =
        twilio::request_signature(Secret(kTwilioToken), url + "/twilio", call);
    CHECK(town.post(path, call.encode(),
                    {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"X-Twilio-Signature", elsewhere}})
              .status == 403);
    const std::string here = twilio::request_signature(Secret(kTwilioToken), url + path, call);
    CHECK(town.post(path, call.encode() + "&To=%2B1",
                    {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"X-Twilio-Signature", here}})
              .status == 403);
  }
  for (const char* path :
       {"/api/voice-calls/media-stream", "/api/voice-calls/media-stream/call_1"}) {
    RawSocket socket(town.app->port());
    socket.send("GET " + std::string(path) +
                " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
    CHECK(socket.receive_response().status == 403);
  }
  CHECK(town.app->twilio_streams()->counters().refused_signature == 2);
  CHECK(town.app->agent().live_calls() == 0);
}

TEST_CASE("while the token is rotated both count", "[server][twilio]") {
  Town town(kHooksScenario, [](server::Config& config) {
    add_twilio(config);
    config.twilio_auth_token_secondary = Secret("00000000000000000000000000000004");
  });
  CHECK(twilio_posts(town, kVoice, incoming_call(), "00000000000000000000000000000004").status ==
        200);
  CHECK(twilio_posts(town, kVoice, incoming_call("CA0000000000000000000000000000000b")).status ==
        200);
}

TEST_CASE("an event that is told again is told once", "[server][twilio]") {
  Town town(kHooksScenario, add_twilio);
  REQUIRE(twilio_posts(town, kVoice, incoming_call()).status == 200);
  const std::string call_id = call_of(town, kTwilioLeg);
  for (int i = 0; i < 3; ++i) {
    CHECK(twilio_posts(town, "/twilio/status", status_of("in-progress", 2)).status == 200);
  }
  CHECK(twilio_posts(town, "/twilio/status", status_of("completed", 3)).status == 200);
  town.end_of(call_id);
  CHECK(eventually([&] { return told(town, call_id, "call.in-progress") > 0; }));
  CHECK(told(town, call_id, "call.in-progress") == 1);
}

TEST_CASE("a signed request that is wrong is refused by the field", "[server][twilio]") {
  Town town(kHooksScenario, add_twilio);
  const auto refused = [&](const FormFields& form, const std::string& field, int status) {
    const HttpResponse answer = twilio_posts(town, "/twilio/status", form);
    CHECK(answer.status == status);
    CHECK(Json::parse(answer.body).value()["error"]["field"].string_or("") == field);
  };
  refused({{"AccountSid", kTwilioAccount}}, "CallSid", 422);
  refused({{"CallSid", kTwilioLeg}}, "AccountSid", 422);
  refused({{"AccountSid", kTwilioAccount}, {"CallSid", "CA1"}}, "CallSid", 422);
  refused({{"AccountSid", "AC00000000000000000000000000000009"}, {"CallSid", kTwilioLeg}},
          "AccountSid", 403);
  CHECK(twilio_posts(town, "/twilio/amd", {{"AccountSid", kTwilioAccount}, {"CallSid", kTwilioLeg}})
            .body.find("\"field\":\"AnsweredBy\"") != std::string::npos);
}

TEST_CASE("the TwiML of a known call is for its leg, and ends in a word", "[server][twilio]") {
  Town town(kHooksScenario, add_twilio);
  REQUIRE(twilio_posts(town, kVoice, incoming_call()).status == 200);
  const std::string call_id = call_of(town, kTwilioLeg);
  const std::string path = "/webhook/realtime/incoming/" + call_id;
  FormFields answered = {{"AccountSid", kTwilioAccount},
                         {"CallSid", kTwilioLeg},
                         {"CallStatus", "in-progress"},
                         {"Direction", "outbound-api"}};
  const HttpResponse document = twilio_posts(town, path, answered);
  CHECK(document.status == 200);
  CHECK(document.body.find("<Connect><Stream ") != std::string::npos);
  CHECK(document.body.find("</Connect><Say ") != std::string::npos);
  FormFields other = answered;
  other = {{"AccountSid", kTwilioAccount},
           {"CallSid", "CA0000000000000000000000000000000c"},
           {"CallStatus", "in-progress"}};
  CHECK(twilio_posts(town, path, other).status == 403);
  CHECK(twilio_posts(town, "/webhook/realtime/incoming/call_none", answered).status == 404);
  twilio_posts(town, "/twilio/status", status_of("completed", 3));
  town.end_of(call_id);
  const HttpResponse over = twilio_posts(town, path, answered);
  CHECK(over.status == 200);
  CHECK(over.body.find("<Stream") == std::string::npos);
  CHECK(over.body.find("<Hangup/>") != std::string::npos);
}

TEST_CASE("who cannot be answered is rejected, and hears no error", "[server][twilio]") {
  Town town(kHooksScenario, [](server::Config& config) {
    add_twilio(config);
    config.max_calls = 1;
  });
  REQUIRE(twilio_posts(town, kVoice, incoming_call()).status == 200);
  const HttpResponse full =
      twilio_posts(town, kVoice, incoming_call("CA0000000000000000000000000000000b"));
  CHECK(full.status == 200);
  CHECK(full.body.find("<Reject ") != std::string::npos);
  // The fallback URL, after something else went wrong.
  FormFields failed = incoming_call("CA0000000000000000000000000000000d");
  failed.add("ErrorCode", "11200");
  failed.add("ErrorUrl", "https://voice.example.com/twilio/voice");
  const HttpResponse fallback = twilio_posts(town, kVoice, failed);
  CHECK(fallback.status == 200);
  CHECK(fallback.body.find("<Hangup/>") != std::string::npos);
}
