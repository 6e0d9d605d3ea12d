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
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// An event whose type this version does not know; the rest of it is in `ServerEvent::more`.
struct UnknownEvent {
  std::string type;  ///< The service's word for the event.
};

/// Where in a response something belongs.
struct PartPosition {
  std::string response_id;         ///< Which answer.
  std::string item_id;             ///< Which item.
  std::int64_t output_index = 0;   ///< Which item of the answer, from 0.
  std::int64_t content_index = 0;  ///< Which part of the item's content, from 0.
};

/// Something failed; the session mostly lives on.
struct ErrorEvent {
  static constexpr std::string_view kType = "error";  ///< On the wire.
  ServiceError error;                                 ///< What went wrong.
};

/// The first event of a connection.
struct SessionCreated {
  static constexpr std::string_view kType = "session.created";  ///< On the wire.
  SessionInfo session;                                          ///< As it is now.
};

/// A `session.update` was taken over.
struct SessionUpdated {
  static constexpr std::string_view kType = "session.updated";  ///< On the wire.
  SessionInfo session;                                          ///< As it is now.
};

/// The conversation of the session, once.
struct ConversationCreated {
  static constexpr std::string_view kType = "conversation.created";  ///< On the wire.
  ConversationInfo conversation;                                     ///< Its id.
};

/// An item has come into the conversation; its content may follow.
struct ItemAdded {
  static constexpr std::string_view kType = "conversation.item.added";  ///< On the wire.
  ConversationItem item;         ///< The item, as far as it is known.
  std::string previous_item_id;  ///< Behind which item it stands; empty: it is the first.
};

/// An item is complete.
struct ItemDone {
  static constexpr std::string_view kType = "conversation.item.done";  ///< On the wire.
  ConversationItem item;                                               ///< The item, complete.
  std::string previous_item_id;  ///< Behind which item it stands; empty: it is the first.
};

/// The beta's name for both of the above.
struct ItemCreated {
  static constexpr std::string_view kType = "conversation.item.created";  ///< On the wire.
  ConversationItem item;         ///< The item, as far as it is known.
  std::string previous_item_id;  ///< Behind which item it stands; empty: it is the first.
};

/// What an `ItemRetrieve` asked for, audio included.
struct ItemRetrieved {
  static constexpr std::string_view kType = "conversation.item.retrieved";  ///< On the wire.
  ConversationItem item;                                                    ///< The item, complete.
};

/// An item of the agent was cut, as an `ItemTruncate` asked.
struct ItemTruncated {
  static constexpr std::string_view kType = "conversation.item.truncated";  ///< On the wire.
  std::string item_id;                                                      ///< Which item.
  std::int64_t content_index = 0;  ///< Which part of the item's content, from 0.
  std::int64_t audio_end_ms = 0;   ///< In the session's audio.
};

/// An item is gone, as an `ItemDelete` asked.
struct ItemDeleted {
  static constexpr std::string_view kType = "conversation.item.deleted";  ///< On the wire.
  std::string item_id;                                                    ///< Which item.
};

/// Some words of the caller.
struct InputTranscriptionDelta {
  /// On the wire.
  static constexpr std::string_view kType = "conversation.item.input_audio_transcription.delta";
  std::string item_id;             ///< Which item.
  std::int64_t content_index = 0;  ///< Which part of the item's content, from 0.
  std::string delta;               ///< What comes behind the deltas before.
  std::vector<LogProb> logprobs;   ///< How sure the model is, token by token; when asked for.
};

/// A stretch of the caller's words with its times; models that tell speakers apart.
struct InputTranscriptionSegment {
  /// On the wire.
  static constexpr std::string_view kType = "conversation.item.input_audio_transcription.segment";
  std::string item_id;             ///< Which item.
  std::int64_t content_index = 0;  ///< Which part of the item's content, from 0.
  std::string id;                  ///< The service's.
  std::string text;                ///< All of it.
  std::string speaker;             ///< Who of several it was.
  double start = 0;                ///< Seconds.
  double end = 0;                  ///< Seconds.
};

/// All words of a turn of the caller.
struct InputTranscriptionCompleted {
  /// On the wire.
  static constexpr std::string_view kType = "conversation.item.input_audio_transcription.completed";
  std::string item_id;                   ///< Which item.
  std::int64_t content_index = 0;        ///< Which part of the item's content, from 0.
  std::string transcript;                ///< All of it.
  TranscriptionUsage usage;              ///< What it took.
  std::vector<HeardLanguage> languages;  ///< Which were heard.
  std::vector<LogProb> logprobs;         ///< How sure the model is, token by token; when asked for.
};

