#include "voicebridge/telnyx/call_feature_requests.hpp"

#include <set>

#include "unit/telnyx/request_schema.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::telnyx;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

template <class Request>
void fill(Request& request) {
  request.client_state = "state";
  request.command_id = "891510ac-f3e4-11e8-af5b-de00688a4901";
}

template <class Request>
void fill_prompted(Request& request) {
  fill(request);
  request.maximum_tries = 2;
  request.inter_digit_timeout = milliseconds(4000);
  request.timeout = milliseconds(20000);
  request.minimum_digits = 4;
  request.maximum_digits = 6;
  request.terminating_digit = '#';
  request.valid_digits = "0123456789";
}

/// One of each command, with everything it may carry.
std::vector<CallCommand> full_commands() {
  GatherUsingSpeakRequest ask;
  fill_prompted(ask);
  ask.payload = "Your number, please.";
  ask.voice = "AWS.Polly.Amy-Neural";
  ask.invalid_payload = "Once more.";
  ask.payload_type = SpeakPayload::text;
  ask.service_level = ServiceLevel::premium;
  ask.language = "en-GB";
  ask.voice_settings = R"({"type":"aws"})";
  GatherUsingAudioRequest menu;
  fill_prompted(menu);
  menu.audio_url = "https://example.com/menu.mp3";
  menu.invalid_media_name = "wrong";
  SendSipInfoRequest info;
  fill(info);
  info.content_type = "application/json";
  info.body = "{}";
  ReferRequest refer;
  fill(refer);
  refer.sip_address = "sip:human@example.com";
  refer.sip_auth_username = "u";
  refer.sip_auth_password = Secret("p");
  refer.custom_headers = {{"X-A", "1"}};
  refer.sip_headers = {{"User-to-User", "1"}};
  ForkStartRequest fork;
  fill(fork);
  fork.rx = "udp:192.0.2.1:9000";
  fork.tx = "udp:192.0.2.1:9001";
  ForkStopRequest fork_stop;
  fill(fork_stop);
  EnqueueRequest enqueue;
  fill(enqueue);
  enqueue.queue_name = "support";
  enqueue.max_size = 20;
  enqueue.max_wait = seconds(600);
  enqueue.keep_after_hangup = true;
  SuppressionStartRequest suppress;
  fill(suppress);
  suppress.direction = AudioDirection::both;
  suppress.engine = NoiseSuppressionEngine::deep_filter_net;
  suppress.engine_config = R"({"attenuation_limit":80,"mode":"advanced"})";
  TranscriptionStartRequest transcribe;
  fill(transcribe);
  transcribe.transcription.engine = TranscriptionEngine::telnyx;
  transcribe.transcription.tracks = RecordTrack::inbound;
  SiprecStartRequest siprec;
  siprec.client_state = "state";
  siprec.connector_name = "recorder";
  siprec.track = StreamTrack::both;
  siprec.include_metadata_custom_headers = true;
  siprec.secure = true;
  siprec.session_timeout = seconds(900);
  siprec.sip_transport = SipTransport::tls;
  RecordPauseRequest pause;
  fill(pause);
  pause.recording_id = "4577f9a2-cf0e-44f3-ac57-9f95fb03fa47";
  RecordResumeRequest resume;
  fill(resume);
  resume.recording_id = pause.recording_id;
  SwitchSupervisorRoleRequest role;
  role.role = SupervisorRole::barge;
  return {ask,
          menu,
          info,
          refer,
          fork,
          fork_stop,
          enqueue,
          suppress,
          siprec,
          pause,
          resume,
          role,
          transcribe,
          LeaveQueueRequest{},
          SuppressionStopRequest{},
          TranscriptionStopRequest{},
          SiprecStopRequest{},
          ClientStateUpdateRequest{"new"}};
}

std::string fault(const CallCommand& command) {
  const auto body = to_json(command);
  REQUIRE_FALSE(body);
  CHECK(body.error().code == Errc::invalid_argument);
  return body.error().field;
}

}  // namespace

