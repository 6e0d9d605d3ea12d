#include "voicebridge/telnyx/call_requests.hpp"

#include "unit/telnyx/request_schema.hpp"
#include "unit/telnyx/requests.hpp"
#include "unit/telnyx/samples.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::telnyx;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

RecordParameters full_record() {
  RecordParameters record;
  record.channels = RecordChannels::dual;
  record.format = RecordFormat::wav;
  record.max_length = seconds(600);
  record.timeout = seconds(5);
  record.track = RecordTrack::both;
  record.trim_silence = true;
  record.custom_file_name = "call";
  return record;
}

WebhookParameters full_webhooks() {
  return {"https://voice.example.com/w",
          {{"call.hangup", "https://voice.example.com/h"}},
          {{"call.hangup", {milliseconds(1000), milliseconds(2000)}}}};
}

SoundModifications full_sound() { return {0.8, -2.0, 0.1, SoundTrack::inbound}; }

TranscriptionParameters full_transcription() {
  return {TranscriptionEngine::google,
          R"({"transcription_engine":"Google","language":"fr","interim_results":true})",
          RecordTrack::both};
}

ConferenceParameters full_conference() {
  ConferenceParameters conference;
  conference.name = "room";
  conference.beep = BeepEnabled::on_enter;
  conference.early_media = false;
  conference.end_conference_on_exit = true;
  conference.soft_end_conference_on_exit = false;
  conference.hold = true;
  conference.hold_media_name = "music";
  conference.mute = true;
  conference.start_conference_on_create = false;
  conference.start_conference_on_enter = true;
  conference.supervisor_role = SupervisorRole::whisper;
  conference.whisper_call_control_ids = {"v3:a", "v3:b"};
  return conference;
}

MachineDetectionConfig full_detection() {
  const milliseconds ms(1000);
  return {ms, ms, ms, ms, ms, ms, ms, ms, 4, 256};
}

}  // namespace

TEST_CASE("Dial is written as in the sample", "[telnyx][requests]") {
  DialRequest dial = minimal_dial();
  dial.timeout = seconds(30);
  dial.time_limit = seconds(600);
  dial.machine_detection = MachineDetection::premium;
  dial.machine_detection_config.emplace().total_analysis_time = milliseconds(20000);
  dial.client_state = "have a nice day =]";
  dial.command_id = "891510ac-f3e4-11e8-af5b-de00688a4901";
  dial.webhooks.emplace().url = "https://voice.example.com/telnyx/webhooks";
  dial.send_silence_when_idle = true;
  dial.preferred_codecs = "PCMA,PCMU";
  dial.stream = sample_stream();
  CHECK(json_of(dial).root() == telnyx_sample_json("http.dial.request").root());
}

TEST_CASE("answer, streaming_start and hangup are written as in the samples",
          "[telnyx][requests]") {
  AnswerRequest answer;
  answer.client_state = "have a nice day =]";
  answer.command_id = "891510ac-f3e4-11e8-af5b-de00688a4903";
  answer.send_silence_when_idle = true;
  answer.stream = StreamParameters::two_way("wss://media.example.com/telnyx", AudioFormat::pcma());
  CHECK(json_of(answer).root() == telnyx_sample_json("http.answer.request").root());

  StreamingStartRequest start;
  start.client_state = "have a nice day =]";
  start.command_id = "891510ac-f3e4-11e8-af5b-de00688a4902";
  start.stream = StreamParameters::two_way("wss://media.example.com/telnyx",
                                           AudioFormat::l16(16000), Secret("your-auth-token"));
  start.custom_parameters = {{"param1", "value1"}};
  CHECK(json_of(start).root() == telnyx_sample_json("http.streaming_start.request").root());

  HangupRequest hangup;
  hangup.client_state = "have a nice day =]";
  hangup.command_id = "891510ac-f3e4-11e8-af5b-de00688a4904";
  CHECK(json_of(hangup).root() == telnyx_sample_json("http.hangup.request").root());
}

