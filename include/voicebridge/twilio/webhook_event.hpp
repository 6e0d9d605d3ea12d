#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/form.hpp"
#include "voicebridge/twilio/call_types.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// Who picked up (AnsweredBy).
enum class AnsweredBy {
  unknown,  ///< "unknown", or a value that is newer than this list.
  human,
  fax,
  machine_start,  ///< A machine, found out as soon as possible; the rest after its greeting.
  machine_end_beep,
  machine_end_silence,
  machine_end_other,
};
VOICEBRIDGE_API std::string_view to_string(AnsweredBy who) noexcept;  ///< "machine_end_beep"
VOICEBRIDGE_API bool is_machine(AnsweredBy who) noexcept;             ///< A fax is none.

/// The voice URL of a call: answer with TwiML.
struct VoiceRequest {
  std::string direction;                  ///< "inbound", "outbound-api" …
  std::string call_token;                 ///< For `CreateParticipantRequest::call_token`.
  std::string stir_verstat;               ///< "TN-Validation-Passed-A"
  std::string forwarded_from;             ///< Who had the call before, when the carrier tells.
  std::string caller_name;                ///< Of the caller, where it is looked up.
  std::optional<AnsweredBy> answered_by;  ///< With machine detection that is waited for.
  std::string error_code;                 ///< At the fallback URL: why it is asked.
  std::string error_url;                  ///< The one that failed.
  bool anonymous = false;  ///< `from` is no number of anybody, whatever it looks like.
};

/// Progress of a leg. They come in any order: `sequence` tells which is later.
struct StatusEvent {
  std::optional<std::int64_t> sequence;          ///< From 0.
  std::string timestamp;                         ///< RFC 2822
  std::string direction;                         ///< "inbound", "outbound-api" …
  std::optional<std::chrono::seconds> duration;  ///< Of the call, at its end.
  std::string sip_response_code;                 ///< "200", "486", "603"; at the end.
  std::string recording_url;                     ///< Where it can be had.
};

/// Answering machine detection that was not waited for.
struct DetectionEvent {
  AnsweredBy who = AnsweredBy::unknown;               ///< Who picked up.
  std::string who_text;                               ///< As it came.
  std::optional<std::chrono::milliseconds> duration;  ///< How long it took.
};

/// What became of a stream.
enum class StreamChange { unknown, started, stopped, error };
/// What became of a media stream.
struct StreamEvent {
  std::string stream_sid;                       ///< The stream's.
  std::string name;                             ///< As it was started with.
  StreamChange change = StreamChange::unknown;  ///< What happened.
  std::string error;                            ///< "31920 - Stream - WebSocket - Handshake Error"
  std::string timestamp;                        ///< ISO 8601
};

/// What happened in a conference.
enum class ConferenceChange {
  unknown,
  start,
  end,
  join,
  leave,
  mute,
  unmute,
  hold,
  unhold,
  modify,
  speech_start,
  speech_stop,
  announcement_end,
  announcement_fail,
};
/// What happened in a conference.
struct ConferenceEvent {
  ConferenceChange change = ConferenceChange::unknown;  ///< What happened.
  std::string change_text;                              ///< As it came: "participant-leave".
  std::string conference_sid;                           ///< The conference's.
  std::string friendly_name;                            ///< As it was made with.
  std::optional<std::int64_t> sequence;                 ///< Of the conference's events.
  std::string timestamp;                                ///< RFC 2822
  std::string label;                                    ///< Of the participant.
  bool muted = false;                                   ///< Is not heard.
  bool hold = false;                                    ///< Hears music alone.
  bool coaching = false;                                ///< Is heard by one participant only.
  bool end_conference_on_exit = false;                  ///< When they go, everybody does.
  std::string reason_left;  ///< "participant_hung_up", "participant_add_failed" …
  CallStatus participant_status = CallStatus::unknown;  ///< Of who left.
  std::string reason_ended;     ///< "participant-with-end-conference-on-exit-left" …
  std::string call_sid_ending;  ///< Whose leaving ended it.
};

/// `<Dial action>`: what became of the dialled leg. Answer with TwiML.
struct DialEnded {
  std::string status;    ///< "completed", "answered" (conference), "busy", "no-answer" …
  std::string call_sid;  ///< Empty for a conference.
  std::optional<std::chrono::seconds> duration;  ///< Of that leg.
  bool bridged = false;                          ///< Whether both legs were joined.
  std::string sip_response_code;                 ///< How the leg ended, in SIP's numbers.
};

/// `<Gather action>`. Answer with TwiML.
struct Gathered {
  std::string digits;                ///< The keys, in order.
  std::string speech;                ///< What was said.
  std::optional<double> confidence;  ///< 0 … 1, of the speech.
};

struct OtherRequest {};  ///< Everything else: read `WebhookEvent::form`.

/// A request of Twilio, by its fields.
struct WebhookEvent {
  std::string account_sid;                       ///< Whose call it is.
  std::string call_sid;                          ///< Of a conference event: the participant's.
  CallStatus call_status = CallStatus::unknown;  ///< Where the call is.
  std::string from;                              ///< The calling side.
  std::string to;                                ///< The called side.
  std::variant<OtherRequest, VoiceRequest, StatusEvent, DetectionEvent, StreamEvent,
               ConferenceEvent, DialEnded, Gathered>
      what;         ///< What it tells.
  FormFields form;  ///< All of it.
};

/// Reads the fields of a webhook, POST or GET. Check its signature first (`WebhookVerifier`).
///
/// Nothing in a request says which URL it is for; it is told by the fields: a stream by
/// `StreamEvent`, a conference by `ConferenceSid` and `StatusCallbackEvent`, a status callback by
/// `CallbackSource` or a final status, and what is none of the others is a voice request. The
/// voice URL of an outbound call that waited for detection is a voice request with `answered_by`.
/// @return `Errc::invalid_argument` without AccountSid, or without both CallSid and ConferenceSid.
VOICEBRIDGE_API Result<WebhookEvent> parse_webhook(FormFields form);

/// Whether the caller hid the number: empty, "anonymous", or one of the numbers that spell a word.
VOICEBRIDGE_API bool is_anonymous(std::string_view from) noexcept;

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
