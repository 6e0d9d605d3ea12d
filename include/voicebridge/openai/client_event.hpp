#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/openai/conversation.hpp"
#include "voicebridge/openai/server_event.hpp"
#include "voicebridge/openai/session_config.hpp"

/// The events that a client sends (API reference, "Client events"), as a type each, in the GA
/// shape; further down functions that write the usual ones.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// Changes a session: what is not set keeps its value.
struct SessionUpdate {
  static constexpr std::string_view kType = "session.update";  ///< On the wire.
  SessionConfig session;                                       ///< What changes.
};

/// Audio of the caller, behind what was sent before.
struct InputAudioAppend {
  static constexpr std::string_view kType = "input_audio_buffer.append";  ///< On the wire.
  std::string audio;  ///< base64 in the session's input format, at most 15 MiB of audio.
};

/// Manual turns: what was sent is the caller's turn.
struct InputAudioCommit {
  static constexpr std::string_view kType = "input_audio_buffer.commit";  ///< On the wire.
};

/// What was sent and not committed is forgotten.
struct InputAudioClear {
  static constexpr std::string_view kType = "input_audio_buffer.clear";  ///< On the wire.
};

/// Adds an item to the conversation.
struct ItemCreate {
  static constexpr std::string_view kType = "conversation.item.create";  ///< On the wire.
  ConversationItem item;                        ///< The item; without an id the service makes one.
  std::optional<std::string> previous_item_id;  ///< Left out: at the end; "root": at the front.
};

/// Answered by `ItemRetrieved`, with its audio.
struct ItemRetrieve {
  static constexpr std::string_view kType = "conversation.item.retrieve";  ///< On the wire.
  std::string item_id;                                                     ///< Which item.
};

/// Cuts an assistant item to what was heard; the service forgets its transcript. Not beyond its
/// end, and not at 0.
struct ItemTruncate {
  static constexpr std::string_view kType = "conversation.item.truncate";  ///< On the wire.
  std::string item_id;                                                     ///< Which item.
  std::int64_t content_index = 0;  ///< Which part of the item's content, from 0.
  std::int64_t audio_end_ms = 0;   ///< Where it is to end: what was heard of it.
};

/// Takes an item out of the conversation.
struct ItemDelete {
  static constexpr std::string_view kType = "conversation.item.delete";  ///< On the wire.
  std::string item_id;                                                   ///< Which item.
};

/// What is different for one response; the rest is as in the session.
struct ResponseConfig {
  std::optional<std::vector<std::string>> output_modalities;  ///< {"audio"} or {"text"}
  std::optional<std::string> instructions;                    ///< In place of the session's.
  AudioConfig audio;                            ///< The format and voice of `output` only.
  std::optional<std::vector<Tool>> tools;       ///< In place of the session's.
  std::optional<ToolChoice> tool_choice;        ///< In place of the session's.
  std::optional<bool> parallel_tool_calls;      ///< Whether one answer may call several tools.
  std::optional<Reasoning> reasoning;           ///< In place of the session's.
  std::optional<TokenLimit> max_output_tokens;  ///< In place of the session's.
  std::optional<std::string> conversation;      ///< "auto"; "none": out of band.
  /// Comes back in the `Response`. 16 at most; names to 64, values to 512 characters.
  std::map<std::string, std::string> metadata;
  Nullable<PromptReference> prompt;  ///< In place of the session's.
  /// All that the response shall know of the conversation.
  std::optional<std::vector<ConversationItem>> input;
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};

/// Asks for an answer; what is not set is as in the session.
struct ResponseCreate {
  static constexpr std::string_view kType = "response.create";  ///< On the wire.
  std::optional<ResponseConfig> response;                       ///< What is different for it.
};

/// Stops the answer that runs.
struct ResponseCancel {
  static constexpr std::string_view kType = "response.cancel";  ///< On the wire.
  std::optional<std::string> response_id;                       ///< Left out: whatever runs.
};

/// WebRTC and SIP only.
struct OutputAudioClear {
  static constexpr std::string_view kType = "output_audio_buffer.clear";  ///< On the wire.
};

/// Any event of a client; `UnknownEvent` stands for types that this version does not know.
using ClientEventBody =
    std::variant<UnknownEvent, SessionUpdate, InputAudioAppend, InputAudioCommit, InputAudioClear,
                 ItemCreate, ItemRetrieve, ItemTruncate, ItemDelete, ResponseCreate, ResponseCancel,
                 OutputAudioClear>;

