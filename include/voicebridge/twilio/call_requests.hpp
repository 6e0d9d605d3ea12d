#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/secret.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

// What is not set is not sent, and Twilio takes its own default, named here. A method is "POST" or
// "GET"; default POST.

/// What a leg's progress is told of.
enum class CallEvent { initiated, ringing, answered, completed };

/// Where a leg's progress is told.
struct StatusCallback {
  std::string url;                ///< Absolute.
  std::string method;             ///< Of `url`.
  std::vector<CallEvent> events;  ///< default completed only; every end counts as that
};

/// Who picks up (Answering Machine Detection).
struct MachineDetection {
  bool wait_for_beep = false;                   ///< "DetectMessageEnd" in place of "Enable".
  std::optional<std::chrono::seconds> timeout;  ///< 3 … 59; default 30
  std::optional<std::chrono::milliseconds> speech_threshold;      ///< 1000 … 6000; default 2400
  std::optional<std::chrono::milliseconds> speech_end_threshold;  ///< 500 … 5000; default 1200
  std::optional<std::chrono::milliseconds> initial_silence;       ///< 2000 … 10000; default 5000
  /// Told here while the TwiML runs already. Empty: the TwiML waits for the verdict, which comes
  /// with its request as AnsweredBy.
  std::string async_callback;
  std::string async_callback_method;  ///< Of `async_callback`.
};

/// A recording from the beginning on.
struct RecordParameters {
  std::string channels;                             ///< "mono", "dual"
  std::string track;                                ///< "inbound", "outbound", "both"
  std::string status_callback;                      ///< Where progress is told.
  std::string status_callback_method;               ///< Of `status_callback`.
  std::vector<std::string> status_callback_events;  ///< "in-progress", "completed", "absent"
};

/// POST …/Calls.json. One of `url`, `twiml` and `application_sid` is required, and only one.
struct CreateCallRequest {
  std::string to;               ///< Required: +E.164, sip: or client:.
  std::string from;             ///< Required: a number of the account, client: or SIP user.
  std::string url;              ///< Gives the TwiML at the answer.
  std::string method;           ///< Of `url`.
  std::string twiml;            ///< At most 4000 characters; only with absolute URLs in it.
  std::string application_sid;  ///< "AP…"
  std::string fallback_url;     ///< Asked when `url` gives no TwiML.
  std::string fallback_method;  ///< Of `fallback_url`.
  std::optional<StatusCallback> status;            ///< Where progress of the leg is told.
  std::optional<std::chrono::seconds> timeout;     ///< Of ringing, 1 … 600; default 60
  std::optional<std::chrono::seconds> time_limit;  ///< Of the call; default 14400
  std::string send_digits;  ///< At most 32 of 0-9 A-D # * w W. No machine detection then.
  std::string caller_id;    ///< What the callee's phone shows in place of `from`.
  std::string call_reason;  ///< Branded calling.
  std::string call_token;   ///< Of an inbound call: `from` may be its caller.
  std::string byoc;         ///< The trunk's id, of calls by one's own carrier.
  std::string trim;         ///< "trim-silence", "do-not-trim"
  std::optional<RecordParameters> record;             ///< Records from the beginning on.
  std::optional<MachineDetection> machine_detection;  ///< Who picks up, and how it is found out.
  std::string sip_auth_username;                      ///< Of the SIP address.
  Secret sip_auth_password;                           ///< Of the SIP address.
};

/// How a call is ended.
enum class CallEnd { completed, canceled };

/// POST …/Calls/{CA}.json. At most one of `url`, `twiml` and `end`.
struct UpdateCallRequest {
  std::string url;                                 ///< Gives the TwiML.
  std::string method;                              ///< Of `url`.
  std::string twiml;                               ///< As in `CreateCallRequest`.
  std::optional<CallEnd> end;                      ///< canceled: only while it is queued or rings.
  std::string fallback_url;                        ///< Asked when `url` gives no TwiML.
  std::string fallback_method;                     ///< Of `fallback_url`.
  std::string status_callback;                     ///< Where progress is told.
  std::string status_callback_method;              ///< Of `status_callback`.
  std::optional<std::chrono::seconds> time_limit;  ///< Of the call.
};

