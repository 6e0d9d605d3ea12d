#pragma once

#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/openai/session_config.hpp"

/// The events a client sends (API reference, "Client events"), as JSON text in the GA shape.
/// `event_id` comes back in an error about the event (at most 512 characters); empty: none is sent.
namespace voicebridge::openai {

/// Changes a session: what is not set keeps its value. @return As `to_json`.
VOICEBRIDGE_API Result<std::string> session_update(const SessionConfig& session,
                                                   std::string_view event_id = {});

/// `audio` is base64 in the session's input format, at most 15 MiB of audio.
VOICEBRIDGE_API std::string input_audio_append(std::string_view audio);
VOICEBRIDGE_API std::string input_audio_commit(std::string_view event_id = {});
VOICEBRIDGE_API std::string input_audio_clear(std::string_view event_id = {});
/// WebRTC and SIP only: what the service has not played yet is not played any more.
VOICEBRIDGE_API std::string output_audio_clear(std::string_view event_id = {});

enum class MessageRole { system, user, assistant };

/// Adds a text message at the end of the conversation. `item_id` (at most 32 characters) names it;
/// empty: the service does.
VOICEBRIDGE_API std::string create_message(MessageRole role, std::string_view text,
                                           std::string_view item_id = {},
                                           std::string_view event_id = {});
/// Adds the answer to a function call. `output` is any text; it arrives as one JSON string.
VOICEBRIDGE_API std::string create_function_output(std::string_view call_id,
                                                   std::string_view output,
                                                   std::string_view item_id = {},
                                                   std::string_view event_id = {});
/// Cuts an assistant item to what was heard; the service forgets its transcript. Not beyond its
/// end, and not at 0.
VOICEBRIDGE_API std::string truncate_item(std::string_view item_id, Millis audio_end,
                                          std::string_view event_id = {});
VOICEBRIDGE_API std::string delete_item(std::string_view item_id, std::string_view event_id = {});
VOICEBRIDGE_API std::string retrieve_item(std::string_view item_id, std::string_view event_id = {});

/// A response asked for by the client.
struct ResponseRequest {
  std::string instructions;  ///< Replaces the session's for this response; empty: the session's.
  bool allow_tools = true;
  std::string tag;  ///< Comes back in the response's metadata as `kResponseTag`; empty: none.
};
inline constexpr std::string_view kResponseTag = "voicebridge";

VOICEBRIDGE_API std::string create_response(const ResponseRequest& request,
                                            std::string_view event_id = {});
/// `response_id` empty: whatever runs.
VOICEBRIDGE_API std::string cancel_response(std::string_view response_id = {},
                                            std::string_view event_id = {});

}  // namespace voicebridge::openai
