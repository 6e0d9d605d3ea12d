#include "voicebridge/telnyx/webhook_event.hpp"

#include <filesystem>
#include <string>

#include "unit/telnyx/samples.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::telnyx;

namespace {

WebhookEvent event_of(std::string_view sample) {
  auto event = parse_webhook(telnyx_sample("webhook." + std::string(sample)));
  INFO(sample);
  REQUIRE(event);
  return *event;
}

template <class Payload>
Payload payload_of(std::string_view sample) {
  const WebhookEvent event = event_of(sample);
  INFO(sample);
  REQUIRE(std::holds_alternative<Payload>(event.payload));
  return std::get<Payload>(event.payload);
}

MachineResult detection(const std::string& kind) {
  return payload_of<MachineDetectionEnded>("call.machine." + kind).result;
}

GreetingResult greeting(const std::string& kind) {
  return payload_of<MachineGreetingEnded>("call.machine." + kind).result;
}

}  // namespace

TEST_CASE("the envelope and the common ids are read", "[telnyx][webhook]") {
  const WebhookEvent event = event_of("call.initiated.outgoing");
  CHECK(event.id == "0ccc7b54-4df3-4bca-a65a-3da1ecc70001");
  CHECK(event.type == "call.initiated");
  CHECK(event.occurred_at == "2026-02-02T22:25:20.900000Z");
  CHECK(event.attempt == 1);
  CHECK(event.call_control_id == "v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg");
  CHECK(event.call_leg_id == "428c31b6-7af4-4bcb-b7f5-5013ef9657c1");
  CHECK(event.call_session_id == "428c31b6-abf3-3bc1-b7f4-5013ef9657c1");
  CHECK(event.connection_id == "1494404757140276705");
  CHECK(event.from == "+33199001234");
  CHECK(event.to == "+33639981234");
  CHECK(event.client_state == "have a nice day =]");
  CHECK(event.document["data"]["payload"]["state"].string() == "bridging");
}

TEST_CASE("a leg without a state has none", "[telnyx][webhook]") {
  CHECK_FALSE(event_of("call.initiated.incoming").client_state);
  CHECK_FALSE(parse_webhook(R"({"data":{"id":"1","event_type":"x","payload":{}}})")->client_state);
  CHECK_FALSE(parse_webhook(
                  R"({"data":{"id":"1","event_type":"x","payload":{"client_state":"not base64"}}})")
                  ->client_state);
}

TEST_CASE("the life of a call is typed", "[telnyx][webhook]") {
  CHECK(payload_of<CallInitiated>("call.initiated.outgoing").direction == CallDirection::outgoing);
  CHECK(payload_of<CallInitiated>("call.initiated.outgoing").state == "bridging");
  CHECK(payload_of<CallInitiated>("call.initiated.incoming").direction == CallDirection::incoming);
  CHECK(payload_of<CallAnswered>("call.answered").codec.empty());
  CHECK(payload_of<CallAnswered>("call.answered.with_stream_and_observed_extras").codec == "PCMA");
  CHECK(payload_of<CallAnswered>("call.answered.with_stream_and_observed_extras").sampling_rate ==
        8000);
  payload_of<CallBridged>("call.bridged");
  const auto hangup = payload_of<CallHangup>("call.hangup");
  CHECK(hangup.cause == HangupCause::normal_clearing);
  CHECK(hangup.cause_text == "normal_clearing");
  CHECK(hangup.source == HangupSource::caller);
  CHECK(hangup.sip_cause == "200");
  CHECK(payload_of<CallHangup>("call.hangup.user_busy").cause == HangupCause::user_busy);
  CHECK(payload_of<CallHangup>("call.hangup.not_found").cause == HangupCause::not_found);
  CHECK(payload_of<CallHangup>("call.hangup.timeout").cause == HangupCause::timeout);
  CHECK(payload_of<CallHangup>("call.hangup.call_rejected").cause == HangupCause::call_rejected);
  CHECK(payload_of<CallHangup>("call.hangup.originator_cancel").cause ==
        HangupCause::originator_cancel);
  CHECK(payload_of<CallCost>("call.cost").total_cost == "0.0106");
  CHECK(payload_of<CallCost>("call.cost").billed_duration_secs == 60);
}

TEST_CASE("a cause that nobody knows yet keeps its text", "[telnyx][webhook]") {
  const auto event = parse_webhook(
      R"({"data":{"id":"1","event_type":"call.hangup","payload":{"hangup_cause":"meteor"}}})");
  REQUIRE(event);
  const auto& hangup = std::get<CallHangup>(event->payload);
  CHECK(hangup.cause == HangupCause::unknown);
  CHECK(hangup.cause_text == "meteor");
  CHECK(to_string(hangup.cause) == "unknown");
  CHECK(to_string(HangupCause::no_answer) == "no_answer");
}

