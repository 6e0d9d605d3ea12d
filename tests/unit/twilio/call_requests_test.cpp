#include "voicebridge/twilio/call_requests.hpp"

#include <algorithm>

#include "unit/twilio/names.hpp"
#include "unit/twilio/samples.hpp"
#include "voicebridge/net/form.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::twilio;

namespace {

std::string sample_body(std::string_view name) {
  return twilio_sample(name)["request"]["body"].string_or("");
}

CreateCallRequest call() {
  CreateCallRequest request;
  request.to = "+15550100100";
  request.from = "+15550100200";
  request.url = kHost + "/twilio/outbound";
  return request;
}

CreateParticipantRequest participant() {
  CreateParticipantRequest request;
  request.from = "+15550100100";
  request.to = "+15550100300";
  return request;
}

template <class Request>
std::string fault_of(const Request& request) {
  const auto form = to_form(request);
  if (form) return {};
  CHECK(form.error().code == Errc::invalid_argument);
  return form.error().field;
}

template <class Change>
std::string call_fault(Change change) {
  CreateCallRequest request = call();
  change(request);
  return fault_of(request);
}

template <class Change>
std::string participant_fault(Change change) {
  CreateParticipantRequest request = participant();
  change(request);
  return fault_of(request);
}

}  // namespace

TEST_CASE("a call is asked for as in the sample", "[twilio][requests]") {
  CreateCallRequest request = call();
  request.status = StatusCallback{
      kHost + "/twilio/status",
      {},
      {CallEvent::initiated, CallEvent::ringing, CallEvent::answered, CallEvent::completed}};
  request.timeout = std::chrono::seconds(30);
  request.machine_detection.emplace();
  request.machine_detection->async_callback = kHost + "/twilio/amd";
  const auto form = to_form(request);
  REQUIRE(form);
  const auto ours = FormFields::parse(*form);
  const auto theirs = FormFields::parse(sample_body("rest_call_create"));
  auto sorted = [](const Result<FormFields>& fields) {
    auto copy = fields->fields();
    std::sort(copy.begin(), copy.end());
    return copy;
  };
  CHECK(sorted(ours) == sorted(theirs));
  // The events keep their order.
  CHECK(form->find("StatusCallbackEvent=initiated&StatusCallbackEvent=ringing&"
                   "StatusCallbackEvent=answered&StatusCallbackEvent=completed") !=
        std::string::npos);
}

TEST_CASE("a live call is changed as in the samples", "[twilio][requests]") {
  UpdateCallRequest twiml;
  twiml.twiml = "<Response><Dial>+15550100300</Dial></Response>";
  CHECK(to_form(twiml) == sample_body("rest_call_update_twiml"));
  UpdateCallRequest end;
  end.end = CallEnd::completed;
  CHECK(to_form(end) == sample_body("rest_call_update_completed"));
}

TEST_CASE("a participant is added as in the sample", "[twilio][requests]") {
  CreateParticipantRequest request = participant();
  request.to = "sip:proj_AbC123@sip.api.openai.com;transport=tls?X-conferenceName=" + kCallSid;
  request.label = "virtual agent";
  request.early_media = false;
  request.beep = "false";
  request.jitter_buffer_size = "small";
  request.call_token = "%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9.e30.c2ln%22%7D";
  request.conference_status_callback = kHost + "/conference-events";
  request.conference_status_callback_events = {"join"};
  CHECK(to_form(request) == sample_body("rest_participant_create_virtual_agent"));
}

TEST_CASE("hold, mute and stream are asked for as in the samples", "[twilio][requests]") {
  UpdateParticipantRequest hold;
  hold.hold = true;
  hold.hold_url = kHost + "/hold.xml";
  hold.hold_method = "GET";
  CHECK(to_form(hold) == sample_body("rest_participant_hold"));
  UpdateParticipantRequest mute;
  mute.muted = true;
  CHECK(to_form(mute) == sample_body("rest_participant_mute"));
  StartStreamRequest stream;
  stream.url = "wss://voice.example.com/media-stream";
  stream.name = "tap";
  stream.track = "both_tracks";
  stream.parameters = {{"tenant", "acme"}};
  CHECK(to_form(stream) == sample_body("rest_stream_create_unidirectional"));
}

TEST_CASE("everything else of a call is written", "[twilio][requests]") {
  CreateCallRequest request = call();
  request.url.clear();
  request.twiml = "<Response/>";
  request.record = RecordParameters{"dual", "both", kHost + "/r", "GET", {"completed", "absent"}};
  request.machine_detection = MachineDetection{};
  request.machine_detection->wait_for_beep = true;
  request.machine_detection->timeout = std::chrono::seconds(59);
  request.machine_detection->initial_silence = std::chrono::milliseconds(2000);
  request.sip_auth_username = "u";
  request.sip_auth_password = Secret("p&");
  CHECK(to_form(request) ==
        "To=%2B15550100100&From=%2B15550100200&Twiml=%3CResponse%2F%3E&Record=true&"
        "RecordingChannels=dual&RecordingTrack=both&"
        "RecordingStatusCallback=https%3A%2F%2Fvoice.example.com%2Fr&"
        "RecordingStatusCallbackMethod=GET&RecordingStatusCallbackEvent=completed&"
        "RecordingStatusCallbackEvent=absent&MachineDetection=DetectMessageEnd&"
        "MachineDetectionTimeout=59&MachineDetectionSilenceTimeout=2000&SipAuthUsername=u&"
        "SipAuthPassword=p%26");
  StartRecordingRequest recording;
  recording.trim = "do-not-trim";
  CHECK(to_form(recording) == "Trim=do-not-trim");
}

