#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/openai/conversation.hpp"

/// Every event that the Realtime service sends (API reference, "Server events"), as a type each.
/// Parsing is tolerant: members that are missing, null or of a wrong type are empty or 0, unknown
/// ones are kept in `more`.
namespace voicebridge::openai {

/// An event whose type this version does not know; the rest of it is in `ServerEvent::more`.
struct UnknownEvent {
  std::string type;
};

/// Where in a response something belongs.
struct PartPosition {
  std::string response_id;
  std::string item_id;
  std::int64_t output_index = 0;
  std::int64_t content_index = 0;
};

/// Something failed; the session mostly lives on.
struct ErrorEvent {
  static constexpr std::string_view kType = "error";
  ServiceError error;
};

/// The first event of a connection.
struct SessionCreated {
  static constexpr std::string_view kType = "session.created";
  SessionInfo session;
};

struct SessionUpdated {
  static constexpr std::string_view kType = "session.updated";
  SessionInfo session;
};

struct ConversationCreated {
  static constexpr std::string_view kType = "conversation.created";
  ConversationInfo conversation;
};

struct ItemAdded {
  static constexpr std::string_view kType = "conversation.item.added";
  ConversationItem item;
  std::string previous_item_id;
};

struct ItemDone {
  static constexpr std::string_view kType = "conversation.item.done";
  ConversationItem item;
  std::string previous_item_id;
};

/// The beta's name for both of the above.
struct ItemCreated {
  static constexpr std::string_view kType = "conversation.item.created";
  ConversationItem item;
  std::string previous_item_id;
};

struct ItemRetrieved {
  static constexpr std::string_view kType = "conversation.item.retrieved";
  ConversationItem item;
};

struct ItemTruncated {
  static constexpr std::string_view kType = "conversation.item.truncated";
  std::string item_id;
  std::int64_t content_index = 0;
  std::int64_t audio_end_ms = 0;
};

struct ItemDeleted {
  static constexpr std::string_view kType = "conversation.item.deleted";
  std::string item_id;
};

struct InputTranscriptionDelta {
  static constexpr std::string_view kType = "conversation.item.input_audio_transcription.delta";
  std::string item_id;
  std::int64_t content_index = 0;
  std::string delta;
  std::vector<LogProb> logprobs;
};

struct InputTranscriptionSegment {
  static constexpr std::string_view kType = "conversation.item.input_audio_transcription.segment";
  std::string item_id;
  std::int64_t content_index = 0;
  std::string id;
  std::string text;
  std::string speaker;
  double start = 0;  ///< Seconds.
  double end = 0;
};

struct InputTranscriptionCompleted {
  static constexpr std::string_view kType = "conversation.item.input_audio_transcription.completed";
  std::string item_id;
  std::int64_t content_index = 0;
  std::string transcript;
  TranscriptionUsage usage;
  std::vector<HeardLanguage> languages;
  std::vector<LogProb> logprobs;
};

struct InputTranscriptionFailed {
  static constexpr std::string_view kType = "conversation.item.input_audio_transcription.failed";
  std::string item_id;
  std::int64_t content_index = 0;
  ServiceError error;
};

struct InputBufferCommitted {
  static constexpr std::string_view kType = "input_audio_buffer.committed";
  std::string item_id;  ///< Of the user item to come.
  std::string previous_item_id;
};

struct InputBufferCleared {
  static constexpr std::string_view kType = "input_audio_buffer.cleared";
};

struct SpeechStarted {
  static constexpr std::string_view kType = "input_audio_buffer.speech_started";
  std::string item_id;
  std::int64_t audio_start_ms = 0;  ///< In audio received, not wall clock.
};

struct SpeechStopped {
  static constexpr std::string_view kType = "input_audio_buffer.speech_stopped";
  std::string item_id;
  std::int64_t audio_end_ms = 0;
};

struct InputTimeoutTriggered {
  static constexpr std::string_view kType = "input_audio_buffer.timeout_triggered";
  std::string item_id;
  std::int64_t audio_start_ms = 0;
  std::int64_t audio_end_ms = 0;
};

/// Calls by SIP only.
struct DtmfReceived {
  static constexpr std::string_view kType = "input_audio_buffer.dtmf_event_received";
  std::string event;
  std::int64_t received_at = 0;  ///< Unix seconds.
};

/// WebRTC and SIP only, like the next two.
struct OutputBufferStarted {
  static constexpr std::string_view kType = "output_audio_buffer.started";
  std::string response_id;
};

struct OutputBufferStopped {
  static constexpr std::string_view kType = "output_audio_buffer.stopped";
  std::string response_id;
};

struct OutputBufferCleared {
  static constexpr std::string_view kType = "output_audio_buffer.cleared";
  std::string response_id;
};

struct ResponseCreated {
  static constexpr std::string_view kType = "response.created";
  Response response;
};

/// The last event of a response, whatever became of it.
struct ResponseDone {
  static constexpr std::string_view kType = "response.done";
  Response response;
};

struct OutputItemAdded {
  static constexpr std::string_view kType = "response.output_item.added";
  std::string response_id;
  std::int64_t output_index = 0;
  ConversationItem item;
};

struct OutputItemDone {
  static constexpr std::string_view kType = "response.output_item.done";
  std::string response_id;
  std::int64_t output_index = 0;
  ConversationItem item;
};

struct ContentPartAdded : PartPosition {
  static constexpr std::string_view kType = "response.content_part.added";
  ContentPart part;
};

struct ContentPartDone : PartPosition {
  static constexpr std::string_view kType = "response.content_part.done";
  ContentPart part;
};

struct OutputTextDelta : PartPosition {
  static constexpr std::string_view kType = "response.output_text.delta";
  std::string delta;
};

struct OutputTextDone : PartPosition {
  static constexpr std::string_view kType = "response.output_text.done";
  std::string text;
};

struct OutputAudioDelta : PartPosition {
  static constexpr std::string_view kType = "response.output_audio.delta";
  std::string delta;  ///< base64 in the session's output format.
};

/// Comes for interrupted audio as well.
struct OutputAudioDone : PartPosition {
  static constexpr std::string_view kType = "response.output_audio.done";
};

struct OutputTranscriptDelta : PartPosition {
  static constexpr std::string_view kType = "response.output_audio_transcript.delta";
  std::string delta;
};

struct OutputTranscriptDone : PartPosition {
  static constexpr std::string_view kType = "response.output_audio_transcript.done";
  std::string transcript;
};

struct FunctionArgumentsDelta : PartPosition {
  static constexpr std::string_view kType = "response.function_call_arguments.delta";
  std::string call_id;
  std::string delta;
};

struct FunctionArgumentsDone : PartPosition {
  static constexpr std::string_view kType = "response.function_call_arguments.done";
  std::string call_id;
  std::string name;
  std::string arguments;
};

struct McpArgumentsDelta : PartPosition {
  static constexpr std::string_view kType = "response.mcp_call_arguments.delta";
  std::string delta;
};

struct McpArgumentsDone : PartPosition {
  static constexpr std::string_view kType = "response.mcp_call_arguments.done";
  std::string arguments;
};

struct McpCallInProgress {
  static constexpr std::string_view kType = "response.mcp_call.in_progress";
  std::string item_id;
  std::int64_t output_index = 0;
};

struct McpCallCompleted {
  static constexpr std::string_view kType = "response.mcp_call.completed";
  std::string item_id;
  std::int64_t output_index = 0;
};

struct McpCallFailed {
  static constexpr std::string_view kType = "response.mcp_call.failed";
  std::string item_id;
  std::int64_t output_index = 0;
};

struct McpListToolsInProgress {
  static constexpr std::string_view kType = "mcp_list_tools.in_progress";
  std::string item_id;
};

struct McpListToolsCompleted {
  static constexpr std::string_view kType = "mcp_list_tools.completed";
  std::string item_id;
};

struct McpListToolsFailed {
  static constexpr std::string_view kType = "mcp_list_tools.failed";
  std::string item_id;
};

struct RateLimitsUpdated {
  static constexpr std::string_view kType = "rate_limits.updated";
  std::vector<RateLimit> rate_limits;
};

using ServerEventBody = std::variant<
    UnknownEvent, ErrorEvent, SessionCreated, SessionUpdated, ConversationCreated, ItemAdded,
    ItemDone, ItemCreated, ItemRetrieved, ItemTruncated, ItemDeleted, InputTranscriptionDelta,
    InputTranscriptionSegment, InputTranscriptionCompleted, InputTranscriptionFailed,
    InputBufferCommitted, InputBufferCleared, SpeechStarted, SpeechStopped, InputTimeoutTriggered,
    DtmfReceived, OutputBufferStarted, OutputBufferStopped, OutputBufferCleared, ResponseCreated,
    ResponseDone, OutputItemAdded, OutputItemDone, ContentPartAdded, ContentPartDone,
    OutputTextDelta, OutputTextDone, OutputAudioDelta, OutputAudioDone, OutputTranscriptDelta,
    OutputTranscriptDone, FunctionArgumentsDelta, FunctionArgumentsDone, McpArgumentsDelta,
    McpArgumentsDone, McpCallInProgress, McpCallCompleted, McpCallFailed, McpListToolsInProgress,
    McpListToolsCompleted, McpListToolsFailed, RateLimitsUpdated>;

/// One event.
struct ServerEvent {
  std::string event_id;  ///< Empty when there was none.
  ServerEventBody body;
  OtherMembers more;  ///< Its members that the type does not know.
  Json json;  ///< The whole event as it came; it counts neither in writing nor in comparing.
};
VOICEBRIDGE_API bool operator==(const ServerEvent& a, const ServerEvent& b);
inline bool operator!=(const ServerEvent& a, const ServerEvent& b) { return !(a == b); }

/// How large an event may be: `conversation.item.retrieved` carries the audio of a whole turn.
inline constexpr JsonLimits kServerEventLimits{std::size_t{16} << 20, 64};

/// Parses one text message of the service. The names of the beta protocol are understood as well.
/// @return `Errc::protocol_error` when it is not a JSON object with a string `type`,
/// `payload_too_large` beyond the limits.
VOICEBRIDGE_API Result<ServerEvent> parse_server_event(std::string_view text,
                                                       JsonLimits limits = kServerEventLimits);

/// Writes an event as the service does. @return `Errc::invalid_argument` naming a `JsonText` that
/// is not JSON.
VOICEBRIDGE_API Result<std::string> to_json(const ServerEvent& event);

/// The type as it stands on the wire, such as "response.done".
VOICEBRIDGE_API std::string_view type_name(const ServerEventBody& body) noexcept;

}  // namespace voicebridge::openai
