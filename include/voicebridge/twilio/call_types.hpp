#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// Where a call is. Only callbacks tell of `initiated`.
enum class CallStatus {
  unknown,  ///< A value that is newer than this list.
  queued,
  initiated,
  ringing,
  in_progress,
  completed,
  busy,
  failed,
  no_answer,
  canceled,
};
VOICEBRIDGE_API std::string_view to_string(CallStatus status) noexcept;  ///< "in-progress"
/// The reverse; `unknown` for a text that is none.
VOICEBRIDGE_API CallStatus call_status(std::string_view text) noexcept;
/// Whether nothing follows: completed, busy, failed, no-answer, canceled.
VOICEBRIDGE_API bool is_final(CallStatus status) noexcept;

/// A call as the API tells of it. What it does not tell is empty.
struct Call {
  std::string sid;         ///< Twilio's id.
  std::string parent_sid;  ///< Of the call whose `<Dial>` made this one; empty: none did.
  CallStatus status = CallStatus::unknown;  ///< Where it is.
  std::string direction;    ///< "inbound", "outbound-api", "outbound-dial", "trunking-…"
  std::string from;         ///< The calling side.
  std::string to;           ///< The called side.
  std::string answered_by;  ///< "human", "machine_start" …
  std::optional<std::chrono::seconds> duration;  ///< Known at the end.
  std::string price;                             ///< Decimal text, negative; known after the end.
  std::string price_unit;                        ///< "USD"
  Json document;                                 ///< The whole answer.
};

/// A conference as the API tells of it.
struct Conference {
  std::string sid;                         ///< Twilio's id.
  std::string friendly_name;               ///< As it was made with.
  std::string status;                      ///< "init", "in-progress", "completed"
  std::string reason_ended;                ///< "conference-ended-via-api" …
  std::string call_sid_ending_conference;  ///< Whose leaving ended it.
  Json document;                           ///< The whole answer.
};

/// A leg in a conference, as the API tells of it.
struct Participant {
  std::string call_sid;        ///< The call it belongs to.
  std::string conference_sid;  ///< The conference it belongs to.
  std::string label;           ///< As it was made with.
  std::string status;     ///< "queued", "connecting", "ringing", "connected", "complete", "failed"
  bool muted = false;     ///< Is not heard.
  bool hold = false;      ///< Hears music alone.
  bool coaching = false;  ///< Is heard by one participant only.
  std::string call_sid_to_coach;                        ///< That participant.
  bool end_conference_on_exit = false;                  ///< When they go, everybody does.
  std::optional<std::chrono::milliseconds> queue_time;  ///< Told when it is created.
  Json document;                                        ///< The whole answer.
};

/// A recording as the API tells of it.
struct Recording {
  std::string sid;       ///< Twilio's id.
  std::string call_sid;  ///< The call it belongs to.
  std::string status;    ///< "in-progress", "paused", "stopped", "completed", "absent" …
  Json document;         ///< The whole answer.
};

/// A one-way copy of a call's audio. (A two-way one is a verb: `connect`.)
struct Stream {
  std::string sid;       ///< Twilio's id.
  std::string call_sid;  ///< The call it belongs to.
  std::string name;      ///< As it was made with.
  std::string status;    ///< "in-progress", "stopped"
  Json document;         ///< The whole answer.
};

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