TEST_CASE("answering machine detection of both kinds is typed", "[telnyx][webhook]") {
  CHECK(detection("detection.ended.human") == MachineResult::human);
  CHECK(detection("detection.ended.machine") == MachineResult::machine);
  CHECK(detection("detection.ended.not_sure") == MachineResult::not_sure);
  CHECK(detection("premium.detection.ended.human_residence") == MachineResult::human);
  CHECK(detection("premium.detection.ended.human_business") == MachineResult::human);
  CHECK(detection("premium.detection.ended.machine") == MachineResult::machine);
  CHECK(detection("premium.detection.ended.silence") == MachineResult::silence);
  CHECK(detection("premium.detection.ended.fax_detected") == MachineResult::fax);
  CHECK(detection("premium.detection.ended.not_sure") == MachineResult::not_sure);
  CHECK(payload_of<MachineDetectionEnded>("call.machine.premium.detection.ended.machine").premium);
  CHECK_FALSE(payload_of<MachineDetectionEnded>("call.machine.detection.ended.machine").premium);
  CHECK(payload_of<MachineDetectionEnded>("call.machine.premium.detection.ended.human_business")
            .result_text == "human_business");
  CHECK(to_string(MachineResult::fax) == "fax_detected");
  CHECK(greeting("greeting.ended.beep_detected") == GreetingResult::beep);
  CHECK(greeting("greeting.ended.ended") == GreetingResult::ended);
  CHECK(greeting("greeting.ended.not_sure") == GreetingResult::not_sure);
  CHECK(greeting("premium.greeting.ended.beep_detected") == GreetingResult::beep);
  CHECK(greeting("premium.greeting.ended.no_beep_detected") == GreetingResult::no_beep);
  CHECK(greeting("premium.greeting.ended.prompt_ended") == GreetingResult::prompt_ended);
  payload_of<CallScreeningDetected>("call.machine.premium.call_screening.detected");
}

TEST_CASE("streams, speech, playback, digits and recordings are typed", "[telnyx][webhook]") {
  CHECK(payload_of<StreamingStarted>("streaming.started").stream_url ==
        "wss://media.example.com/telnyx");
  CHECK(payload_of<StreamingStopped>("streaming.stopped").stream_url ==
        "wss://media.example.com/telnyx");
  CHECK(payload_of<StreamingFailed>("streaming.failed").reason == "connection_failed");
  CHECK(payload_of<StreamingFailed>("streaming.failed").stream_id ==
        "32de0dea-53cb-4b21-89a4-9e1819c043bc");
  payload_of<SpeakStarted>("call.speak.started");
  CHECK(payload_of<SpeakEnded>("call.speak.ended.cancelled_amd").status == "cancelled_amd");
  CHECK(payload_of<PlaybackStarted>("call.playback.started").media_url ==
        "https://cdn.example.com/audio.wav");
  CHECK(payload_of<PlaybackEnded>("call.playback.ended.file_not_found").status == "file_not_found");
  CHECK(payload_of<DtmfReceived>("call.dtmf.received").digit == '1');
  CHECK(payload_of<GatherEnded>("call.gather.ended").digits == "5503");
  CHECK(payload_of<GatherEnded>("call.gather.ended.timeout").status == "timeout");
  CHECK(payload_of<RecordingSaved>("call.recording.saved").wav_url.empty());
  CHECK(payload_of<RecordingSaved>("call.recording.saved.observed").recording_id ==
        "4b1d7a32-0f4e-4a27-9c7c-7c0e2ddc0f5a");
  CHECK_FALSE(payload_of<RecordingError>("call.recording.error").reason.empty());
}

TEST_CASE("every webhook sample is an event, typed or kept as it is", "[telnyx][webhook]") {
  const Json index = telnyx_sample_json("_index");
  int seen = 0;
  for (const auto& sample : index.root().members()) {
    const std::string name(sample.key);
    if (name.rfind("webhook.", 0) != 0) continue;
    ++seen;
    const std::string text = telnyx_sample(name);
    const auto event = parse_webhook(text);
    INFO(name);
    REQUIRE(event);
    CHECK(event->document.root() == parsed(text).root());
  }
  CHECK(seen == 78);
}

TEST_CASE("what is no event is refused", "[telnyx][webhook]") {
  struct Wrong {
    const char* body;
    const char* field;
  };
  const Wrong wrong[] = {
      {"", ""},
      {"{", ""},
      {"[]", "data.id"},
      {"{}", "data.id"},
      {R"({"data":{"id":"1","payload":{}}})", "data.event_type"},
      {R"({"data":{"id":"1","event_type":"x"}})", "data.payload"},
      {R"({"data":{"id":7,"event_type":"x","payload":{}}})", "data.id"},
      // Version 1 of the webhook API, the default of applications created by the API.
      {R"({"event_type":"call_initiated","id":"1","payload":{}})", "data.id"},
  };
  for (const Wrong& w : wrong) {
    INFO(w.body);
    const auto event = parse_webhook(w.body);
    REQUIRE_FALSE(event);
    CHECK(event.error().code == Errc::invalid_argument);
    CHECK(event.error().field == w.field);
  }
  CHECK_FALSE(parse_webhook(std::string(10000, '[')));
}

