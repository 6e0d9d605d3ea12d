#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/json.hpp"

namespace voicebridge::twilio {

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
VOICEBRIDGE_API CallStatus call_status(std::string_view text) noexcept;
/// Whether nothing follows: completed, busy, failed, no-answer, canceled.
VOICEBRIDGE_API bool is_final(CallStatus status) noexcept;

/// A call as the API tells of it. What it does not tell is empty.
struct Call {
  std::string sid;
  std::string parent_sid;
  CallStatus status = CallStatus::unknown;
  std::string direction;  ///< "inbound", "outbound-api", "outbound-dial", "trunking-…"
  std::string from;
  std::string to;
  std::string answered_by;                       ///< "human", "machine_start" …
  std::optional<std::chrono::seconds> duration;  ///< Known at the end.
  std::string price;                             ///< Decimal text, negative; known after the end.
  std::string price_unit;                        ///< "USD"
  Json document;                                 ///< The whole answer.
};

struct Conference {
  std::string sid;
  std::string friendly_name;
  std::string status;        ///< "init", "in-progress", "completed"
  std::string reason_ended;  ///< "conference-ended-via-api" …
  std::string call_sid_ending_conference;
  Json document;
};

struct Participant {
  std::string call_sid;
  std::string conference_sid;
  std::string label;
  std::string status;  ///< "queued", "connecting", "ringing", "connected", "complete", "failed"
  bool muted = false;
  bool hold = false;
  bool coaching = false;
  std::string call_sid_to_coach;
  bool end_conference_on_exit = false;
  std::optional<std::chrono::milliseconds> queue_time;  ///< Told when it is created.
  Json document;
};

struct Recording {
  std::string sid;
  std::string call_sid;
  std::string status;  ///< "in-progress", "paused", "stopped", "completed", "absent" …
  Json document;
};

/// A one-way copy of a call's audio. (A two-way one is a verb: `connect`.)
struct Stream {
  std::string sid;
  std::string call_sid;
  std::string name;
  std::string status;  ///< "in-progress", "stopped"
  Json document;
};

}  // namespace voicebridge::twilio
