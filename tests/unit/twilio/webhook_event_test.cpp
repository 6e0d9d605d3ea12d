#include "voicebridge/twilio/webhook_event.hpp"

#include "unit/twilio/names.hpp"
#include "unit/twilio/samples.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::twilio;

namespace {

WebhookEvent event_of(FormFields form) {
  auto event = parse_webhook(std::move(form));
  REQUIRE(event);
  return std::move(*event);
}

/// A sample as it comes over the wire.
WebhookEvent sample(std::string_view name) {
  INFO(name);
  const Json json = twilio_sample(name);
  auto form = FormFields::parse(json["body"].string_or(""));
  REQUIRE(form);
  const WebhookEvent event = event_of(std::move(*form));
  // Nothing is lost on the way.
  CHECK(event.form.fields().size() == json["fields"].size());
  for (const auto& member : json["fields"].members()) {
    CHECK(event.form.find(member.key) == member.value.string());
  }
  CHECK(event.form.encode() == json["body"].string());
  return event;
}

template <class What>
What sample_of(std::string_view name) {
  const WebhookEvent event = sample(name);
  REQUIRE(std::holds_alternative<What>(event.what));
  return std::get<What>(event.what);
}

}  // namespace

TEST_CASE("an inbound call asks for TwiML", "[twilio][event]") {
  const WebhookEvent event = sample("hook_voice_incoming");
  CHECK(event.account_sid == "AC0123456789abcdef0123456789abcdef");
  CHECK(event.call_sid == kCallSid);
  CHECK(event.call_status == CallStatus::ringing);
  CHECK(event.from == "+15550100100");
  CHECK(event.to == "+15550100200");
  REQUIRE(std::holds_alternative<VoiceRequest>(event.what));
  const auto& request = std::get<VoiceRequest>(event.what);
  CHECK(request.direction == "inbound");
  CHECK(request.call_token ==
        "%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9.e30.c2ln%22%7D");
  CHECK(request.stir_verstat == "TN-Validation-Passed-A");
  CHECK_FALSE(request.answered_by);
  CHECK_FALSE(request.anonymous);
}

TEST_CASE("voice URLs are asked for other reasons, too", "[twilio][event]") {
  CHECK(sample_of<VoiceRequest>("hook_voice_incoming_anonymous").anonymous);
  const auto fallback = sample_of<VoiceRequest>("hook_voice_fallback");
  CHECK(fallback.error_code == "11200");
  CHECK(fallback.error_url == "https://voice.example.com/twilio/incoming");
  CHECK(sample_of<VoiceRequest>("hook_voice_outbound_answered").direction == "outbound-api");
  CHECK(sample("hook_voice_outbound_answered").call_status == CallStatus::in_progress);
  // Detection that was waited for comes with the request for TwiML.
  const auto detected = event_of({{"AccountSid", "AC1"},
                                  {"CallSid", "CA1"},
                                  {"CallStatus", "in-progress"},
                                  {"AnsweredBy", "machine_end_beep"}});
  REQUIRE(std::holds_alternative<VoiceRequest>(detected.what));
  CHECK(std::get<VoiceRequest>(detected.what).answered_by == twilio::AnsweredBy::machine_end_beep);
}

TEST_CASE("numbers that spell a word are nobody's", "[twilio][event]") {
  for (const char* nobody : {"", "anonymous", "Anonymous", "+266696687", "+7378742833",
                             "+86282452253", "+8656696", "+2562533"}) {
    INFO(nobody);
    CHECK(is_anonymous(nobody));
  }
  CHECK_FALSE(is_anonymous("+15550100100"));
  CHECK_FALSE(is_anonymous("+2666966870"));
}