TEST_CASE("what is not set is not sent", "[telnyx][requests]") {
  CHECK(json_of(minimal_dial()).root().size() == 3);
  CHECK(*to_json(AnswerRequest()) == "{}");
  CHECK(*to_json(HangupRequest()) == "{}");
  CHECK(*to_json(GatherRequest()) == "{}");
  CHECK(*to_json(GatherStopRequest()) == "{}");
  CHECK(*to_json(PlaybackStopRequest()) == "{}");
  CHECK(*to_json(StreamingStopRequest()) == "{}");
  CHECK(*to_json(RecordStopRequest()) == "{}");
  CHECK(*to_json(RecordStartRequest()) == R"({"format":"mp3","channels":"dual"})");
  CHECK(*to_json(RejectRequest()) == R"({"cause":"CALL_REJECTED"})");
}

TEST_CASE("an empty state clears, no state leaves", "[telnyx][requests]") {
  HangupRequest hangup;
  hangup.client_state = "";
  CHECK(*to_json(hangup) == R"({"client_state":""})");
}

TEST_CASE("Dial with everything has the properties of the official schema only",
          "[telnyx][requests]") {
  DialRequest dial = minimal_dial();
  dial.to.push_back("sip:agent@example.com;secure=srtp");
  dial.client_state = "x";
  dial.command_id = "y";
  dial.from_display_name = "Ada-Co. 7";
  dial.timeout = seconds(30);
  dial.time_limit = seconds(600);
  dial.machine_detection = MachineDetection::detect_words;
  dial.machine_detection_config = full_detection();
  dial.stream = sample_stream();
  dial.stream_establish_before_call_originate = true;
  dial.send_silence_when_idle = true;
  dial.webhooks = full_webhooks();
  dial.record = full_record();
  dial.link_to = "v3:abc";
  dial.bridge_intent = true;
  dial.bridge_on_answer = true;
  dial.park_after_unbridge = true;
  dial.prevent_double_bridge = true;
  dial.audio_url = "https://example.com/a.wav";
  dial.send_digits_on_answer = "1w2W#";
  dial.preferred_codecs = "PCMA";
  dial.media_encryption = MediaEncryption::srtp;
  dial.sip_transport = SipTransport::tls;
  dial.sip_region = SipRegion::middle_east;
  dial.custom_headers = {{"X-A", "1"}};
  dial.sip_headers = {{"User-to-User", "1"}};
  dial.sip_auth_username = "u";
  dial.sip_auth_password = Secret("p");
  dial.hide_caller_id = true;
  dial.retry_on_timeout = false;
  dial.conference = full_conference();
  dial.supervise = "v3:boss";
  dial.supervisor_role = SupervisorRole::monitor;
  dial.sound = full_sound();
  dial.deepfake_detection = DeepfakeDetection{seconds(30), seconds(15)};
  dial.transcription = full_transcription();
  dial.billing_group_id = "f5586561-8ff0-4291-a0ac-84fe544797bd";
  const Json body = json_of(dial);
  check_schema(body, "dial");
  CHECK(body["to"].size() == 2);
  CHECK(body["sip_region"].string() == "Middle East");
}

