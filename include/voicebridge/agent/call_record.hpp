#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/agent/price_list.hpp"
#include "voicebridge/call/speech_session.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Where a call stands. The allowed transitions are a table in call_state.cpp.
enum class CallState {
  created,          ///< Nothing has been asked of the carrier yet.
  dialing,          ///< Asked to dial, or an inbound call not answered yet.
  answered,         ///< Somebody or something picked up; audio is not flowing yet.
  talking,          ///< Audio flows.
  leaving_message,  ///< An answering machine: waiting for its beep, then speaking the message.
  ending,           ///< The goodbye is being heard, or the hang-up is on its way.
  ended,
};
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(CallState state) noexcept;
/// Whether a call may go from one to the other.
VOICEBRIDGE_API bool is_allowed(CallState from, CallState to) noexcept;

/// Why a call ended, as it is stored.
enum class EndReason {
  agent_goodbye,  ///< The agent ended it by `end_call`.
  caller_hangup,
  not_reached,  ///< Busy, no answer, declined, unknown number: `detail` has the carrier's word.
  machine,      ///< An answering machine or a fax.
  silence,      ///< Nobody spoke any more.
  length_limit,
  model_failed,    ///< The speech model refused or was lost for good.
  media_failed,    ///< No audio: unknown codec, stream refused or lost.
  cancelled,       ///< By the application or a shutdown.
  carrier_failed,  ///< The carrier refused a command.
  transferred,     ///< The caller was handed to somebody else.
  budget,          ///< It has cost what it may cost.
};
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(EndReason reason) noexcept;

/// One thing that happened in a call. `at` counts from the creation of the call.
struct TimelineEntry {
  Millis at{0};      ///< Since the creation of the call.
  std::string kind;  ///< "state", "leg", "webhook", "media", "speech", "turn", "tool", "barge_in",
                     ///< "dtmf", "amd", "cost", "error"
  std::string detail;  ///< A few words for a person; no secret, no phone number, no spoken text.
  /// Names and values, such as `heard_ms`.
  std::vector<std::pair<std::string, std::string>> fields;
};

/// One turn of either side.
struct TranscriptEntry {
  Speaker speaker = Speaker::caller;  ///< Whose turn it is.
  std::string segment;                ///< Names the turn; for the agent it is the utterance.
  std::string text;                   ///< All that was said, heard or not.
  Millis at{0};                       ///< When it began, from the creation of the call.
  bool interrupted = false;           ///< The agent was cut off.
  std::string heard_text;  ///< What of it was heard, by the share of its audio; the whole text when
                           ///< not interrupted.
  Millis heard{0};         ///< Audio the caller has heard of it.
  Millis sent{0};          ///< Audio handed to the carrier of it.
};

/// Barge-in as it was decided.
struct BargeIn {
  Millis at{0};           ///< Since the creation of the call.
  std::string utterance;  ///< The utterance that was cut.
  Millis heard{0};        ///< Of it, when it was cut.
  Millis sent{0};         ///< Of it, handed to the carrier.
  Millis error_bound{0};  ///< Half of the span in which the truth lies.
};

/// How quick the call was.
struct CallLatencies {
  std::optional<Millis>
      answer_to_first_audio;  ///< Answered until the first agent audio went to the carrier.
  std::vector<Millis> end_of_speech_to_first_audio;  ///< One for each answered turn.
};

/// Counters of one call. Bytes are those of the leg's format; of a leg that speaks G.722 or Opus
/// they are those of the linear audio at its sample rate, which it is decoded to.
struct CallCounters {
  std::uint64_t caller_bytes = 0;            ///< Received from the carrier.
  std::uint64_t caller_bytes_forwarded = 0;  ///< Given to the model.
  std::uint64_t caller_bytes_dropped = 0;  ///< Lost from the ring because the model came too late.
  std::uint64_t caller_frames_undecodable = 0;  ///< Concealed as if they had been lost.
  std::uint64_t caller_bytes_replayed = 0;      ///< Given to a second session after a loss.
  std::uint64_t gap_bytes_filled = 0;           ///< Silence put where the carrier sent nothing.
  std::uint64_t agent_bytes = 0;                ///< Received from the model.
  std::uint64_t agent_bytes_sent = 0;           ///< Handed to the carrier, padding excluded.
  std::uint64_t agent_bytes_padding = 0;        ///< Silence behind the last frames of utterances.
  std::uint64_t agent_bytes_cut = 0;            ///< Dropped here by barge-in before they were sent.
  std::uint64_t agent_bytes_overflow = 0;       ///< Beyond the play-out queue's limit.
  std::uint64_t model_reopened = 0;             ///< Lost sessions that were opened again.
  std::uint64_t model_rolled_over = 0;  ///< Sessions whose successor took over before their end.
  /// Answers that failed or did not come, and were asked for again.
  std::uint64_t replies_retried = 0;
};

/// All that is known of a call; final when it has ended.
struct CallRecord {
  std::string call_id;                      ///< Ours.
  CallState state = CallState::created;     ///< Where it is.
  std::optional<EndReason> end_reason;      ///< Why it ended; nothing while it runs.
  std::string end_detail;                   ///< More of that, such as the carrier's cause.
  Millis duration{0};                       ///< From creation to the end.
  std::string lane;                         ///< "PCMU/8000 pass-through" or why it is transcoded.
  std::vector<TimelineEntry> timeline;      ///< What happened, in order.
  std::vector<TranscriptEntry> transcript;  ///< Turns, in the order in which they began.
  std::vector<BargeIn> barge_ins;           ///< Interruptions of the agent, in order.
  CallLatencies latencies;                  ///< How quick it was.
  CallCounters counters;                    ///< What was moved, and lost.
  SpeechUsage usage;     ///< Of all answers together; the model is that of the last.
  HearingUsage hearing;  ///< Of all transcriptions together.
  CallCost cost;         ///< What the model took, as far as its prices are known.
};

/// What the call has used, as one JSON object: `answers` and `transcription` with tokens by kind
/// and the model, `usd`, and `unpriced_models` when there are any.
VOICEBRIDGE_API std::string usage_json(const CallRecord& record);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
