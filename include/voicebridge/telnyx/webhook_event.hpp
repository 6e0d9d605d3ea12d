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

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// Who called whom.
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
/// Who hung up.
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

/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(HangupCause cause) noexcept;
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(MachineResult result) noexcept;
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(GreetingResult result) noexcept;

// The payloads. What an enumeration stands for is kept as it came in the text beside it, and that
// is what is written back. What a type does not name is in `WebhookEvent::other_members`.

/// call.initiated
struct CallInitiated {
  CallDirection direction = CallDirection::unknown;  ///< Who called whom.
  std::string direction_text;                        ///< As it came.
  std::string state;  ///< "parked": incoming, waits for answer or reject. "bridging": outgoing.
  std::string start_time;                     ///< ISO 8601
  std::string caller_id_name;                 ///< Of the caller.
  std::string call_screening_result;          ///< "not_flagged", "spam_likely" …
  std::string shaken_stir_attestation;        ///< "A", "B", "C"
  std::optional<bool> shaken_stir_validated;  ///< Whether the caller's number is vouched for.
};
/// call.answered
struct CallAnswered {
  std::string codec;  ///< Of the leg, "PCMA"; empty when not told (not in the official schema).
  std::int64_t sampling_rate = 0;  ///< Hz; 0 when not told.
  std::string start_time;          ///< ISO 8601
  std::string stream_url;          ///< With a stream only.
  std::string stream_track;        ///< Which side it has.
};
struct CallBridged {};  ///< call.bridged; one for each leg
struct CallHeld {};     ///< call.hold
struct CallUnheld {};   ///< call.unhold
/// call.hangup
struct CallHangup {
  HangupCause cause = HangupCause::unknown;     ///< Why it ended.
  std::string cause_text;                       ///< As it came.
  HangupSource source = HangupSource::unknown;  ///< Who hung up.
  std::string source_text;                      ///< As it came.
  std::string sip_cause;                        ///< "200", "486", "603" …
  std::string start_time;                       ///< ISO 8601
  std::string end_time;                         ///< ISO 8601
  std::optional<JsonText> call_quality_stats;   ///< Numbers as texts; not of a call without audio.
};
/// streaming.started
struct StreamingStarted {
  std::string stream_url;  ///< Where it leads.
};
/// streaming.stopped
struct StreamingStopped {
  std::string stream_url;  ///< Where it leads.
};
/// streaming.failed: the call stays up, silent
struct StreamingFailed {
  std::string reason;                     ///< "connection_failed"
  std::string stream_id;                  ///< The stream's.
  std::string stream_type;                ///< "websocket", "dialogflow"
  std::optional<JsonText> stream_params;  ///< stream_url, track
};
/// call.machine.detection.ended, call.machine.premium.detection.ended
struct MachineDetectionEnded {
  MachineResult result = MachineResult::unknown;  ///< Who picked up.
  std::string result_text;                        ///< "human_business"
  bool premium = false;                           ///< Whether the premium mode found it.
};
/// call.machine.greeting.ended, call.machine.premium.greeting.ended
struct MachineGreetingEnded {
  GreetingResult result = GreetingResult::unknown;  ///< How it ended.
  std::string result_text;                          ///< As it came.
  bool premium = false;                             ///< Whether the premium mode found it.
};
/// call.machine.premium.call_screening.detected; detection starts anew
struct CallScreeningDetected {
  std::string result;  ///< "screening"
};
/// call.dtmf.received
struct DtmfReceived {
  char digit = 0;          ///< 0-9, A-D, * or #; 0: another text.
  std::string digit_text;  ///< As it came.
};
struct SpeakStarted {};  ///< call.speak.started
/// call.speak.ended
struct SpeakEnded {
  std::string status;  ///< "completed", "call_hangup", "cancelled_amd"
};
/// call.playback.started
struct PlaybackStarted {
  std::string media_url;        ///< Empty for stored media.
  std::string media_name;       ///< Of a file kept at Telnyx.
  std::optional<bool> overlay;  ///< Whether it was played over something else.
};
/// call.playback.ended
struct PlaybackEnded {
  std::string media_url;   ///< Of a file anywhere.
  std::string media_name;  ///< Of a file kept at Telnyx.
  std::string status;  ///< "completed", "failed", "file_not_found", "call_hangup", "cancelled" …
  std::string status_detail;    ///< More of that.
  std::optional<bool> overlay;  ///< Whether it was played over something else.
};
/// call.gather.ended
struct GatherEnded {
  std::string digits;  ///< The keys, in order.
  std::string
      status;  ///< "valid", "invalid", "call_hangup", "cancelled", "cancelled_amd", "timeout"
};
/// call.recording.saved, conference.recording.saved
struct RecordingSaved {
  std::string recording_id;   ///< Empty when not told (not in the official schema).
  std::string conference_id;  ///< Of a conference's only.
  std::string channels;       ///< "single", "dual"
  std::string format;         ///< "mp3", "wav"; empty when not told.
  std::string started_at;     ///< ISO 8601
  std::string ended_at;       ///< ISO 8601
  std::map<std::string, Nullable<std::string>> urls;  ///< By format. Presigned, for ten minutes.
  /// Where the recording can be had, by format.
  std::map<std::string, Nullable<std::string>> public_urls;
  std::string mp3_url;  ///< Of `urls`, or empty.
  std::string wav_url;  ///< Where the file can be had.
};
/// call.recording.error
struct RecordingError {
  std::string reason;  ///< As it came.
};
/// call.recording.transcription.saved
struct RecordingTranscribed {
  std::string recording_id;                ///< Which recording.
  std::string recording_transcription_id;  ///< The text's.
  std::string status;                      ///< How it ended.
  std::string text;                        ///< What was heard.
};
/// call.transcription
struct TranscriptionHeard {
  std::string text;                            ///< What was heard.
  std::string track;                           ///< "inbound", "outbound"
  bool is_final = false;                       ///< Whether the text will not change any more.
  double confidence = 0;                       ///< 0 … 1
  std::optional<JsonText> transcription_data;  ///< All of it, as it came.
};
/// call.cost
struct CallCost {
  std::string total_cost;                 ///< Decimal text.
  std::int64_t billed_duration_secs = 0;  ///< What is paid for.
  std::string status;                     ///< "success", "error"
  std::string billing_group_id;           ///< Who pays.
  std::optional<JsonText> cost_parts;     ///< By service.
};
/// call.enqueued
struct CallEnqueued {
  std::string queue;                                     ///< Its name.
  std::optional<std::int64_t> current_position;          ///< From 1.
  std::optional<std::int64_t> queue_avg_wait_time_secs;  ///< In seconds.
};
/// call.dequeued
struct CallDequeued {
  std::string queue;   ///< Its name.
  std::string reason;  ///< "bridged", "bridging-in-process", "hangup", "leave", "timeout"
  std::optional<std::int64_t> queue_position;  ///< Its place in the queue.
  std::optional<std::int64_t> wait_time_secs;  ///< How long it waited.
};
/// call.fork.started, call.fork.stopped
struct ForkChanged {
  std::string stream_type;  ///< Which kind of fork.
};
/// call.refer.started, .completed, .failed
struct ReferProgress {
  std::optional<std::int64_t> sip_notify_response;  ///< 100, 200, 603 …
};
struct SiprecStarted {};  ///< siprec.started
/// siprec.stopped
struct SiprecStopped {
  std::string hangup_cause;  ///< Why it ended.
};
/// siprec.failed
struct SiprecFailed {
  std::string failure_cause;  ///< Why it could not begin.
};
/// call.deepfake_detection.result
struct DeepfakeResult {
  std::string result;                 ///< "real", "fake"
  std::optional<double> score;        ///< As the service gives it.
  std::optional<double> consistency;  ///< The same.
};
/// call.deepfake_detection.error
struct DeepfakeError {
  std::string error_message;  ///< In a sentence.
};
/// call.ai_gather.*, call.conversation.*, call.conversation_insights.*
struct HostedAiEvent {
  std::string status;                       ///< How it stands.
  std::string conversation_id;              ///< Of the hosted agent.
  std::string reason;                       ///< Why.
  std::optional<JsonText> result;           ///< By the event: an object, or left out.
  std::optional<JsonText> message_history;  ///< What was said with it.
};
/// conference.created
struct ConferenceCreated {
  std::string conference_id;  ///< Which one.
};
/// conference.ended
struct ConferenceEnded {
  std::string conference_id;  ///< Which one.
  std::string reason;         ///< "all_left", "host_left", "time_exceeded", "ended_via_api"
};
/// conference.participant.joined
struct ParticipantJoined {
  std::string conference_id;  ///< Which one.
};
/// conference.participant.left
struct ParticipantLeft {
  std::string conference_id;  ///< Which one.
};
/// conference.floor.changed: the event's leg speaks now.
struct FloorChanged {
  std::string conference_id;  ///< Which one.
};
/// conference.speak.*, .playback.*, .participant.speak.*, …playback.*
struct ConferenceAudio {
  std::string conference_id;            ///< Which one.
  std::string creator_call_session_id;  ///< Of the leg that made the conference.
  std::string media_url;                ///< Of a file anywhere.
  std::string media_name;               ///< Of a file kept at Telnyx.
};
struct OtherEvent {};  ///< Everything else: read `WebhookEvent::document`.

/// Any event of the Voice API.
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
  std::string id;               ///< The same for every delivery.
  std::string type;             ///< "call.answered"
  std::string occurred_at;      ///< ISO 8601; the order of events, as far as there is one.
  int attempt = 1;              ///< Of delivery.
  std::string call_control_id;  ///< Names the leg in commands.
  std::string call_leg_id;      ///< Names the leg in records.
  std::string call_session_id;  ///< Shared by the legs of one call.
  std::string connection_id;    ///< The application's.
  std::string from;             ///< E.164 or SIP; empty where the event does not tell.
  std::string to;               ///< The called side: E.164 or SIP.
  std::optional<std::string> client_state;  ///< Ours, decoded; nothing when the leg has none.
  WebhookPayload payload;                   ///< What happened.
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

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