/// A turn of the caller could not be transcribed.
struct InputTranscriptionFailed {
  /// On the wire.
  static constexpr std::string_view kType = "conversation.item.input_audio_transcription.failed";
  std::string item_id;             ///< Which item.
  std::int64_t content_index = 0;  ///< Which part of the item's content, from 0.
  ServiceError error;              ///< What went wrong.
};

/// Audio of the caller has become an item.
struct InputBufferCommitted {
  static constexpr std::string_view kType = "input_audio_buffer.committed";  ///< On the wire.
  std::string item_id;           ///< Of the user item to come.
  std::string previous_item_id;  ///< Behind which item it stands; empty: it is the first.
};

/// Audio that was not committed is forgotten.
struct InputBufferCleared {
  static constexpr std::string_view kType = "input_audio_buffer.cleared";  ///< On the wire.
};

/// The service hears the caller begin.
struct SpeechStarted {
  static constexpr std::string_view kType = "input_audio_buffer.speech_started";  ///< On the wire.
  std::string item_id;                                                            ///< Which item.
  std::int64_t audio_start_ms = 0;  ///< In audio received, not wall clock.
};

/// The service hears the caller stop.
struct SpeechStopped {
  static constexpr std::string_view kType = "input_audio_buffer.speech_stopped";  ///< On the wire.
  std::string item_id;                                                            ///< Which item.
  std::int64_t audio_end_ms = 0;  ///< In the session's audio.
};

/// The caller was silent for `idle_timeout_ms`.
struct InputTimeoutTriggered {
  /// On the wire.
  static constexpr std::string_view kType = "input_audio_buffer.timeout_triggered";
  std::string item_id;              ///< Which item.
  std::int64_t audio_start_ms = 0;  ///< In the session's audio.
  std::int64_t audio_end_ms = 0;    ///< In the session's audio.
};

/// Calls by SIP only.
struct DtmfReceived {
  /// On the wire.
  static constexpr std::string_view kType = "input_audio_buffer.dtmf_event_received";
  std::string event;             ///< The key: 0-9, A-D, * or #.
  std::int64_t received_at = 0;  ///< Unix seconds.
};

/// WebRTC and SIP only, like the next two.
struct OutputBufferStarted {
  static constexpr std::string_view kType = "output_audio_buffer.started";  ///< On the wire.
  std::string response_id;                                                  ///< Which answer.
};

/// The caller has heard the answer to its end.
struct OutputBufferStopped {
  static constexpr std::string_view kType = "output_audio_buffer.stopped";  ///< On the wire.
  std::string response_id;                                                  ///< Which answer.
};

/// What the caller had not heard was thrown away.
struct OutputBufferCleared {
  static constexpr std::string_view kType = "output_audio_buffer.cleared";  ///< On the wire.
  std::string response_id;                                                  ///< Which answer.
};

/// An answer has begun.
struct ResponseCreated {
  static constexpr std::string_view kType = "response.created";  ///< On the wire.
  Response response;                                             ///< As it is now.
};

/// The last event of a response, whatever became of it.
struct ResponseDone {
  static constexpr std::string_view kType = "response.done";  ///< On the wire.
  Response response;                                          ///< As it is now.
};

/// An answer has an item more.
struct OutputItemAdded {
  static constexpr std::string_view kType = "response.output_item.added";  ///< On the wire.
  std::string response_id;                                                 ///< Which answer.
  std::int64_t output_index = 0;  ///< Which item of the answer, from 0.
  ConversationItem item;          ///< The item, as far as it is known.
};

/// An item of an answer is complete.
struct OutputItemDone {
  static constexpr std::string_view kType = "response.output_item.done";  ///< On the wire.
  std::string response_id;                                                ///< Which answer.
  std::int64_t output_index = 0;  ///< Which item of the answer, from 0.
  ConversationItem item;          ///< The item, complete.
};

/// An item has a part more.
struct ContentPartAdded : PartPosition {
  static constexpr std::string_view kType = "response.content_part.added";  ///< On the wire.
  ContentPart part;                                                         ///< As it is now.
};

/// A part is complete.
struct ContentPartDone : PartPosition {
  static constexpr std::string_view kType = "response.content_part.done";  ///< On the wire.
  ContentPart part;                                                        ///< As it is now.
};

/// Some text of an answer.
struct OutputTextDelta : PartPosition {
  static constexpr std::string_view kType = "response.output_text.delta";  ///< On the wire.
  std::string delta;  ///< What comes behind the deltas before.
};