TEST_CASE("the progress of a call is told in order of its sequence", "[twilio][event]") {
  CHECK(sample_of<StatusEvent>("hook_status_initiated").sequence == 0);
  CHECK(sample("hook_status_initiated").call_status == CallStatus::initiated);
  CHECK(sample("hook_status_ringing").call_status == CallStatus::ringing);
  CHECK(sample("hook_status_answered").call_status == CallStatus::in_progress);
  CHECK(sample_of<StatusEvent>("hook_status_ringing").sequence == 1);
  CHECK(sample_of<StatusEvent>("hook_status_answered").sequence == 2);
  const auto completed = sample_of<StatusEvent>("hook_status_completed");
  CHECK(completed.sequence == 3);
  CHECK(completed.duration == std::chrono::seconds(61));
  CHECK(completed.sip_response_code == "200");
  CHECK(completed.timestamp == "Fri, 21 Nov 2025 00:20:53 +0000");
}

TEST_CASE("a call that is not answered tells why", "[twilio][event]") {
  CHECK(sample("hook_status_busy").call_status == CallStatus::busy);
  CHECK(sample("hook_status_failed").call_status == CallStatus::failed);
  CHECK(sample("hook_status_no_answer").call_status == CallStatus::no_answer);
  CHECK_FALSE(sample_of<StatusEvent>("hook_status_busy").sip_response_code.empty());
  // A number's own callback has no source.
  const auto number = event_of({{"AccountSid", "AC1"},
                                {"CallSid", "CA1"},
                                {"CallStatus", "completed"},
                                {"CallDuration", "7"}});
  REQUIRE(std::holds_alternative<StatusEvent>(number.what));
  CHECK(std::get<StatusEvent>(number.what).duration == std::chrono::seconds(7));
  CHECK_FALSE(std::get<StatusEvent>(number.what).sequence);
}

TEST_CASE("answering machine detection comes by itself", "[twilio][event]") {
  const auto detected = sample_of<DetectionEvent>("hook_amd_async");
  CHECK(detected.who == twilio::AnsweredBy::machine_start);
  CHECK(detected.who_text == "machine_start");
  CHECK(detected.duration == std::chrono::milliseconds(2380));
  for (const char* name : {"human", "fax", "machine_start", "machine_end_beep",
                           "machine_end_silence", "machine_end_other", "unknown"}) {
    const auto event = event_of({{"AccountSid", "AC1"}, {"CallSid", "CA1"}, {"AnsweredBy", name}});
    REQUIRE(std::holds_alternative<DetectionEvent>(event.what));
    const twilio::AnsweredBy who = std::get<DetectionEvent>(event.what).who;
    CHECK(to_string(who) == name);
    CHECK(is_machine(who) == (std::string_view(name).substr(0, 7) == "machine"));
  }
}

TEST_CASE("streams tell that they start, stop and fail", "[twilio][event]") {
  const auto started = sample_of<StreamEvent>("hook_stream_started");
  CHECK(started.change == StreamChange::started);
  CHECK(started.stream_sid == "MZ0f1e2d3c4b5a69788796a5b4c3d2e1f0");
  CHECK(started.name == "agent");
  CHECK(started.timestamp == "2025-11-21T00:20:54.120Z");
  CHECK(sample_of<StreamEvent>("hook_stream_stopped").change == StreamChange::stopped);
  const auto failed = sample_of<StreamEvent>("hook_stream_error");
  CHECK(failed.change == StreamChange::error);
  CHECK(failed.error == "31920 - Stream - WebSocket - Handshake Error");
}

TEST_CASE("a conference tells who comes and goes", "[twilio][event]") {
  const auto joined = sample_of<ConferenceEvent>("hook_conference_2_join_virtual_agent");
  CHECK(joined.change == ConferenceChange::join);
  CHECK(joined.label == "virtual agent");
  CHECK(joined.conference_sid == "CFaabbccddeeff00112233445566778899");
  CHECK(joined.friendly_name == kCallSid);
  CHECK(sample_of<ConferenceEvent>("hook_conference_1_join_customer").end_conference_on_exit);
  CHECK(sample_of<ConferenceEvent>("hook_conference_3_start").change == ConferenceChange::start);
  CHECK(sample_of<ConferenceEvent>("hook_conference_4_join_human").label == "human agent");
  const auto left = sample_of<ConferenceEvent>("hook_conference_5_leave_virtual_agent");
  CHECK(left.change == ConferenceChange::leave);
  CHECK(left.sequence == 5);
  CHECK(left.reason_left == "participant_updated_via_api");
  CHECK(left.participant_status == CallStatus::completed);
  CHECK(sample("hook_conference_5_leave_virtual_agent").call_sid ==
        "CA11112222333344445555666677778888");
}

