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
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// What the service says went wrong (`error` of several events).
struct ServiceError {
  std::string type;      ///< "invalid_request_error", "server_error" …
  std::string code;      ///< The service's word for it, such as "invalid_api_key".
  std::string message;   ///< A sentence for a person.
  std::string param;     ///< Dotted path of the member at fault.
  std::string event_id;  ///< Of the client event that caused it.
  OtherMembers more;     ///< Members that no other here stands for, as they came.
};

/// A piece of an item's content, or the `part` of a content part event.
struct ContentPart {
  /// "input_text", "input_audio", "input_image", "output_text", "output_audio"; of a `part` "text",
  /// "audio".
  std::string type;
  std::string text;        ///< Of a part that is text.
  std::string transcript;  ///< What was said, of a part that is audio.
  std::string audio;       ///< base64; from the service in `conversation.item.retrieved` only.
  std::string image_url;   ///< A `data:` address of a PNG or JPEG.
  std::string detail;      ///< Of an image: "auto", "low", "high".
  OtherMembers more;       ///< Members that no other here stands for, as they came.
};

/// A tool that an MCP server offers.
struct McpListedTool {
  std::string name;                     ///< The tool's name.
  std::string description;              ///< When to call it, for the model.
  JsonText input_schema{"{}"};          ///< A JSON Schema of its arguments.
  std::optional<JsonText> annotations;  ///< What the server says of it beside that.
  OtherMembers more;                    ///< Members that no other here stands for, as they came.
};

/// Why a call of an MCP tool failed.
struct McpError {
  std::string type;                  ///< "protocol_error", "tool_execution_error", "http_error"
  std::optional<std::int64_t> code;  ///< The service's word for it, such as "invalid_api_key".
  std::string message;               ///< A sentence for a person.
  OtherMembers more;                 ///< Members that no other here stands for, as they came.
};

/// An item of the conversation. Members that its type does not have are empty.
struct ConversationItem {
  std::string id;      ///< The service's.
  std::string object;  ///< "realtime.item"; from the service only.
  /// "message", "function_call", "function_call_output", "mcp_list_tools", "mcp_call",
  /// "mcp_approval_request", "mcp_approval_response"; "item_reference" in `ResponseConfig::input`.
  std::string type;
  std::string status;                ///< "completed", "incomplete", "in_progress"
  std::string role;                  ///< Messages: "system", "user", "assistant".
  std::vector<ContentPart> content;  ///< Of a message, in order.
  std::string call_id;               ///< Ties a function call and its output together.
  std::string server_label;          ///< Whose tool it is, of MCP items.
  std::string name;                  ///< The tool's name.
  std::string arguments;             ///< JSON text as the model wrote it: may be anything.
  std::string output;                ///< Of a call: what came of it; of a response: its items.
  std::optional<McpError> error;     ///< What failed.
  std::vector<McpListedTool> tools;  ///< Of an "mcp_list_tools".
  std::string approval_request_id;   ///< Which request an answer is to.
  std::optional<bool> approve;       ///< Of an "mcp_approval_response", with `reason`.
  std::string reason;                ///< Why it was approved or not.
  OtherMembers more;                 ///< Members that no other here stands for, as they came.
};
///@{
/// Whether both say the same on the wire.
VOICEBRIDGE_API bool operator==(const ConversationItem& a, const ConversationItem& b);
inline bool operator!=(const ConversationItem& a, const ConversationItem& b) { return !(a == b); }
///@}

