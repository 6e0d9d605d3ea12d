#include "unit/twilio/call_bench.hpp"
#include "unit/twilio/names.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::twilio;

TEST_CASE("a call is created, and read", "[twilio][control]") {
  CallBench b;
  b.answer_sample("rest_call_create");
  const auto outcome = b.create_call();
  REQUIRE(b.client.requests.size() == 1);
  const HttpRequest& request = b.client.requests[0];
  CHECK(request.method == "POST");
  CHECK(request.url == "https://api.twilio.com/2010-04-01/Accounts/" + kAccount + "/Calls.json");
  CHECK(request.headers.find("content-type") == "application/x-www-form-urlencoded");
  CHECK(request.timeout == Millis(30000));
  const Call& call = outcome.value();
  CHECK(call.sid == kCallSid);
  CHECK(call.status == CallStatus::queued);
  CHECK(call.direction == "outbound-api");
  CHECK_FALSE(call.duration);
  CHECK(call.document["phone_number_sid"].string() == "PN0123456789abcdef0123456789abcdef");
}

TEST_CASE("calls are fetched, redirected and ended as in the samples", "[twilio][control]") {
  SECTION("fetch") {
    CallBench b;
    b.answer_sample("rest_call_fetch_completed");
    Outcome<Call> outcome;
    b.control.fetch_call(kCallSid, b.scheduler, outcome.done());
    b.run();
    b.check_like("rest_call_fetch_completed");
    CHECK_FALSE(b.client.requests[0].headers.find("content-type"));
  }
  SECTION("redirect") {
    CallBench b;
    b.answer_sample("rest_call_update_twiml");
    UpdateCallRequest request;
    request.twiml = "<Response><Dial>+15550100300</Dial></Response>";
    Outcome<Call> outcome;
    b.control.update_call(kCallSid, request, b.scheduler, outcome.done());
    b.run();
    b.check_like("rest_call_update_twiml");
    CHECK(outcome.value().status == CallStatus::in_progress);
  }
  SECTION("end") {
    CallBench b;
    b.answer_sample("rest_call_update_completed");
    Outcome<TwilioEnded> outcome;
    b.control.end_call(kCallSid, b.scheduler, outcome.done());
    b.run();
    b.check_like("rest_call_update_completed");
    CHECK_FALSE(outcome.value().was_over);
  }
}

TEST_CASE("a new caller joins a conference, is held and leaves", "[twilio][control]") {
  SECTION("create") {
    CallBench b;
    b.answer_sample("rest_participant_create_virtual_agent");
    CreateParticipantRequest request;
    request.from = "+15550100100";
    request.to = "sip:proj_AbC123@sip.api.openai.com;transport=tls?X-conferenceName=" + kCallSid;
    request.label = "virtual agent";
    request.early_media = false;
    request.beep = "false";
    request.jitter_buffer_size = "small";
    request.call_token = "%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9.e30.c2ln%22%7D";
    request.conference_status_callback = "https://voice.example.com/conference-events";
    request.conference_status_callback_events = {"join"};
    Outcome<Participant> outcome;
    b.control.create_participant(kCallSid, request, b.scheduler, outcome.done());
    b.run();
    b.check_like("rest_participant_create_virtual_agent");
    CHECK(outcome.value().call_sid == kAgentLeg);
    CHECK(outcome.value().conference_sid == kConference);
    CHECK(outcome.value().status == "queued");
    CHECK(outcome.value().queue_time == Millis(0));
  }
  SECTION("hold") {
    CallBench b;
    b.answer_sample("rest_participant_hold");
    UpdateParticipantRequest request;
    request.hold = true;
    request.hold_url = "https://voice.example.com/hold.xml";
    request.hold_method = "GET";
    Outcome<Participant> outcome;
    b.control.update_participant(kConference, kCallSid, request, b.scheduler, outcome.done());
    b.run();
    b.check_like("rest_participant_hold");
    CHECK(outcome.value().hold);
    CHECK(outcome.value().end_conference_on_exit);
  }
  SECTION("remove") {
    CallBench b;
    b.client.answer(204, "");
    Outcome<TwilioEnded> outcome;
    b.control.remove_participant(kConference, "human agent", b.scheduler, outcome.done());
    b.run();
    REQUIRE(b.client.requests.size() == 1);
    CHECK(b.client.requests[0].method == "DELETE");
    CHECK(b.client.requests[0].url == "https://api.twilio.com/2010-04-01/Accounts/" + kAccount +
                                          "/Conferences/" + kConference +
                                          "/Participants/human%20agent.json");
    CHECK_FALSE(outcome.value().was_over);
  }
}