TEST_CASE("a conference tells why it ended, and who could not be reached", "[twilio][event]") {
  const auto ended = sample_of<ConferenceEvent>("hook_conference_6_end");
  CHECK(ended.change == ConferenceChange::end);
  CHECK(ended.reason_ended == "participant-with-end-conference-on-exit-left");
  CHECK(ended.call_sid_ending == kCallSid);
  CHECK(ended.label == "customer");
  CHECK(sample("hook_conference_6_end").call_sid.empty());
  const auto failed = sample_of<ConferenceEvent>("hook_conference_human_add_failed");
  CHECK(failed.reason_left == "participant_add_failed");
  CHECK(failed.participant_status == CallStatus::no_answer);
  const auto newer =
      event_of({{"AccountSid", "AC1"}, {"ConferenceSid", "CF1"}, {"StatusCallbackEvent", "dance"}});
  REQUIRE(std::holds_alternative<ConferenceEvent>(newer.what));
  CHECK(std::get<ConferenceEvent>(newer.what).change == ConferenceChange::unknown);
  CHECK(std::get<ConferenceEvent>(newer.what).change_text == "dance");
}

TEST_CASE("what came of Dial and Gather is read", "[twilio][event]") {
  const auto dialled = sample_of<DialEnded>("hook_dial_action_number");
  CHECK(dialled.status == "completed");
  CHECK(dialled.call_sid == "CA11112222333344445555666677778888");
  CHECK(dialled.duration == std::chrono::seconds(34));
  CHECK(dialled.bridged);
  CHECK(sample_of<DialEnded>("hook_dial_action_noanswer").status == "no-answer");
  CHECK(sample_of<DialEnded>("hook_dial_action_conference").call_sid.empty());
  CHECK(sample_of<Gathered>("hook_gather_digits").digits ==
        twilio_sample("hook_gather_digits")["fields"]["Digits"].string());
  const auto speech = sample_of<Gathered>("hook_gather_speech");
  CHECK(speech.speech == "I want to talk to sales.");
  CHECK(speech.confidence == Approx(0.9124));
  const auto vague = event_of(
      {{"AccountSid", "AC1"}, {"CallSid", "CA1"}, {"SpeechResult", "yes"}, {"Confidence", "much"}});
  CHECK_FALSE(std::get<Gathered>(vague.what).confidence);
}

TEST_CASE("after a stream the call asks how to go on", "[twilio][event]") {
  CHECK(sample("hook_connect_action").call_status == CallStatus::in_progress);
  CHECK(std::holds_alternative<VoiceRequest>(sample("hook_connect_action").what));
}

TEST_CASE("what names no account or call is no webhook", "[twilio][event]") {
  const auto field_of = [](FormFields form) {
    const auto event = parse_webhook(std::move(form));
    REQUIRE_FALSE(event);
    CHECK(event.error().code == Errc::invalid_argument);
    return event.error().field;
  };
  CHECK(field_of({}) == "AccountSid");
  CHECK(field_of({{"CallSid", "CA1"}}) == "AccountSid");
  CHECK(field_of({{"AccountSid", "AC1"}}) == "CallSid");
  CHECK(std::holds_alternative<OtherRequest>(
      event_of({{"AccountSid", "AC1"}, {"CallSid", "CA1"}, {"New", "x"}}).what));
}