/// Tokens of one response.
struct TokenUsage {
  /// Of the input, what was cached.
  struct Cached {
    std::int64_t text_tokens = 0;   ///< Of text.
    std::int64_t audio_tokens = 0;  ///< Of audio.
    std::int64_t image_tokens = 0;  ///< Of pictures.
    OtherMembers more;              ///< Members that no other here stands for, as they came.
  };
  /// Input tokens by kind.
  struct Input {
    std::int64_t text_tokens = 0;    ///< Of text.
    std::int64_t audio_tokens = 0;   ///< Of audio.
    std::int64_t image_tokens = 0;   ///< Of pictures.
    std::int64_t cached_tokens = 0;  ///< Included in the three above.
    Cached cached_tokens_details;    ///< What was cached, by kind.
    OtherMembers more;               ///< Members that no other here stands for, as they came.
  };
  /// Output tokens by kind.
  struct Output {
    std::int64_t text_tokens = 0;   ///< Of text.
    std::int64_t audio_tokens = 0;  ///< Of audio.
    OtherMembers more;              ///< Members that no other here stands for, as they came.
  };
  std::int64_t total_tokens = 0;   ///< Input and output.
  std::int64_t input_tokens = 0;   ///< All of the input, what was cached included.
  std::int64_t output_tokens = 0;  ///< All of the output.
  Input input_token_details;       ///< The input by kind.
  Output output_token_details;     ///< The output by kind.
  OtherMembers more;               ///< Members that no other here stands for, as they came.
};

/// How a response ended.
struct StatusDetails {
  std::string type;    ///< Which kind; the values are the service's.
  std::string reason;  ///< "turn_detected", "client_cancelled", "max_output_tokens" …
  std::optional<ServiceError> error;  ///< What failed.
  OtherMembers more;                  ///< Members that no other here stands for, as they came.
};

/// `response` of `response.created` and `response.done`.
struct Response {
  std::string id;      ///< The service's.
  std::string object;  ///< What it is: "realtime.response" and the like.
  std::string status;  ///< "in_progress", "completed", "cancelled", "failed", "incomplete"
  std::optional<StatusDetails> status_details;  ///< Why it ended as it did; nothing while it runs.
  std::vector<ConversationItem> output;  ///< Of a call: what came of it; of a response: its items.
  /// Null: nothing of the response enters the conversation.
  Nullable<std::string> conversation_id;
  std::vector<std::string> output_modalities;   ///< {"audio"} or {"text"}
  std::optional<TokenLimit> max_output_tokens;  ///< What it may take.
  AudioConfig audio;                            ///< Format and voice.
  std::optional<TokenUsage> usage;              ///< Tokens; nothing while it runs.
  std::map<std::string, std::string> metadata;  ///< As it was asked for with.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};

/// `session` of `session.created` and `session.updated`.
struct SessionInfo : SessionConfig {
  std::string id;               ///< The service's.
  std::string object;           ///< What it is: "realtime.response" and the like.
  std::int64_t expires_at = 0;  ///< Unix seconds; 0: unknown.
};

/// What the transcription of the caller's words cost: tokens or seconds.
struct TranscriptionUsage {
  /// Input tokens by kind.
  struct Input {
    std::int64_t text_tokens = 0;   ///< Of text.
    std::int64_t audio_tokens = 0;  ///< Of audio.
    OtherMembers more;              ///< Members that no other here stands for, as they came.
  };
  std::string type;                ///< "tokens" or "duration"
  std::int64_t total_tokens = 0;   ///< Input and output.
  std::int64_t input_tokens = 0;   ///< All of the input, what was cached included.
  Input input_token_details;       ///< The input by kind.
  std::int64_t output_tokens = 0;  ///< All of the output.
  double seconds = 0;              ///< Of audio, where time is counted.
  OtherMembers more;               ///< Members that no other here stands for, as they came.
};

/// How sure the transcription is of a token.
struct LogProb {
  std::string token;                ///< The text of the token.
  double logprob = 0;               ///< Natural logarithm of its probability.
  std::vector<std::int64_t> bytes;  ///< Of the token in UTF-8.
  OtherMembers more;                ///< Members that no other here stands for, as they came.
};

/// A language that was heard.
struct HeardLanguage {
  std::string code;   ///< The service's word for it, such as "invalid_api_key".
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};

/// `conversation` of `conversation.created`.
struct ConversationInfo {
  std::string id;      ///< The service's.
  std::string object;  ///< What it is: "realtime.response" and the like.
  OtherMembers more;   ///< Members that no other here stands for, as they came.
};

/// One line of `rate_limits.updated`.
struct RateLimit {
  std::string name;            ///< "requests", "tokens"
  std::int64_t limit = 0;      ///< Of the account.
  std::int64_t remaining = 0;  ///< What is left of it.
  double reset_seconds = 0;    ///< Until it is full again.
  OtherMembers more;           ///< Members that no other here stands for, as they came.
};

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
