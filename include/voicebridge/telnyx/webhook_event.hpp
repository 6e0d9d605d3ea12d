#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/json.hpp"

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

struct CallInitiated {  ///< call.initiated
  CallDirection direction = CallDirection::unknown;
  std::string state;  ///< "parked": incoming, waits for answer or reject. "bridging": outgoing.
};
struct CallAnswered {     ///< call.answered
  std::string codec;      ///< Of the leg, "PCMA"; empty when not told (not in the official schema).
  int sampling_rate = 0;  ///< Hz; 0 when not told.
};
struct CallBridged {};  ///< call.bridged; one for each leg
struct CallHangup {     ///< call.hangup
  HangupCause cause = HangupCause::unknown;
  std::string cause_text;  ///< As it came.
  HangupSource source = HangupSource::unknown;
  std::string sip_cause;  ///< "200", "486", "603" …
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
};
struct MachineDetectionEnded {  ///< call.machine.detection.ended,
                                ///< call.machine.premium.detection.ended
  MachineResult result = MachineResult::unknown;
  std::string result_text;  ///< As it came: "human_business".
  bool premium = false;
};
struct MachineGreetingEnded {  ///< call.machine.greeting.ended, call.machine.premium.greeting.ended
  GreetingResult result = GreetingResult::unknown;
  bool premium = false;
};
struct CallScreeningDetected {
};                     ///< call.machine.premium.call_screening.detected; detection starts anew
struct DtmfReceived {  ///< call.dtmf.received
  char digit = 0;
};
struct SpeakStarted {};  ///< call.speak.started
struct SpeakEnded {      ///< call.speak.ended
  std::string status;    ///< "completed", "call_hangup", "cancelled_amd"
};
struct PlaybackStarted {  ///< call.playback.started
  std::string media_url;  ///< Empty for stored media.
  std::string media_name;
};
struct PlaybackEnded {  ///< call.playback.ended
  std::string media_url;
  std::string media_name;
  std::string status;  ///< "completed", "failed", "file_not_found", "call_hangup", "cancelled" …
  std::string status_detail;
};
struct GatherEnded {  ///< call.gather.ended
  std::string digits;
  std::string
      status;  ///< "valid", "invalid", "call_hangup", "cancelled", "cancelled_amd", "timeout"
};
struct RecordingSaved {      ///< call.recording.saved
  std::string recording_id;  ///< Empty when not told (not in the official schema).
  std::string channels;      ///< "single", "dual"
  std::string mp3_url;       ///< Presigned, for ten minutes.
  std::string wav_url;
};
struct RecordingError {  ///< call.recording.error
  std::string reason;
};
struct CallCost {          ///< call.cost
  std::string total_cost;  ///< Decimal text.
  std::int64_t billed_duration_secs = 0;
  std::string status;  ///< "success", "error"
};
struct OtherEvent {};  ///< Everything else: read `WebhookEvent::document`.

using WebhookPayload =
    std::variant<OtherEvent, CallInitiated, CallAnswered, CallBridged, CallHangup, StreamingStarted,
                 StreamingStopped, StreamingFailed, MachineDetectionEnded, MachineGreetingEnded,
                 CallScreeningDetected, DtmfReceived, SpeakStarted, SpeakEnded, PlaybackStarted,
                 PlaybackEnded, GatherEnded, RecordingSaved, RecordingError, CallCost>;

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
  Json document;  ///< The whole body.
};

/// Reads a webhook's body. Check its signature first (`WebhookVerifier`).
/// @return `Errc::invalid_argument` for broken JSON, an envelope of version 1, and a missing id or
/// type.
VOICEBRIDGE_API Result<WebhookEvent> parse_webhook(std::string_view body);

}  // namespace voicebridge::telnyx