/// All text of a part.
struct OutputTextDone : PartPosition {
  static constexpr std::string_view kType = "response.output_text.done";  ///< On the wire.
  std::string text;                                                       ///< All of it.
};

/// Some audio of an answer.
struct OutputAudioDelta : PartPosition {
  static constexpr std::string_view kType = "response.output_audio.delta";  ///< On the wire.
  std::string delta;  ///< base64 in the session's output format.
};

/// Comes for interrupted audio as well.
struct OutputAudioDone : PartPosition {
  static constexpr std::string_view kType = "response.output_audio.done";  ///< On the wire.
};

/// Some words of what is said.
struct OutputTranscriptDelta : PartPosition {
  /// On the wire.
  static constexpr std::string_view kType = "response.output_audio_transcript.delta";
  std::string delta;  ///< What comes behind the deltas before.
};

/// All words of what was said.
struct OutputTranscriptDone : PartPosition {
  /// On the wire.
  static constexpr std::string_view kType = "response.output_audio_transcript.done";
  std::string transcript;  ///< All of it.
};

/// Some of the arguments of a function call.
struct FunctionArgumentsDelta : PartPosition {
  /// On the wire.
  static constexpr std::string_view kType = "response.function_call_arguments.delta";
  std::string call_id;  ///< Goes back with the function's output.
  std::string delta;    ///< What comes behind the deltas before.
};

/// A function call is complete.
struct FunctionArgumentsDone : PartPosition {
  /// On the wire.
  static constexpr std::string_view kType = "response.function_call_arguments.done";
  std::string call_id;    ///< Goes back with the function's output.
  std::string name;       ///< The function's.
  std::string arguments;  ///< JSON text as the model wrote it: may be anything.
};

/// Some of the arguments of an MCP call.
struct McpArgumentsDelta : PartPosition {
  static constexpr std::string_view kType = "response.mcp_call_arguments.delta";  ///< On the wire.
  std::string delta;  ///< What comes behind the deltas before.
};

/// The arguments of an MCP call are complete.
struct McpArgumentsDone : PartPosition {
  static constexpr std::string_view kType = "response.mcp_call_arguments.done";  ///< On the wire.
  std::string arguments;  ///< JSON text as the model wrote it: may be anything.
};

/// The service calls an MCP tool.
struct McpCallInProgress {
  static constexpr std::string_view kType = "response.mcp_call.in_progress";  ///< On the wire.
  std::string item_id;                                                        ///< Which item.
  std::int64_t output_index = 0;  ///< Which item of the answer, from 0.
};

/// An MCP tool has answered.
struct McpCallCompleted {
  static constexpr std::string_view kType = "response.mcp_call.completed";  ///< On the wire.
  std::string item_id;                                                      ///< Which item.
  std::int64_t output_index = 0;  ///< Which item of the answer, from 0.
};

/// An MCP tool has failed.
struct McpCallFailed {
  static constexpr std::string_view kType = "response.mcp_call.failed";  ///< On the wire.
  std::string item_id;                                                   ///< Which item.
  std::int64_t output_index = 0;  ///< Which item of the answer, from 0.
};

/// The service asks an MCP server for its tools.
struct McpListToolsInProgress {
  static constexpr std::string_view kType = "mcp_list_tools.in_progress";  ///< On the wire.
  std::string item_id;                                                     ///< Which item.
};

/// The tools of an MCP server are known.
struct McpListToolsCompleted {
  static constexpr std::string_view kType = "mcp_list_tools.completed";  ///< On the wire.
  std::string item_id;                                                   ///< Which item.
};

/// An MCP server's tools could not be had.
struct McpListToolsFailed {
  static constexpr std::string_view kType = "mcp_list_tools.failed";  ///< On the wire.
  std::string item_id;                                                ///< Which item.
};

/// What is left of the account's limits.
struct RateLimitsUpdated {
  static constexpr std::string_view kType = "rate_limits.updated";  ///< On the wire.
  std::vector<RateLimit> rate_limits;                               ///< One for each kind.
};

/// Any event of the service; `UnknownEvent` stands for types that this version does not know.
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
  ServerEventBody body;  ///< Which event, and what it says.
  OtherMembers more;     ///< Its members that the type does not know.
  Json json;  ///< The whole event as it came; it counts neither in writing nor in comparing.
};
///@{
/// Whether both say the same on the wire.
VOICEBRIDGE_API bool operator==(const ServerEvent& a, const ServerEvent& b);
inline bool operator!=(const ServerEvent& a, const ServerEvent& b) { return !(a == b); }
///@}

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

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
