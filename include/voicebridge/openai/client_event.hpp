#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/call/speech_session.hpp"
#include "voicebridge/core/error.hpp"

/// The events a client sends (API reference, "Client events"), as JSON text in the GA shape.
/// `event_id` comes back in an error about the event (at most 512 characters); empty: none is sent.
namespace voicebridge::openai {

/// What is changed in a session. What is not set keeps its value.
struct SessionUpdate {
  struct Transcription {
    std::string model;  ///< Empty: off.
    std::string language;
  };
  std::optional<std::string> instructions;
  std::optional<std::vector<ToolSpec>> tools;
  std::optional<AudioFormat> input;  ///< G.711, or 16 bit linear little endian at 24 kHz.
  std::optional<AudioFormat> output;
  std::optional<std::string> voice;  ///< Frozen by the service after the first audio.
  std::optional<Transcription> transcription;
  std::optional<TurnDetection> turns;
  std::optional<std::string> noise_reduction;   ///< "near_field", "far_field"; empty: off.
  std::optional<std::string> reasoning_effort;  ///< "minimal" … "xhigh"; models that reason only.
  std::optional<std::int64_t> max_output_tokens;
  std::optional<double> speed;  ///< 0.25 … 1.5
};

/// @return `Errc::unsupported` for an audio format that the service does not speak (`input` or
/// `output`), `invalid_argument` for a tool whose name is empty or whose parameters are not a JSON
/// object.
VOICEBRIDGE_API Result<std::string> session_update(const SessionUpdate& update,
                                                   std::string_view event_id = {});

/// `audio` is base64 in the session's input format, at most 15 MiB of audio.
VOICEBRIDGE_API std::string input_audio_append(std::string_view audio);
VOICEBRIDGE_API std::string input_audio_commit(std::string_view event_id = {});
VOICEBRIDGE_API std::string input_audio_clear(std::string_view event_id = {});

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
