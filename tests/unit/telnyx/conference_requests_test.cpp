#include "voicebridge/telnyx/conference_requests.hpp"

#include <set>

#include "unit/telnyx/request_schema.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::telnyx;

namespace {

const std::vector<std::string> kLegs = {"v3:a", "v3:b"};

/// One of each command, with everything it may carry.
std::vector<ConferenceCommand> full_conference_commands() {
  JoinConferenceRequest join;
  join.call_control_id = "v3:a";
  join.command_id = "c";
  join.client_state = "s";
  join.beep = BeepEnabled::on_exit;
  join.mute = true;
  join.hold = true;
  join.hold_audio_url = "https://example.com/hold.mp3";
  join.start_conference_on_enter = true;
  join.end_conference_on_exit = true;
  join.soft_end_conference_on_exit = false;
  join.supervisor_role = SupervisorRole::whisper;
  join.whisper_call_control_ids = kLegs;
  join.region = ConferenceRegion::middle_east;
  LeaveConferenceRequest leave;
  leave.call_control_id = "v3:a";
  leave.beep = BeepEnabled::always;
  HoldRequest hold;
  hold.call_control_ids = kLegs;
  hold.media_name = "music";
  UnholdRequest unhold;
  unhold.call_control_ids = kLegs;
  MuteRequest mute;
  mute.call_control_ids = kLegs;
  UnmuteRequest unmute;
  unmute.call_control_ids = kLegs;
  UpdateSupervisorRequest update;
  update.call_control_id = "v3:a";
  update.supervisor_role = SupervisorRole::barge;
  update.whisper_call_control_ids = kLegs;
  ConferencePlayRequest play;
  play.audio_url = "https://example.com/a.mp3";
  play.loop = Loop{3};
  play.call_control_ids = kLegs;
  ConferenceSpeakRequest speak;
  speak.payload = "Welcome.";
  speak.voice = "AWS.Polly.Amy";
  speak.payload_type = SpeakPayload::text;
  speak.language = "en-GB";
  speak.voice_settings = R"({"type":"aws"})";
  speak.call_control_ids = kLegs;
  ConferenceStopRequest stop;
  stop.call_control_ids = kLegs;
  ConferenceRecordStartRequest record;
  record.channels = RecordChannels::dual;
  record.play_beep = true;
  record.trim_silence = true;
  record.custom_file_name = "call";
  ConferenceRecordStopRequest record_stop;
  record_stop.recording_id = "r";
  ConferenceSendDtmfRequest dtmf;
  dtmf.digits = "12#";
  dtmf.duration = std::chrono::milliseconds(200);
  dtmf.call_control_ids = kLegs;
  EndConferenceRequest end;
  end.command_id = "c";
  return {join,
          leave,
          hold,
          unhold,
          mute,
          unmute,
          update,
          play,
          speak,
          stop,
          record,
          record_stop,
          ConferenceRecordPauseRequest{},
          ConferenceRecordResumeRequest{},
          dtmf,
          end};
}

std::string conference_action(const ConferenceCommand& command) {
  return std::visit(
      [](const auto& request) { return std::string(std::decay_t<decltype(request)>::kAction); },
      command);
}

template <class Request>
std::string conference_fault(const Request& request) {
  const auto body = to_json(request);
  REQUIRE_FALSE(body);
  return body.error().field;
}

}  // namespace

TEST_CASE("each conference command fits its official schema", "[telnyx][conference]") {
  std::set<std::string> seen;
  for (const ConferenceCommand& command : full_conference_commands()) {
    seen.insert(conference_action(command));
    check_schema(json_of(command), "conference." + conference_action(command));
  }
  CHECK(seen.size() == std::variant_size_v<ConferenceCommand>);

  CreateConferenceRequest create;
  create.call_control_id = "v3:a";
  create.name = "room";
  create.client_state = "s";
  create.command_id = "c";
  create.beep = BeepEnabled::never;
  create.comfort_noise = false;
  create.duration = std::chrono::minutes(10);
  create.hold_media_name = "music";
  create.max_participants = 3;
  create.region = ConferenceRegion::europe;
  create.start_conference_on_create = true;
  check_schema(json_of(create), "conference.create");
  UpdateParticipantRequest participant{BeepEnabled::never, true, false};
  check_schema(json_of(participant), "conference.update_participant");
}

TEST_CASE("conference commands name the field that is wrong", "[telnyx][conference]") {
  CHECK(conference_fault(CreateConferenceRequest{}) == "call_control_id");
  CreateConferenceRequest create;
  create.call_control_id = "v3:a";
  CHECK(conference_fault(create) == "name");
  create.name = "room";
  create.max_participants = 1;
  CHECK(conference_fault(create) == "max_participants");
  create.max_participants.reset();
  create.hold_media_name = "a";
  create.hold_audio_url = "https://example.com/b.mp3";
  CHECK(conference_fault(create) == "hold_media_name");
  CHECK(conference_fault(ConferenceCommand(JoinConferenceRequest{})) == "call_control_id");
  CHECK(conference_fault(ConferenceCommand(UnholdRequest{})) == "call_control_ids");
  CHECK(conference_fault(ConferenceCommand(ConferencePlayRequest{})) == "audio_url");
  CHECK(conference_fault(ConferenceCommand(ConferenceSpeakRequest{})) == "payload");
  CHECK(conference_fault(ConferenceCommand(ConferenceSendDtmfRequest{})) == "digits");
  MuteRequest mute;
  mute.call_control_ids = {""};
  CHECK(conference_fault(ConferenceCommand(mute)) == "call_control_ids");
}
