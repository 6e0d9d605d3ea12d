#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/telnyx/call_requests.hpp"

namespace voicebridge::telnyx {

// Conferences. All legs of one must sit in the same region. Lists of legs that are empty mean
// everybody, save where it says otherwise.

/// POST /v2/conferences: makes one and seeds it with a leg. It lives four hours at most.
struct CreateConferenceRequest : Command {
  std::string call_control_id;        ///< Required: an answered leg.
  std::string name;                   ///< Required; one active conference of a name (90033).
  std::optional<BeepEnabled> beep;    ///< default never
  std::optional<bool> comfort_noise;  ///< default true
  std::optional<std::chrono::minutes> duration;
  std::string hold_audio_url;  ///< Not with hold_media_name.
  std::string hold_media_name;
  std::optional<int> max_participants;  ///< 2 … 800; default 250
  std::optional<ConferenceRegion> region;
  std::optional<bool> start_conference_on_create;  ///< default true; else all are on hold
};

/// PATCH /v2/conferences/{id}/participants/{participant}
struct UpdateParticipantRequest {
  std::optional<BeepEnabled> beep;
  std::optional<bool> end_conference_on_exit;
  std::optional<bool> soft_end_conference_on_exit;
};

/// What the commands that may be repeated by their command_id carry.
struct ConferenceCommandBase {
  static constexpr AfterEnd kAfterEnd = AfterEnd::fails;
  static constexpr bool kRepeatable = true;  ///< Harmless when it arrives twice.
  std::optional<ConferenceRegion> region;
};
struct IdentifiedConferenceCommand : ConferenceCommandBase {
  std::string command_id;  ///< As in `Command`.
};

/// actions/join
struct JoinConferenceRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "join";
  std::string call_control_id;  ///< Required: an answered leg.
  std::optional<std::string> client_state;
  std::optional<BeepEnabled> beep;
  std::optional<bool> mute;
  std::optional<bool> hold;
  std::string hold_audio_url;  ///< Not with hold_media_name.
  std::string hold_media_name;
  std::optional<bool> start_conference_on_enter;
  std::optional<bool> end_conference_on_exit;       ///< And hangs up the others.
  std::optional<bool> soft_end_conference_on_exit;  ///< Parks the others.
  std::optional<SupervisorRole> supervisor_role;
  std::vector<std::string> whisper_call_control_ids;
};

/// actions/leave: the leg is parked, not hung up.
struct LeaveConferenceRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "leave";
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  std::string call_control_id;  ///< Required.
  std::optional<BeepEnabled> beep;
};

/// actions/hold
struct HoldRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "hold";
  std::vector<std::string> call_control_ids;
  std::string audio_url;  ///< Not with media_name.
  std::string media_name;
};

/// actions/unhold
struct UnholdRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "unhold";
  std::vector<std::string> call_control_ids;  ///< Required.
};

/// actions/mute
struct MuteRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "mute";
  std::vector<std::string> call_control_ids;
};

/// actions/unmute
struct UnmuteRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "unmute";
  std::vector<std::string> call_control_ids;
};

/// actions/update: the role of a supervisor.
struct UpdateSupervisorRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "update";
  std::string call_control_id;  ///< Required.
  SupervisorRole supervisor_role = SupervisorRole::none;
  std::vector<std::string> whisper_call_control_ids;
};

/// actions/play. Has no command_id: it is sent once.
struct ConferencePlayRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "play";
  static constexpr bool kRepeatable = false;
  std::string audio_url;  ///< Or media_name: one of them is required.
  std::string media_name;
  std::optional<Loop> loop;
  std::vector<std::string> call_control_ids;
};

/// actions/speak
struct ConferenceSpeakRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "speak";
  std::string payload;  ///< Required: at most 3000 characters.
  std::string voice;    ///< Required.
  std::optional<SpeakPayload> payload_type;
  std::string language;
  std::string voice_settings;  ///< JSON object, by the provider of the voice.
  std::vector<std::string> call_control_ids;
};

/// actions/stop: what is played or said.
struct ConferenceStopRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "stop";
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  std::vector<std::string> call_control_ids;
};

/// actions/record_start
struct ConferenceRecordStartRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "record_start";
  RecordFormat format = RecordFormat::mp3;
  std::optional<RecordChannels> channels;  ///< default single
  std::optional<bool> play_beep;
  bool trim_silence = false;
  std::string custom_file_name;  ///< 1 … 40 characters
};

/// actions/record_stop
struct ConferenceRecordStopRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "record_stop";
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  std::string recording_id;  ///< Empty: the current one.
};

/// actions/record_pause
struct ConferenceRecordPauseRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "record_pause";
  std::string recording_id;  ///< Empty: the current one.
};

/// actions/record_resume
struct ConferenceRecordResumeRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "record_resume";
  std::string recording_id;  ///< Empty: the current one.
};

/// actions/send_dtmf. Has no command_id: it is sent once. `region` is not sent.
struct ConferenceSendDtmfRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "send_dtmf";
  static constexpr bool kRepeatable = false;
  std::string digits;                                 ///< Required: 0-9 A-D * #, w: 0.5 s, W: 1 s
  std::optional<std::chrono::milliseconds> duration;  ///< Of each, 100 … 500; default 250
  std::vector<std::string> call_control_ids;
};

/// actions/end: hangs up everybody. `region` is not sent.
struct EndConferenceRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "end";
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
};

/// Every command on a conference (`/v2/conferences/{id}/actions/…`).
using ConferenceCommand =
    std::variant<JoinConferenceRequest, LeaveConferenceRequest, HoldRequest, UnholdRequest,
                 MuteRequest, UnmuteRequest, UpdateSupervisorRequest, ConferencePlayRequest,
                 ConferenceSpeakRequest, ConferenceStopRequest, ConferenceRecordStartRequest,
                 ConferenceRecordStopRequest, ConferenceRecordPauseRequest,
                 ConferenceRecordResumeRequest, ConferenceSendDtmfRequest, EndConferenceRequest>;

/// The body of a request, checked first.
/// @return `Errc::invalid_argument`; `Error::field` is the name on the wire.
VOICEBRIDGE_API Result<std::string> to_json(const CreateConferenceRequest& request);
VOICEBRIDGE_API Result<std::string> to_json(const UpdateParticipantRequest& request);
VOICEBRIDGE_API Result<std::string> to_json(const ConferenceCommand& command);

}  // namespace voicebridge::telnyx
