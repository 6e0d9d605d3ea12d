#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/telnyx/call_requests.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

// Conferences. All legs of one must sit in the same region. Lists of legs that are empty mean
// everybody, save where it says otherwise.

/// POST /v2/conferences: makes one and seeds it with a leg. It lives four hours at most.
struct CreateConferenceRequest : Command {
  std::string call_control_id;        ///< Required: an answered leg.
  std::string name;                   ///< Required; one active conference of a name (90033).
  std::optional<BeepEnabled> beep;    ///< default never
  std::optional<bool> comfort_noise;  ///< default true
  std::optional<std::chrono::minutes> duration;    ///< How long it may last.
  std::string hold_audio_url;                      ///< Not with hold_media_name.
  std::string hold_media_name;                     ///< Of a file kept at Telnyx.
  std::optional<int> max_participants;             ///< 2 … 800; default 250
  std::optional<ConferenceRegion> region;          ///< Where it is mixed.
  std::optional<bool> start_conference_on_create;  ///< default true; else all are on hold
};

/// PATCH /v2/conferences/{id}/participants/{participant}
struct UpdateParticipantRequest {
  std::optional<BeepEnabled> beep;                  ///< When the conference beeps for this leg.
  std::optional<bool> end_conference_on_exit;       ///< When this leg goes, everybody does.
  std::optional<bool> soft_end_conference_on_exit;  ///< When this leg goes, the others are parked.
};

/// What the commands that may be repeated by their command_id carry.
struct ConferenceCommandBase {
  /// Whether a command that finds the conference over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::fails;
  static constexpr bool kRepeatable = true;  ///< Harmless when it arrives twice.
  std::optional<ConferenceRegion> region;    ///< Where it is mixed.
};
/// What the commands carry that are repeated safely.
struct IdentifiedConferenceCommand : ConferenceCommandBase {
  std::string command_id;  ///< As in `Command`.
};

/// actions/join
struct JoinConferenceRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "join";  ///< On the wire.
  std::string call_control_id;                         ///< Required: an answered leg.
  std::optional<std::string> client_state;             ///< Ours; on the wire in base64.
  std::optional<BeepEnabled> beep;                     ///< When the conference beeps for this leg.
  std::optional<bool> mute;                            ///< Begins muted.
  std::optional<bool> hold;                            ///< Begins on hold.
  std::string hold_audio_url;                          ///< Not with hold_media_name.
  std::string hold_media_name;                         ///< Of a file kept at Telnyx.
  std::optional<bool> start_conference_on_enter;    ///< The conference begins when this leg comes.
  std::optional<bool> end_conference_on_exit;       ///< And hangs up the others.
  std::optional<bool> soft_end_conference_on_exit;  ///< Parks the others.
  std::optional<SupervisorRole> supervisor_role;    ///< How it listens in.
  std::vector<std::string> whisper_call_control_ids;  ///< Who alone hears it.
};

/// actions/leave: the leg is parked, not hung up.
struct LeaveConferenceRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "leave";  ///< On the wire.
  /// Whether a command that finds the conference over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  std::string call_control_id;      ///< Required.
  std::optional<BeepEnabled> beep;  ///< When the conference beeps for this leg.
};

/// actions/hold
struct HoldRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "hold";  ///< On the wire.
  std::vector<std::string> call_control_ids;           ///< Whom it is for; empty: everybody.
  std::string audio_url;                               ///< Not with media_name.
  std::string media_name;  ///< Of a file kept at Telnyx; not with audio_url.
};

/// actions/unhold
struct UnholdRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "unhold";  ///< On the wire.
  std::vector<std::string> call_control_ids;             ///< Required.
};

/// actions/mute
struct MuteRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "mute";  ///< On the wire.
  std::vector<std::string> call_control_ids;           ///< Whom it is for; empty: everybody.
};

/// actions/unmute
struct UnmuteRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "unmute";  ///< On the wire.
  std::vector<std::string> call_control_ids;             ///< Whom it is for; empty: everybody.
};

/// actions/update: the role of a supervisor.
struct UpdateSupervisorRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "update";   ///< On the wire.
  std::string call_control_id;                            ///< Required.
  SupervisorRole supervisor_role = SupervisorRole::none;  ///< How it listens in.
  std::vector<std::string> whisper_call_control_ids;      ///< Who alone hears it.
};

/// actions/play. Has no command_id: it is sent once.
struct ConferencePlayRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "play";  ///< On the wire.
  static constexpr bool kRepeatable = false;  ///< Whether it does no harm when it arrives twice.
  std::string audio_url;                      ///< Or media_name: one of them is required.
  std::string media_name;                     ///< Of a file kept at Telnyx; not with audio_url.
  std::optional<Loop> loop;                   ///< How often it is played.
  std::vector<std::string> call_control_ids;  ///< Whom it is for; empty: everybody.
};

/// actions/speak
struct ConferenceSpeakRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "speak";  ///< On the wire.
  std::string payload;                                  ///< Required: at most 3000 characters.
  std::string voice;                                    ///< Required.
  std::optional<SpeakPayload> payload_type;             ///< Plain text or SSML.
  std::string language;                                 ///< Of the voice.
  std::string voice_settings;                 ///< JSON object, by the provider of the voice.
  std::vector<std::string> call_control_ids;  ///< Whom it is for; empty: everybody.
};

/// actions/stop: what is played or said.
struct ConferenceStopRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "stop";  ///< On the wire.
  /// Whether a command that finds the conference over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  std::vector<std::string> call_control_ids;  ///< Whom it is for; empty: everybody.
};

/// actions/record_start
struct ConferenceRecordStartRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "record_start";  ///< On the wire.
  RecordFormat format = RecordFormat::mp3;                     ///< Of the file.
  std::optional<RecordChannels> channels;                      ///< default single
  std::optional<bool> play_beep;                               ///< Before the recording begins.
  bool trim_silence = false;     ///< Whether silence at both ends is left out.
  std::string custom_file_name;  ///< 1 … 40 characters
};

/// actions/record_stop
struct ConferenceRecordStopRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "record_stop";  ///< On the wire.
  /// Whether a command that finds the conference over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  std::string recording_id;  ///< Empty: the current one.
};

/// actions/record_pause
struct ConferenceRecordPauseRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "record_pause";  ///< On the wire.
  std::string recording_id;                                    ///< Empty: the current one.
};

/// actions/record_resume
struct ConferenceRecordResumeRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "record_resume";  ///< On the wire.
  std::string recording_id;                                     ///< Empty: the current one.
};

/// actions/send_dtmf. Has no command_id: it is sent once. `region` is not sent.
struct ConferenceSendDtmfRequest : ConferenceCommandBase {
  static constexpr std::string_view kAction = "send_dtmf";  ///< On the wire.
  static constexpr bool kRepeatable = false;  ///< Whether it does no harm when it arrives twice.
  std::string digits;                         ///< Required: 0-9 A-D * #, w: 0.5 s, W: 1 s
  std::optional<std::chrono::milliseconds> duration;  ///< Of each, 100 … 500; default 250
  std::vector<std::string> call_control_ids;          ///< Whom it is for; empty: everybody.
};

/// actions/end: hangs up everybody. `region` is not sent.
struct EndConferenceRequest : IdentifiedConferenceCommand {
  static constexpr std::string_view kAction = "end";  ///< On the wire.
  /// Whether a command that finds the conference over has what it wanted.
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
/// The same of a participant's change.
VOICEBRIDGE_API Result<std::string> to_json(const UpdateParticipantRequest& request);
/// The same of any command.
VOICEBRIDGE_API Result<std::string> to_json(const ConferenceCommand& command);

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