TEST_CASE("the other requests have the properties of the official schemas only",
          "[telnyx][requests]") {
  AnswerRequest answer;
  answer.client_state = "x";
  answer.stream = StreamParameters::two_way("ws://127.0.0.1:9/s", AudioFormat::pcmu());
  answer.send_silence_when_idle = false;
  answer.webhooks = full_webhooks();
  answer.record = full_record();
  answer.preferred_codecs = "G722,PCMU,PCMA,G729,OPUS,VP8,H264";
  answer.custom_headers = {{"X-A", "1"}};
  answer.sip_headers = {{"User-to-User", "1"}};
  answer.sound = full_sound();
  answer.deepfake_detection = DeepfakeDetection{seconds(5), seconds(60)};
  answer.transcription = full_transcription();
  answer.billing_group_id = "b";
  check_schema(json_of(answer), "answer");

  SpeakRequest speak;
  speak.payload = "Bonjour";
  speak.voice = "AWS.Polly.Lea-Neural";
  speak.payload_type = SpeakPayload::ssml;
  speak.service_level = ServiceLevel::basic;
  speak.language = "fr-FR";
  speak.stop = StopScope::all;
  speak.loop = Loop{2};
  speak.target_legs = TargetLegs::both;
  speak.voice_settings = R"({"type":"aws"})";
  check_schema(json_of(speak), "speak");

  PlaybackStartRequest play;
  play.content = {1, 2, 3};
  play.audio_type = RecordFormat::wav;
  play.cache_audio = false;
  play.loop = Loop{1, true};
  play.overlay = true;
  play.stop = StopScope::current;
  play.target_legs = TargetLegs::self;
  check_schema(json_of(play), "playback_start");
  CHECK(json_of(play)["loop"].string() == "infinity");
  CHECK(json_of(play)["playback_content"].string() == "AQID");

  PlaybackStopRequest stop;
  stop.stop = StopScope::current;
  stop.overlay = true;
  check_schema(json_of(stop), "playback_stop");

  SendDtmfRequest dtmf;
  dtmf.digits = "0123456789ABCD*#wW";
  dtmf.duration = milliseconds(500);
  check_schema(json_of(dtmf), "send_dtmf");

  StreamingStartRequest start;
  start.stream = sample_stream();
  start.custom_parameters = {{"a", "b"}};
  check_schema(json_of(start), "streaming_start");

  StreamingStopRequest stream_stop;
  stream_stop.stream_id = "s";
  check_schema(json_of(stream_stop), "streaming_stop");

  TransferRequest transfer;
  transfer.to = "+33639981234,12#";
  transfer.from = "+33199001234";
  transfer.from_display_name = "Ada";
  transfer.media_name = "jingle";
  transfer.early_media = true;
  transfer.timeout = seconds(5);
  transfer.time_limit = seconds(14400);
  transfer.machine_detection = MachineDetection::disabled;
  transfer.machine_detection_config = full_detection();
  transfer.target_leg_client_state = "y";
  transfer.park_after_unbridge = true;
  transfer.mute_dtmf = MuteDtmf::opposite;
  transfer.webhooks = full_webhooks();
  transfer.record = full_record();
  transfer.media_encryption = MediaEncryption::disabled;
  transfer.preferred_codecs = "PCMA";
  transfer.hide_caller_id = true;
  transfer.send_digits_on_answer = "1w2";
  transfer.sip_transport = SipTransport::tcp;
  transfer.sip_region = SipRegion::europe;
  transfer.sip_auth_username = "u";
  transfer.sip_auth_password = Secret("p");
  transfer.sound = full_sound();
  transfer.custom_headers = {{"X-A", "1"}};
  transfer.sip_headers = {{"User-to-User", "1"}};
  check_schema(json_of(transfer), "transfer");

  BridgeRequest bridge;
  bridge.call_control_id = "v3:x";
  bridge.hold_after_unbridge = true;
  bridge.park_after_unbridge = true;
  bridge.play_ringtone = true;
  bridge.ringtone = "fr";
  bridge.mute_dtmf = MuteDtmf::both;
  bridge.prevent_double_bridge = true;
  bridge.record = full_record();
  check_schema(json_of(bridge), "bridge");

  RecordStartRequest record;
  record.play_beep = true;
  record.max_length = seconds(14400);
  record.timeout = seconds(0);
  record.track = RecordTrack::inbound;
  record.trim_silence = true;
  record.custom_file_name = "x";
  record.transcription = true;
  record.transcription_engine = "deepgram/nova-3";
  record.transcription_language = "fr-FR";
  check_schema(json_of(record), "record_start");

  RecordStopRequest record_stop;
  record_stop.recording_id = "r";
  check_schema(json_of(record_stop), "record_stop");

  GatherRequest gather;
  gather.gather_id = "g";
  gather.initial_timeout = milliseconds(5000);
  gather.inter_digit_timeout = milliseconds(5000);
  gather.timeout = milliseconds(60000);
  gather.minimum_digits = 1;
  gather.maximum_digits = 4;
  gather.terminating_digit = '#';
  gather.valid_digits = "0123456789";
  check_schema(json_of(gather), "gather");

  RejectRequest reject;
  reject.cause = RejectCause::user_busy;
  check_schema(json_of(reject), "reject");
}

TEST_CASE("a two-way stream avoids the defaults that are silence", "[telnyx][requests]") {
  const auto g722 = StreamParameters::two_way("wss://x", {AudioEncoding::g722, 16000});
  CHECK(g722.mode == BidirectionalMode::rtp);
  CHECK(g722.target_legs == TargetLegs::self);
  CHECK(g722.codec == StreamCodec::g722);
  CHECK(g722.bidirectional_sampling_rate == 8000U);
  CHECK(stream_codec(AudioEncoding::pcmu) == StreamCodec::pcmu);
  CHECK(stream_codec(AudioEncoding::l16be) == StreamCodec::l16);
  CHECK(stream_codec(AudioEncoding::opus) == StreamCodec::opus);
}