TEST_CASE("a call that Twilio would refuse is not asked for", "[twilio][requests]") {
  using R = CreateCallRequest;
  CHECK(call_fault([](R&) {}).empty());
  for (const char* to : {"sip:a@b.example", "client:ada"}) {
    CHECK(call_fault([&](R& r) { r.to = to; }).empty());
  }
  for (const char* to : {"", "12", "0155", "client:", "sip:", "tel:+15550100100"}) {
    INFO(to);
    CHECK(call_fault([&](R& r) { r.to = to; }) == "To");
  }
  CHECK(call_fault([](R& r) { r.from.clear(); }) == "From");
  CHECK(call_fault([](R& r) { r.from = "+12"; }) == "From");
  CHECK(call_fault([](R& r) { r.url.clear(); }) == "Url");
  CHECK(call_fault([](R& r) { r.twiml = "<Response/>"; }) == "Url");
  CHECK(call_fault([](R& r) { r.url = "/relative"; }) == "Url");
  CHECK(call_fault([](R& r) { r.url = "https://user:pw@voice.example.com/x"; }).empty());
  CHECK(call_fault([](R& r) { r.method = "PUT"; }) == "Method");
  CHECK(call_fault([](R& r) { r.timeout = std::chrono::seconds(601); }) == "Timeout");
  CHECK(call_fault([](R& r) { r.status = StatusCallback{}; }) == "StatusCallback");
  CHECK(call_fault([](R& r) { r.send_digits = "12x"; }) == "SendDigits");
  CHECK(call_fault([](R& r) { r.send_digits = std::string(33, '1'); }) == "SendDigits");
  CHECK(call_fault([](R& r) {
          r.send_digits = "1";
          r.machine_detection.emplace();
        }) == "MachineDetection");
  CHECK(call_fault([](R& r) {
          r.machine_detection.emplace();
          r.machine_detection->timeout = std::chrono::seconds(60);
        }) == "MachineDetectionTimeout");
  CHECK(call_fault([](R& r) {
          r.url.clear();
          r.application_sid = "AP1";
        }) == "ApplicationSid");
}

TEST_CASE("TwiML in a request has 4000 characters at most", "[twilio][requests]") {
  const auto fault = [](const std::string& twiml) {
    return call_fault([&](CreateCallRequest& r) {
      r.url.clear();
      r.twiml = twiml;
    });
  };
  std::string accents;
  for (int i = 0; i < 4000; ++i) accents += "é";
  CHECK(fault(accents).empty());
  CHECK(fault(accents + "x") == "Twiml");
}

TEST_CASE("a participant that Twilio would refuse is not asked for", "[twilio][requests]") {
  using R = CreateParticipantRequest;
  CHECK(participant_fault([](R& r) { r.to = "app:AP1"; }).empty());
  CHECK(participant_fault([](R& r) { r.to = "app:"; }) == "To");
  CHECK(participant_fault([](R& r) { r.from.clear(); }) == "From");
  CHECK(participant_fault([](R& r) { r.label = std::string(129, 'l'); }) == "Label");
  CHECK(participant_fault([](R& r) { r.beep = "yes"; }) == "Beep");
  CHECK(participant_fault([](R& r) { r.jitter_buffer_size = "tiny"; }) == "JitterBufferSize");
  CHECK(participant_fault([](R& r) { r.call_sid_to_coach = "CA1"; }) == "CallSidToCoach");
  CHECK(participant_fault([](R& r) { r.conference_status_callback_events = {"joined"}; }) ==
        "ConferenceStatusCallbackEvent");
  CHECK(participant_fault([](R& r) { r.max_participants = 251; }) == "MaxParticipants");
  CreateParticipantRequest silent = participant();
  silent.wait_url = "";
  silent.call_sid_to_coach = kCallSid;
  CHECK(to_form(silent) ==
        "From=%2B15550100100&To=%2B15550100300&WaitUrl=&Coaching=true&"
        "CallSidToCoach=" +
            kCallSid);
}

TEST_CASE("a change says what is to be changed", "[twilio][requests]") {
  CHECK(fault_of(UpdateCallRequest{}) == "Url");
  CHECK(fault_of(UpdateParticipantRequest{}) == "Muted");
  UpdateCallRequest both;
  both.twiml = "<Response/>";
  both.end = CallEnd::canceled;
  CHECK(fault_of(both) == "Url");
  UpdateParticipantRequest coach;
  coach.coaching = true;
  CHECK(fault_of(coach) == "CallSidToCoach");
}

TEST_CASE("a one-way stream keeps to what Twilio accepts", "[twilio][requests]") {
  StartStreamRequest stream;
  CHECK(fault_of(stream) == "Url");
  stream.url = "wss://voice.example.com/media?token=1";
  CHECK(fault_of(stream) == "Url");
  stream.url = "wss://voice.example.com/media";
  stream.track = "inbound";
  CHECK(fault_of(stream) == "Track");
  stream.track.clear();
  stream.parameters = {{"n", std::string(499, 'v')}};
  CHECK(fault_of(stream) == "Parameter1.Value");
  stream.parameters.clear();
  for (int i = 0; i < 100; ++i) stream.parameters["n" + std::to_string(i)] = "v";
  CHECK(fault_of(stream) == "Parameter100.Name");
}
