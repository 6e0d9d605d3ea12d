#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "voicebridge/core/json.hpp"

namespace voicebridge::openai {

/// What the service says went wrong (`error` of several events). Absent and null members are empty.
struct ServiceError {
  std::string type;  ///< "invalid_request_error", "server_error" …
  std::string code;
  std::string message;
  std::string param;     ///< Dotted path of the member at fault.
  std::string event_id;  ///< Of the client event that caused it.
};

/// A piece of an item's content, or the `part` of a content part event.
struct ContentPart {
  std::string
      type;  ///< "input_text", "input_audio", "output_text", "output_audio", "text", "audio" …
  std::string text;
  std::string transcript;
  std::string audio;  ///< base64; in `conversation.item.retrieved` only.
};

/// An item of the conversation. Members that its type does not have are empty.
struct ConversationItem {
  std::string id;
  std::string type;    ///< "message", "function_call", "function_call_output", "mcp_call" …
  std::string status;  ///< "completed", "incomplete", "in_progress"
  std::string role;    ///< Messages: "system", "user", "assistant".
  std::vector<ContentPart> content;
  std::string call_id;
  std::string name;
  std::string arguments;  ///< JSON text as the model wrote it: may be anything.
  std::string output;
  std::string server_label;
  std::string approval_request_id;
};

/// Tokens of one response. What the service left out is 0.
struct TokenUsage {
  std::int64_t total = 0;
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t input_text = 0;
  std::int64_t input_audio = 0;
  std::int64_t input_image = 0;
  std::int64_t input_cached = 0;  ///< Included in `input`, as are the next three.
  std::int64_t cached_text = 0;
  std::int64_t cached_audio = 0;
  std::int64_t cached_image = 0;
  std::int64_t output_text = 0;
  std::int64_t output_audio = 0;
};

/// `response` of `response.created` and `response.done`.
struct Response {
  std::string id;
  std::string status;         ///< "in_progress", "completed", "cancelled", "failed", "incomplete"
  std::string status_reason;  ///< "turn_detected", "client_cancelled", "max_output_tokens" …
  std::optional<ServiceError> error;  ///< Of a failed one.
  std::vector<ConversationItem> output;
  std::map<std::string, std::string> metadata;
  std::string conversation_id;
  bool out_of_band = false;  ///< `conversation_id` is null: nothing of it enters the conversation.
  std::vector<std::string> output_modalities;
  std::string voice;
  std::optional<TokenUsage> usage;
};

/// `session` of `session.created` and `session.updated`. The rest is in `ServerEvent::json`.
struct SessionInfo {
  std::string id;
  std::string type;  ///< "realtime" or "transcription"
  std::string model;
  std::int64_t expires_at = 0;  ///< Unix seconds.
  std::string instructions;
  std::string input_format;  ///< "audio/pcm", "audio/pcmu", "audio/pcma"
  std::string output_format;
  std::string voice;
  std::string transcription_model;
  std::string turn_detection;  ///< "server_vad", "semantic_vad"; empty: off.
};

/// What the transcription of the caller's words cost: tokens or seconds.
struct TranscriptionUsage {
  std::string type;  ///< "tokens" or "duration"
  std::int64_t total_tokens = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  double seconds = 0;
};

/// One line of `rate_limits.updated`.
struct RateLimit {
  std::string name;  ///< "requests", "tokens"
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  double reset_seconds = 0;
};

}  // namespace voicebridge::openai
