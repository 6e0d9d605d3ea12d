#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/core/wire_types.hpp"

namespace voicebridge::telnyx {

enum class CallDirection { unknown, incoming, outgoing };

/// `hangup_cause` of `call.hangup`.
enum class HangupCause {
  unknown,  ///< A value that is newer than this list, or "unspecified".
  call_rejected,
  normal_clearing,
  originator_cancel,
  timeout,
  time_limit,
  user_busy,
  not_found,
  no_answer,
};
enum class HangupSource { unknown, caller, callee };

/// What answering machine detection found, of the standard and the premium modes.
enum class MachineResult {
  unknown,
  human,  ///< human, human_residence, human_business
  machine,
  silence,
  fax,
  not_sure,
};
/// How a machine's greeting ended.
enum class GreetingResult { unknown, beep, no_beep, ended, prompt_ended, not_sure };

VOICEBRIDGE_API std::string_view to_string(HangupCause cause) noexcept;
VOICEBRIDGE_API std::string_view to_string(MachineResult result) noexcept;
VOICEBRIDGE_API std::string_view to_string(GreetingResult result) noexcept;

// The payloads. What an enumeration stands for is kept as it came in the text beside it, and that
// is what is written back. What a type does not name is in `WebhookEvent::other_members`.

struct CallInitiated {  ///< call.initiated
  CallDirection direction = CallDirection::unknown;
  std::string direction_text;
  std::string state;  ///< "parked": incoming, waits for answer or reject. "bridging": outgoing.
  std::string start_time;
  std::string caller_id_name;
  std::string call_screening_result;    ///< "not_flagged", "spam_likely" …
  std::string shaken_stir_attestation;  ///< "A", "B", "C"
  std::optional<bool> shaken_stir_validated;
};
struct CallAnswered {  ///< call.answered
  std::string codec;   ///< Of the leg, "PCMA"; empty when not told (not in the official schema).
  std::int64_t sampling_rate = 0;  ///< Hz; 0 when not told.
  std::string start_time;
  std::string stream_url;  ///< With a stream only.
  std::string stream_track;
};
struct CallBridged {};  ///< call.bridged; one for each leg
struct CallHeld {};     ///< call.hold
struct CallUnheld {};   ///< call.unhold
struct CallHangup {     ///< call.hangup
  HangupCause cause = HangupCause::unknown;
  std::string cause_text;
  HangupSource source = HangupSource::unknown;
  std::string source_text;
  std::string sip_cause;  ///< "200", "486", "603" …
  std::string start_time;
  std::string end_time;
  std::optional<JsonText> call_quality_stats;  ///< Numbers as texts; not of a call without audio.
};
struct StreamingStarted {  ///< streaming.started
  std::string stream_url;
};
struct StreamingStopped {  ///< streaming.stopped
  std::string stream_url;
};
struct StreamingFailed {  ///< streaming.failed: the call stays up, silent
  std::string reason;     ///< "connection_failed"
  std::string stream_id;
  std::string stream_type;                ///< "websocket", "dialogflow"
  std::optional<JsonText> stream_params;  ///< stream_url, track
};
struct MachineDetectionEnded {  ///< call.machine.detection.ended,
                                ///< call.machine.premium.detection.ended
  MachineResult result = MachineResult::unknown;
  std::string result_text;  ///< "human_business"
  bool premium = false;
};
struct MachineGreetingEnded {  ///< call.machine.greeting.ended, call.machine.premium.greeting.ended
  GreetingResult result = GreetingResult::unknown;
  std::string result_text;
  bool premium = false;
};
struct CallScreeningDetected {  ///< call.machine.premium.call_screening.detected; detection starts
                                ///< anew
  std::string result;           ///< "screening"
};
struct DtmfReceived {  ///< call.dtmf.received
  char digit = 0;
  std::string digit_text;
};
struct SpeakStarted {};  ///< call.speak.started
struct SpeakEnded {      ///< call.speak.ended
  std::string status;    ///< "completed", "call_hangup", "cancelled_amd"
};
struct PlaybackStarted {  ///< call.playback.started
  std::string media_url;  ///< Empty for stored media.
  std::string media_name;
  std::optional<bool> overlay;
};
struct PlaybackEnded {  ///< call.playback.ended
  std::string media_url;
  std::string media_name;
  std::string status;  ///< "completed", "failed", "file_not_found", "call_hangup", "cancelled" …
  std::string status_detail;
  std::optional<bool> overlay;
};
struct GatherEnded {  ///< call.gather.ended
  std::string digits;
  std::string
      status;  ///< "valid", "invalid", "call_hangup", "cancelled", "cancelled_amd", "timeout"
};
struct RecordingSaved {       ///< call.recording.saved, conference.recording.saved
  std::string recording_id;   ///< Empty when not told (not in the official schema).
  std::string conference_id;  ///< Of a conference's only.
  std::string channels;       ///< "single", "dual"
  std::string format;         ///< "mp3", "wav"; empty when not told.
  std::string started_at;
  std::string ended_at;
  std::map<std::string, Nullable<std::string>> urls;  ///< By format. Presigned, for ten minutes.
  std::map<std::string, Nullable<std::string>> public_urls;
  std::string mp3_url;  ///< Of `urls`, or empty.
  std::string wav_url;
};
struct RecordingError {  ///< call.recording.error
  std::string reason;
};
struct RecordingTranscribed {  ///< call.recording.transcription.saved
  std::string recording_id;
  std::string recording_transcription_id;
  std::string status;
  std::string text;
};
struct TranscriptionHeard {  ///< call.transcription
  std::string text;
  std::string track;  ///< "inbound", "outbound"
  bool is_final = false;
  double confidence = 0;
  std::optional<JsonText> transcription_data;  ///< All of it, as it came.
};
struct CallCost {          ///< call.cost
  std::string total_cost;  ///< Decimal text.
  std::int64_t billed_duration_secs = 0;
  std::string status;  ///< "success", "error"
  std::string billing_group_id;
  std::optional<JsonText> cost_parts;
};
struct CallEnqueued {  ///< call.enqueued
  std::string queue;
  std::optional<std::int64_t> current_position;  ///< From 1.
  std::optional<std::int64_t> queue_avg_wait_time_secs;
};
struct CallDequeued {  ///< call.dequeued
  std::string queue;
  std::string reason;  ///< "bridged", "bridging-in-process", "hangup", "leave", "timeout"
  std::optional<std::int64_t> queue_position;
  std::optional<std::int64_t> wait_time_secs;
};
struct ForkChanged {  ///< call.fork.started, call.fork.stopped
  std::string stream_type;
};
struct ReferProgress {                              ///< call.refer.started, .completed, .failed
  std::optional<std::int64_t> sip_notify_response;  ///< 100, 200, 603 …
};
struct SiprecStarted {};  ///< siprec.started
struct SiprecStopped {    ///< siprec.stopped
  std::string hangup_cause;
};
struct SiprecFailed {  ///< siprec.failed
  std::string failure_cause;
};
struct DeepfakeResult {  ///< call.deepfake_detection.result
  std::string result;    ///< "real", "fake"
  std::optional<double> score;
  std::optional<double> consistency;
};
struct DeepfakeError {  ///< call.deepfake_detection.error
  std::string error_message;
};
struct HostedAiEvent {  ///< call.ai_gather.*, call.conversation.*, call.conversation_insights.*
  std::string status;
  std::string conversation_id;
  std::string reason;
  std::optional<JsonText> result;  ///< By the event: an object, or left out.
  std::optional<JsonText> message_history;
};
struct ConferenceCreated {  ///< conference.created
  std::string conference_id;
};
struct ConferenceEnded {  ///< conference.ended
  std::string conference_id;
  std::string reason;  ///< "all_left", "host_left", "time_exceeded", "ended_via_api"
};
struct ParticipantJoined {  ///< conference.participant.joined
  std::string conference_id;
};
struct ParticipantLeft {  ///< conference.participant.left
  std::string conference_id;
};
struct FloorChanged {  ///< conference.floor.changed: the event's leg speaks now.
  std::string conference_id;
};
struct ConferenceAudio {  ///< conference.speak.*, .playback.*, .participant.speak.*, …playback.*
  std::string conference_id;
  std::string creator_call_session_id;
  std::string media_url;
  std::string media_name;
};
struct OtherEvent {};  ///< Everything else: read `WebhookEvent::document`.

using WebhookPayload =
    std::variant<OtherEvent, CallInitiated, CallAnswered, CallBridged, CallHeld, CallUnheld,
                 CallHangup, StreamingStarted, StreamingStopped, StreamingFailed,
                 MachineDetectionEnded, MachineGreetingEnded, CallScreeningDetected, DtmfReceived,
                 SpeakStarted, SpeakEnded, PlaybackStarted, PlaybackEnded, GatherEnded,
                 RecordingSaved, RecordingError, RecordingTranscribed, TranscriptionHeard, CallCost,
                 CallEnqueued, CallDequeued, ForkChanged, ReferProgress, SiprecStarted,
                 SiprecStopped, SiprecFailed, DeepfakeResult, DeepfakeError, HostedAiEvent,
                 ConferenceCreated, ConferenceEnded, ParticipantJoined, ParticipantLeft,
                 FloorChanged, ConferenceAudio>;

/// One event of the Voice API, envelope version 2. Events come in any order and more than once.
struct WebhookEvent {
  std::string id;           ///< The same for every delivery.
  std::string type;         ///< "call.answered"
  std::string occurred_at;  ///< ISO 8601; the order of events, as far as there is one.
  int attempt = 1;          ///< Of delivery.
  std::string call_control_id;
  std::string call_leg_id;
  std::string call_session_id;
  std::string connection_id;
  std::string from;  ///< E.164 or SIP; empty where the event does not tell.
  std::string to;
  std::optional<std::string> client_state;  ///< Ours, decoded; nothing when the leg has none.
  WebhookPayload payload;
  /// What of the payload has no place above, was null, empty or of another type than it should:
  /// written back as it came.
  OtherMembers other_members;
  OtherMembers other_of_data;      ///< The same beside the payload: `record_type` …
  OtherMembers other_of_document;  ///< The same beside `data`: `meta`.
  Json document;                   ///< The whole body.
};

/// Reads a webhook's body. Check its signature first (`WebhookVerifier`).
/// @return `Errc::invalid_argument` for broken JSON, an envelope of version 1, and a missing id or
/// type.
VOICEBRIDGE_API Result<WebhookEvent> parse_webhook(std::string_view body);

/// The body of a webhook: of one that was parsed, the same members with the same values; `document`
/// is not looked at.
VOICEBRIDGE_API std::string to_json(const WebhookEvent& event);

}  // namespace voicebridge::telnyx