/// One event.
struct ClientEvent {
  std::string event_id;  ///< Comes back in an error about the event; at most 512 characters.
  ClientEventBody body;  ///< Which event, and what it says.
  OtherMembers more;     ///< Its members that the type does not know.
};
///@{
/// Whether both say the same on the wire.
VOICEBRIDGE_API bool operator==(const ClientEvent& a, const ClientEvent& b);
inline bool operator!=(const ClientEvent& a, const ClientEvent& b) { return !(a == b); }
///@}

/// @return `Errc::invalid_argument` for the tools of a session or response, as in
/// `to_json(const SessionConfig&)`, and naming a `JsonText` that is not JSON.
VOICEBRIDGE_API Result<std::string> to_json(const ClientEvent& event);

/// 15 MiB of audio, in base64.
inline constexpr JsonLimits kClientEventLimits{std::size_t{21} << 20, 64};

/// Reads what a client sends, as tolerantly as `parse_server_event`; the names of the beta protocol
/// are understood as well.
/// @return `Errc::protocol_error` when it is not a JSON object with a string `type`,
/// `payload_too_large` beyond the limits.
VOICEBRIDGE_API Result<ClientEvent> parse_client_event(std::string_view text,
                                                       JsonLimits limits = kClientEventLimits);

/// The type as it stands on the wire, such as "response.create".
VOICEBRIDGE_API std::string_view type_name(const ClientEventBody& body) noexcept;

/// `SessionUpdate` without what cannot change. @return As `to_json`.
VOICEBRIDGE_API Result<std::string> session_update(const SessionConfig& session,
                                                   std::string_view event_id = {});

/// `audio` as in `InputAudioAppend`.
VOICEBRIDGE_API std::string input_audio_append(std::string_view audio);
/// `InputAudioCommit` as text.
VOICEBRIDGE_API std::string input_audio_commit(std::string_view event_id = {});
/// `InputAudioClear` as text.
VOICEBRIDGE_API std::string input_audio_clear(std::string_view event_id = {});
/// `OutputAudioClear` as text.
VOICEBRIDGE_API std::string output_audio_clear(std::string_view event_id = {});

/// Who speaks in a text message.
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
/// As `ItemTruncate`, of the first piece of the item's content.
VOICEBRIDGE_API std::string truncate_item(std::string_view item_id, Millis audio_end,
                                          std::string_view event_id = {});
/// `ItemDelete` as text.
VOICEBRIDGE_API std::string delete_item(std::string_view item_id, std::string_view event_id = {});
/// `ItemRetrieve` as text.
VOICEBRIDGE_API std::string retrieve_item(std::string_view item_id, std::string_view event_id = {});

/// A response asked for by the client.
struct ResponseRequest {
  std::string instructions;  ///< Replaces the session's for this response; empty: the session's.
  bool allow_tools = true;   ///< False: it speaks, whatever it would rather look up.
  std::string tag;  ///< Comes back in the response's metadata as `kResponseTag`; empty: none.
};
/// Where a `ResponseRequest::tag` stands in the metadata.
inline constexpr std::string_view kResponseTag = "voicebridge";

/// `ResponseCreate` as text.
VOICEBRIDGE_API std::string create_response(const ResponseRequest& request,
                                            std::string_view event_id = {});
/// A text about the conversation that does not enter it, `conversation: "none"` (Realtime guide,
/// "Create responses outside the default conversation").
struct AsideRequest {
  std::string instructions;       ///< In place of the session's; empty: the session's.
  std::string tag;                ///< Comes back in the response's metadata as `kAsideTag`.
  std::int64_t max_tokens = 600;  ///< Of the output.
};
/// Where an `AsideRequest::tag` stands in the metadata.
inline constexpr std::string_view kAsideTag = "voicebridge_aside";
/// A `ResponseCreate` beside the conversation, as text.
VOICEBRIDGE_API std::string create_aside(const AsideRequest& request,
                                         std::string_view event_id = {});

/// `response_id` empty: whatever runs.
VOICEBRIDGE_API std::string cancel_response(std::string_view response_id = {},
                                            std::string_view event_id = {});

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