TEST_CASE("each feature command fits its official schema, full and bare", "[telnyx][requests]") {
  std::set<std::string> seen;
  for (const CallCommand& command : full_commands()) {
    const std::string action(action_of(command));
    seen.insert(action);
    check_schema(json_of(command), action);
  }
  CHECK(seen.size() == 18);
  CHECK(json_of(CallCommand(ForkStopRequest{}))["stream_type"].string() == "decrypted");
  CHECK(json_of(CallCommand(ClientStateUpdateRequest{"new"}))["client_state"].string() == "bmV3");
}

TEST_CASE("the schemas name no command that cannot be made", "[telnyx][requests]") {
  std::set<std::string> made = {"dial"};
  std::apply([&](auto... each) { (made.insert(std::string(action_of(CallCommand(each)))), ...); },
             std::tuple<AnswerRequest, RejectRequest, HangupRequest, SpeakRequest,
                        PlaybackStartRequest, PlaybackStopRequest, SendDtmfRequest,
                        StreamingStartRequest, StreamingStopRequest, TransferRequest, BridgeRequest,
                        RecordStartRequest, RecordStopRequest, GatherRequest, GatherStopRequest>());
  for (const CallCommand& command : full_commands()) made.insert(std::string(action_of(command)));
  for (const auto& member : request_schemas().root()["commands"].members()) {
    const std::string name(member.key);
    if (name.rfind("conference.", 0) != 0) {
      INFO(name);
      CHECK(made.count(name) == 1);
    }
  }
}

TEST_CASE("feature commands name the field that is wrong", "[telnyx][requests]") {
  CHECK(fault(GatherUsingSpeakRequest{}) == "payload");
  CHECK(fault(GatherUsingAudioRequest{}) == "audio_url");
  GatherUsingAudioRequest menu;
  menu.media_name = "menu";
  menu.invalid_media_name = "a";
  menu.invalid_audio_url = "https://example.com/b.mp3";
  CHECK(fault(menu) == "invalid_media_name");
  menu.invalid_media_name.clear();
  menu.minimum_digits = 5;
  menu.maximum_digits = 4;
  CHECK(fault(menu) == "minimum_digits");
  SendSipInfoRequest info;
  info.content_type = "text/plain";
  CHECK(fault(info) == "body");
  info.body.assign(1401, 'x');
  CHECK(fault(info) == "body");
  ReferRequest refer;
  refer.sip_address = "+33639981234";
  CHECK(fault(refer) == "sip_address");
  CHECK(fault(ForkStartRequest{}) == "rx");
  ForkStartRequest fork;
  fork.tx = "192.0.2.1:9000";
  CHECK(fault(fork) == "tx");
  CHECK(fault(EnqueueRequest{}) == "queue_name");
  SwitchSupervisorRoleRequest role;
  role.role = SupervisorRole::none;
  CHECK(fault(role) == "role");
  SuppressionStartRequest suppress;
  suppress.engine_config = "[]";
  CHECK(fault(suppress) == "noise_suppression_engine_config");
}

TEST_CASE("a hosted action goes out as the application wrote it, with state and id",
          "[telnyx][requests]") {
  HostedActionRequest hosted;
  hosted.action = "ai_assistant_start";
  hosted.parameters = R"({"assistant":{"id":"a-1"},"greeting":"Hello"})";
  hosted.command_id = "c";
  const Json body = json_of(CallCommand(hosted));
  CHECK(body.root() ==
        parsed(R"({"assistant":{"id":"a-1"},"greeting":"Hello","command_id":"c"})").root());
  CHECK(action_of(CallCommand(hosted)) == "ai_assistant_start");
  hosted.parameters = R"({"command_id":"other"})";
  CHECK(fault(hosted) == "command_id");
  hosted.parameters = "7";
  CHECK(fault(hosted) == "parameters");
  hosted.action = "hangup";
  CHECK(fault(hosted) == "action");
}
