#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "voicebridge/core/json.hpp"
#include "voicebridge/openai/session_config.hpp"

/// What the events of the Realtime API are made of. Members are named as they are on the wire; what
/// the service left out or sent as null is empty or 0 unless it says otherwise. `more` keeps
/// members that this version does not know.
namespace voicebridge::openai {

/// What the service says went wrong (`error` of several events).
struct ServiceError {
  std::string type;  ///< "invalid_request_error", "server_error" …
  std::string code;
  std::string message;
  std::string param;     ///< Dotted path of the member at fault.
  std::string event_id;  ///< Of the client event that caused it.
  OtherMembers more;
};

/// A piece of an item's content, or the `part` of a content part event.
struct ContentPart {
  /// "input_text", "input_audio", "input_image", "output_text", "output_audio"; of a `part` "text",
  /// "audio".
  std::string type;
  std::string text;
  std::string transcript;
  std::string audio;      ///< base64; from the service in `conversation.item.retrieved` only.
  std::string image_url;  ///< A `data:` address of a PNG or JPEG.
  std::string detail;     ///< Of an image: "auto", "low", "high".
  OtherMembers more;
};

/// A tool that an MCP server offers.
struct McpListedTool {
  std::string name;
  std::string description;
  JsonText input_schema{"{}"};
  std::optional<JsonText> annotations;
  OtherMembers more;
};

/// Why a call of an MCP tool failed.
struct McpError {
  std::string type;  ///< "protocol_error", "tool_execution_error", "http_error"
  std::optional<std::int64_t> code;
  std::string message;
  OtherMembers more;
};

/// An item of the conversation. Members that its type does not have are empty.
struct ConversationItem {
  std::string id;
  std::string object;  ///< "realtime.item"; from the service only.
  /// "message", "function_call", "function_call_output", "mcp_list_tools", "mcp_call",
  /// "mcp_approval_request", "mcp_approval_response"; "item_reference" in `ResponseConfig::input`.
  std::string type;
  std::string status;  ///< "completed", "incomplete", "in_progress"
  std::string role;    ///< Messages: "system", "user", "assistant".
  std::vector<ContentPart> content;
  std::string call_id;
  std::string server_label;
  std::string name;
  std::string arguments;  ///< JSON text as the model wrote it: may be anything.
  std::string output;
  std::optional<McpError> error;
  std::vector<McpListedTool> tools;
  std::string approval_request_id;
  std::optional<bool> approve;  ///< Of an "mcp_approval_response", with `reason`.
  std::string reason;
  OtherMembers more;
};
VOICEBRIDGE_API bool operator==(const ConversationItem& a, const ConversationItem& b);
inline bool operator!=(const ConversationItem& a, const ConversationItem& b) { return !(a == b); }

/// Tokens of one response.
struct TokenUsage {
  struct Cached {
    std::int64_t text_tokens = 0;
    std::int64_t audio_tokens = 0;
    std::int64_t image_tokens = 0;
    OtherMembers more;
  };
  struct Input {
    std::int64_t text_tokens = 0;
    std::int64_t audio_tokens = 0;
    std::int64_t image_tokens = 0;
    std::int64_t cached_tokens = 0;  ///< Included in the three above.
    Cached cached_tokens_details;
    OtherMembers more;
  };
  struct Output {
    std::int64_t text_tokens = 0;
    std::int64_t audio_tokens = 0;
    OtherMembers more;
  };
  std::int64_t total_tokens = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  Input input_token_details;
  Output output_token_details;
  OtherMembers more;
};

/// How a response ended.
struct StatusDetails {
  std::string type;
  std::string reason;  ///< "turn_detected", "client_cancelled", "max_output_tokens" …
  std::optional<ServiceError> error;
  OtherMembers more;
};

/// `response` of `response.created` and `response.done`.
struct Response {
  std::string id;
  std::string object;
  std::string status;  ///< "in_progress", "completed", "cancelled", "failed", "incomplete"
  std::optional<StatusDetails> status_details;
  std::vector<ConversationItem> output;
  /// Null: nothing of the response enters the conversation.
  Nullable<std::string> conversation_id;
  std::vector<std::string> output_modalities;
  std::optional<TokenLimit> max_output_tokens;
  AudioConfig audio;
  std::optional<TokenUsage> usage;
  std::map<std::string, std::string> metadata;
  OtherMembers more;
};

/// `session` of `session.created` and `session.updated`.
struct SessionInfo : SessionConfig {
  std::string id;
  std::string object;
  std::int64_t expires_at = 0;  ///< Unix seconds; 0: unknown.
};

/// What the transcription of the caller's words cost: tokens or seconds.
struct TranscriptionUsage {
  struct Input {
    std::int64_t text_tokens = 0;
    std::int64_t audio_tokens = 0;
    OtherMembers more;
  };
  std::string type;  ///< "tokens" or "duration"
  std::int64_t total_tokens = 0;
  std::int64_t input_tokens = 0;
  Input input_token_details;
  std::int64_t output_tokens = 0;
  double seconds = 0;
  OtherMembers more;
};

/// How sure the transcription is of a token.
struct LogProb {
  std::string token;
  double logprob = 0;
  std::vector<std::int64_t> bytes;  ///< Of the token in UTF-8.
  OtherMembers more;
};

/// A language that was heard.
struct HeardLanguage {
  std::string code;
  OtherMembers more;
};

/// `conversation` of `conversation.created`.
struct ConversationInfo {
  std::string id;
  std::string object;
  OtherMembers more;
};

/// One line of `rate_limits.updated`.
struct RateLimit {
  std::string name;  ///< "requests", "tokens"
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  double reset_seconds = 0;
  OtherMembers more;
};

}  // namespace voicebridge::openai