TEST_CASE("wrong types inside an event are not believed", "[telnyx][webhook]") {
  const auto event = parse_webhook(
      R"({"data":{"id":"1","event_type":"call.answered","payload":{"from":5,"codec":[],"sampling_rate":1e99}},)"
      R"("meta":{"attempt":"many"}})");
  REQUIRE(event);
  CHECK(event->from.empty());
  CHECK(event->attempt == 1);
  CHECK(std::get<CallAnswered>(event->payload).codec.empty());
  CHECK(std::get<CallAnswered>(event->payload).sampling_rate == 0);
}

TEST_CASE("every sample is typed and written back without losing a field", "[telnyx][webhook]") {
  std::size_t samples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(VOICEBRIDGE_TEST_DATA) / "telnyx")) {
    const std::string name = entry.path().stem().string();
    if (name.rfind("webhook.", 0) != 0) continue;
    INFO(name);
    const std::string text = telnyx_sample(name);
    const auto event = parse_webhook(text);
    REQUIRE(event);
    CHECK_FALSE(std::holds_alternative<OtherEvent>(event->payload));
    const std::string written = to_json(*event);
    INFO(written);
    CHECK(parsed(written).root() == parsed(text).root());
    // What was read from it is the same event.
    const auto again = parse_webhook(written);
    REQUIRE(again);
    CHECK(again->payload.index() == event->payload.index());
    ++samples;
  }
  CHECK(samples >= 78);
}

TEST_CASE("what no type knows, and what has the wrong type, is written back", "[telnyx][webhook]") {
  const std::string text =
      R"({"data":{"record_type":"event","event_type":"call.hangup","id":"1","new":{"a":[1,null]},
      "payload":{"hangup_cause":7,"sip_hangup_cause":"","from":null,"call_quality_stats":null,
      "telnyx_error":{"code":"x"},"client_state":"bmV3"}},"meta":{"attempt":2},"extra":true})";
  const auto event = parse_webhook(text);
  REQUIRE(event);
  CHECK(event->attempt == 2);
  CHECK(parsed(to_json(*event)).root() == parsed(text).root());

  const std::string unknown =
      R"({"data":{"event_type":"call.sung","id":"1","record_type":"event","payload":{"song":"x"}}})";
  CHECK(parsed(to_json(*parse_webhook(unknown))).root() == parsed(unknown).root());
}

TEST_CASE("an event made by hand has what it was given", "[telnyx][webhook]") {
  WebhookEvent event;
  event.id = "1";
  event.type = "conference.ended";
  event.occurred_at = "2026-02-02T22:25:27.521992Z";
  event.call_control_id = "v3:a";
  event.client_state = "new";
  ConferenceEnded ended;
  ended.conference_id = "c";
  ended.reason = "all_left";
  event.payload = ended;
  CHECK(parsed(to_json(event)).root() ==
        parsed(R"({"data":{"record_type":"event","event_type":"conference.ended","id":"1",
        "occurred_at":"2026-02-02T22:25:27.521992Z","payload":{"call_control_id":"v3:a",
        "client_state":"bmV3","conference_id":"c","reason":"all_left"}}})")
            .root());
}

TEST_CASE("conferences, queues, transcripts and references are typed", "[telnyx][webhook]") {
  CHECK(payload_of<ConferenceEnded>("conference.ended").reason == "all_left");
  CHECK_FALSE(payload_of<ParticipantJoined>("conference.participant.joined").conference_id.empty());
  CHECK_FALSE(payload_of<ParticipantLeft>("conference.participant.left").conference_id.empty());
  CHECK(payload_of<ConferenceAudio>("conference.playback.ended").media_url ==
        "https://cdn.example.com/audio.wav");
  CHECK(payload_of<CallDequeued>("call.dequeued").reason == "bridged");
  CHECK(payload_of<CallEnqueued>("call.enqueued").current_position == 7);
  CHECK(payload_of<TranscriptionHeard>("call.transcription").text == "hello this is a test speech");
  CHECK(payload_of<TranscriptionHeard>("call.transcription").is_final);
  CHECK(payload_of<ReferProgress>("call.refer.failed").sip_notify_response == 603);
  CHECK(payload_of<RecordingSaved>("conference.recording.saved").mp3_url ==
        "http://example.com/recording.mp3");
  CHECK(payload_of<SiprecFailed>("siprec.failed").failure_cause == "no_answer");
  CHECK(payload_of<DeepfakeResult>("call.deepfake_detection.result").result == "real");
}