/// POST …/Conferences/{CF or name}/Participants.json. A name without a live conference makes one.
struct CreateParticipantRequest {
  std::string from;                 ///< Required: +E.164, client:, or the user of a SIP address.
  std::string to;                   ///< Required: +E.164, sip:, client: or app:.
  std::string label;                ///< At most 128 characters, unique in the conference.
  std::string call_token;           ///< Of an inbound call: `from` may be its caller.
  std::string caller_id;            ///< What the callee's phone shows in place of `from`.
  std::string call_reason;          ///< Why the call is made, shown by branded calling.
  std::string caller_display_name;  ///< What the callee's phone shows.
  std::optional<std::chrono::seconds> timeout;     ///< Of ringing.
  std::optional<std::chrono::seconds> time_limit;  ///< Of the call.
  std::optional<bool> early_media;                 ///< default true
  std::string beep;                                ///< true, false, onEnter, onExit; default true
  std::optional<bool> muted;                       ///< default false
  std::optional<bool> start_conference_on_enter;   ///< default true
  std::optional<bool> end_conference_on_exit;      ///< default false
  std::optional<std::string> wait_url;             ///< "": silence; default music
  std::string wait_method;                         ///< Of `wait_url`.
  std::optional<StatusCallback> status;            ///< Of the leg.
  /// Of the conference; only the first participant's count.
  std::string conference_status_callback;
  std::string conference_status_callback_method;  ///< Of `conference_status_callback`.
  /// start end join leave mute hold modify speaker announcement; default start end
  std::vector<std::string> conference_status_callback_events;
  std::string call_sid_to_coach;  ///< Is heard by this participant only.
  /// off, small, medium, large; default large, 300 to 1000 ms of delay. Use small for an agent.
  std::string jitter_buffer_size;
  std::optional<int> max_participants;                ///< 2 … 250
  std::string region;                                 ///< Where it is mixed.
  std::optional<MachineDetection> machine_detection;  ///< Who picks up, and how it is found out.
  std::string sip_auth_username;                      ///< Of the SIP address.
  Secret sip_auth_password;                           ///< Of the SIP address.
};

/// POST …/Participants/{CA or label}.json
struct UpdateParticipantRequest {
  std::optional<bool> muted;         ///< Listens only.
  std::optional<bool> hold;          ///< Hears music alone.
  std::string hold_url;              ///< Gives what they hear on hold.
  std::string hold_method;           ///< default GET
  std::string announce_url;          ///< Is played to this participant.
  std::string announce_method;       ///< Of `announce_url`.
  std::string wait_url;              ///< Gives what is heard before the conference begins.
  std::string wait_method;           ///< Of `wait_url`.
  std::optional<bool> beep_on_exit;  ///< The conference beeps when they go.
  std::optional<bool> end_conference_on_exit;  ///< When they go, everybody does.
  std::optional<bool> coaching;                ///< Whether only one participant hears this one.
  std::string call_sid_to_coach;               ///< Needed with `coaching`.
};

/// POST …/Calls/{CA}/Recordings.json
struct StartRecordingRequest {
  RecordParameters parameters;  ///< What is recorded, and where it is told.
  std::string trim;             ///< "trim-silence", "do-not-trim"
};

/// What becomes of a recording that runs.
enum class RecordingChange { pause, resume, stop };

/// POST …/Calls/{CA}/Streams.json: a one-way copy of the audio.
struct StartStreamRequest {
  std::string url;    ///< wss:// without a query.
  std::string name;   ///< Unique in the call.
  std::string track;  ///< inbound_track, outbound_track, both_tracks; default inbound_track
  std::string status_callback;                    ///< Where progress is told.
  std::string status_callback_method;             ///< Of `status_callback`.
  std::map<std::string, std::string> parameters;  ///< 99 at most, each under 500 characters.
};

/// The form that goes out. `Errc::invalid_argument`, `field` as on the wire, for what Twilio would
/// refuse or misunderstand.
VOICEBRIDGE_API Result<std::string> to_form(const CreateCallRequest& request);
///@{
/// The same of the other requests.
VOICEBRIDGE_API Result<std::string> to_form(const UpdateCallRequest& request);
VOICEBRIDGE_API Result<std::string> to_form(const CreateParticipantRequest& request);
VOICEBRIDGE_API Result<std::string> to_form(const UpdateParticipantRequest& request);
VOICEBRIDGE_API Result<std::string> to_form(const StartRecordingRequest& request);
VOICEBRIDGE_API Result<std::string> to_form(const StartStreamRequest& request);
///@}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