TEST_CASE("who is in a conference is listed, and a conference is ended", "[twilio][control]") {
  CallBench b;
  b.answer_sample("rest_participants_list");
  b.answer_sample("rest_conference_end");
  Outcome<std::vector<Participant>> listed;
  Outcome<TwilioEnded> ended;
  b.control.list_participants(kConference, b.scheduler, listed.done());
  b.run();
  b.control.end_conference(kConference, b.scheduler, ended.done());
  b.run();
  REQUIRE(listed.value().size() >= 2);
  CHECK(listed.value()[0].label == "human agent");
  CHECK(listed.value()[1].label == "virtual agent");
  CHECK(b.client.requests[1].body == "Status=completed");
  CHECK_FALSE(ended.value().was_over);
}

TEST_CASE("a conference is found by its name", "[twilio][control]") {
  CallBench b;
  const Json sample = twilio_sample("rest_conference_end");
  b.client.answer(200, "{\"conferences\":[" + sample["response"]["body"].dump() + "]}");
  Outcome<std::vector<Conference>> found;
  b.control.find_conferences("room 1", b.scheduler, found.done());
  b.run();
  CHECK(b.client.requests[0].url ==
        "https://api.twilio.com/2010-04-01/Accounts/" + kAccount +
            "/Conferences.json?FriendlyName=room%201&Status=in-progress&PageSize=100");
  REQUIRE(found.value().size() == 1);
  CHECK(found.value()[0].sid == kConference);
  CHECK(found.value()[0].reason_ended == "conference-ended-via-api");
}

TEST_CASE("streams and recordings are started and stopped", "[twilio][control]") {
  CallBench b;
  b.answer_sample("rest_stream_create_unidirectional");
  b.answer_sample("rest_stream_stop");
  b.client.answer(200, R"({"sid":"RE1","call_sid":"CA1","status":"paused"})");
  StartStreamRequest request;
  request.url = "wss://voice.example.com/media-stream";
  Outcome<Stream> started;
  Outcome<TwilioEnded> stopped;
  Outcome<Recording> paused;
  b.control.start_stream(kCallSid, request, b.scheduler, started.done());
  b.run();
  CHECK(started.value().sid == kStream);
  CHECK(started.value().status == "in-progress");
  b.control.stop_stream(kCallSid, kStream, b.scheduler, stopped.done());
  b.run();
  CHECK_FALSE(stopped.value().was_over);
  CHECK(b.client.requests[1].url == twilio_sample("rest_stream_stop")["request"]["url"].string());
  b.control.change_recording(kCallSid, {}, RecordingChange::pause, b.scheduler, paused.done());
  b.run();
  CHECK(paused.value().status == "paused");
  CHECK(b.client.requests[2].body == "Status=paused");
  CHECK(b.client.requests[2].url == "https://api.twilio.com/2010-04-01/Accounts/" + kAccount +
                                        "/Calls/" + kCallSid + "/Recordings/Twilio.CURRENT.json");
}

TEST_CASE("an API key takes the place of the token", "[twilio][control]") {
  TwilioCallControlOptions key = options();
  key.auth_token = Secret();
  key.api_key_sid = "SK0123456789abcdef0123456789abcdef";
  key.api_key_secret = Secret("secret");
  key.api_base = "http://127.0.0.1:9/";
  CallBench b(key);
  b.answer_sample("rest_call_create");
  b.create_call();
  CHECK(b.client.requests[0].headers.find("authorization") ==
        "Basic U0swMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjpzZWNyZXQ=");
  CHECK(b.client.requests[0].url ==
        "http://127.0.0.1:9/2010-04-01/Accounts/" + kAccount + "/Calls.json");
}

TEST_CASE("call control needs an account and a way in", "[twilio][control]") {
  ScriptedHttpClient client;
  const auto field_of = [&](auto change) {
    TwilioCallControlOptions opts = options();
    change(opts);
    const auto made = TwilioCallControl::create(client, opts);
    return made ? std::string() : made.error().field;
  };
  using O = TwilioCallControlOptions;
  CHECK(field_of([](O&) {}).empty());
  CHECK(field_of([](O& o) { o.account_sid = "AC1"; }) == "account_sid");
  CHECK(field_of([](O& o) { o.auth_token = Secret(); }) == "auth_token");
  CHECK(field_of([](O& o) { o.api_key_sid = "SK1"; }) == "api_key_sid");
  CHECK(field_of([](O& o) { o.api_key_sid = "SK" + std::string(32, 'a'); }) == "api_key_secret");
  CHECK(field_of([](O& o) { o.api_base = "api.twilio.com"; }) == "api_base");
}

TEST_CASE("every status of a call has its name", "[twilio][control]") {
  for (const char* name : {"queued", "initiated", "ringing", "in-progress", "completed", "busy",
                           "failed", "no-answer", "canceled"}) {
    CHECK(to_string(call_status(name)) == name);
  }
  CHECK(call_status("new") == CallStatus::unknown);
  CHECK(to_string(CallStatus::unknown) == "unknown");
  CHECK(is_final(CallStatus::no_answer));
  CHECK_FALSE(is_final(CallStatus::in_progress));
}
