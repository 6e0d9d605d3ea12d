#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/call/speech_session.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/openai/wire_types.hpp"

/// The session object of the Realtime API (GA), the same for `session.update`, the accept of a SIP
/// call, WebRTC calls and client secrets. Every member may be left out. Names are those of the
/// wire; what is text here and an enumeration there stays open, as the service gains values.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// How audio is written on the wire.
struct WireFormat {
  std::string type;  ///< "audio/pcm" (16 bit linear little endian), "audio/pcmu", "audio/pcma"
  std::optional<std::int64_t> rate;  ///< "audio/pcm": 24000.
  OtherMembers more;                 ///< Members that no other here stands for, as they came.
};
/// @return `Errc::unsupported` for what the service does not speak.
VOICEBRIDGE_API Result<WireFormat> wire_format(AudioFormat format);
/// The reverse. @return Nothing for a format of another type or rate.
VOICEBRIDGE_API std::optional<AudioFormat> audio_format(const WireFormat& format);

/// How the caller's words are written down, by a model of its own.
struct TranscriptionConfig {
  std::string model;                                  ///< The service's name of it.
  std::optional<std::string> language;                ///< ISO 639-1; not together with `languages`.
  std::optional<std::string> prompt;                  ///< A prompt kept by the service; null: none.
  std::optional<std::vector<std::string>> languages;  ///< gpt-transcribe, gpt-live-transcribe only,
  std::optional<std::vector<std::string>> keywords;   ///< as are these.
  std::optional<std::string> delay;  ///< "minimal" … "xhigh"; gpt-realtime-whisper only.
  OtherMembers more;                 ///< Members that no other here stands for, as they came.
};

/// How noise is taken out of the caller's audio.
struct NoiseReduction {
  std::string type;                ///< "near_field", "far_field"
  std::optional<double> strength;  ///< How much is taken out.
  OtherMembers more;               ///< Members that no other here stands for, as they came.
};

/// How the end of the caller's turn is found. The first four after `type` are for "server_vad",
/// `eagerness` for "semantic_vad": the service refuses them elsewhere.
struct VadConfig {
  std::string type;                                 ///< "server_vad", "semantic_vad"
  std::optional<double> threshold;                  ///< 0 … 1
  std::optional<std::int64_t> prefix_padding_ms;    ///< Audio kept from before speech was noticed.
  std::optional<std::int64_t> silence_duration_ms;  ///< How long silence ends a turn.
  Nullable<std::int64_t> idle_timeout_ms;           ///< 5000 … 30000; null: none.
  std::optional<std::string> eagerness;             ///< "low", "medium", "high", "auto"
  std::optional<bool> create_response;     ///< Whether the service answers a turn by itself.
  std::optional<bool> interrupt_response;  ///< Whether who speaks stops the answer.
  OtherMembers more;                       ///< Members that no other here stands for, as they came.
};

/// What is done with the caller's audio.
struct AudioInput {
  std::optional<WireFormat> format;  ///< Not in calls by WebRTC and SIP: they have their own.
  Nullable<NoiseReduction> noise_reduction;     ///< Null: none.
  Nullable<TranscriptionConfig> transcription;  ///< Null: the caller's words are not written down.
  Nullable<VadConfig> turn_detection;  ///< Null: the client ends turns and asks for answers.
  OtherMembers more;                   ///< Members that no other here stands for, as they came.
};

/// A voice of one's own.
struct CustomVoice {
  std::string id;     ///< "voice_…"
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};
/// A voice of the service by name, or one of one's own.
using Voice = std::variant<std::string, CustomVoice>;

/// What the agent's audio is like.
struct AudioOutput {
  std::optional<WireFormat> format;  ///< Of the samples.
  std::optional<Voice> voice;        ///< Frozen by the service after the first audio.
  std::optional<double> speed;  ///< 0.25 … 1.5; between turns only. Not in a `response.create`.
  OtherMembers more;            ///< Members that no other here stands for, as they came.
};

/// Audio both ways.
struct AudioConfig {
  AudioInput input;    ///< The caller's.
  AudioOutput output;  ///< The agent's.
  OtherMembers more;   ///< Members that no other here stands for, as they came.
};

/// A function of ours that the model may call.
struct FunctionTool {
  std::string name;                        ///< The tool's.
  std::optional<std::string> description;  ///< When to call it, for the model.
  std::optional<JsonText> parameters;      ///< A JSON Schema object.
  OtherMembers more;                       ///< Members that no other here stands for, as they came.
};

/// Which tools of a server are meant: by name, or those that change nothing.
struct McpToolFilter {
  std::optional<std::vector<std::string>> tool_names;  ///< Those meant.
  std::optional<bool> read_only;                       ///< Those meant that change nothing.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};

/// Which tools ask before they run, and which never do.
struct McpApprovalRule {
  std::optional<McpToolFilter> always;  ///< Ask before each call.
  std::optional<McpToolFilter> never;   ///< Run without asking.
  OtherMembers more;                    ///< Members that no other here stands for, as they came.
};

/// A server of tools that the service itself calls. One of `server_url`, `connector_id` and
/// `tunnel_id`, unless `server_label` was listed before.
struct McpTool {
  std::string server_label;                  ///< Unique in a session.
  std::optional<std::string> server_url;     ///< Where it is.
  std::optional<std::string> connector_id;   ///< One of the service's own connectors.
  std::optional<std::string> tunnel_id;      ///< One that is reached by a tunnel of the service.
  std::optional<std::string> authorization;  ///< A secret.
  Nullable<std::map<std::string, std::string>> headers;  ///< Sent to the server with each request.
  std::optional<std::string> server_description;         ///< What it is good for, for the model.
  /// Which of its tools the model may call; null: all.
  Nullable<std::variant<std::vector<std::string>, McpToolFilter>> allowed_tools;
  Nullable<std::variant<std::string, McpApprovalRule>> require_approval;  ///< "always", "never"
  Nullable<std::vector<std::string>> allowed_callers;                     ///< "direct" …
  std::optional<bool> defer_loading;  ///< Its tools are listed when they are needed.
  OtherMembers more;                  ///< Members that no other here stands for, as they came.
};

/// Of another type: as it is.
using Tool = std::variant<FunctionTool, McpTool, JsonText>;

/// The one tool that has to be called.
struct NamedTool {
  std::string type;  ///< "function" with `name`; "mcp" with `server_label` and perhaps `name`.
  std::optional<std::string> name;          ///< The tool's.
  std::optional<std::string> server_label;  ///< Whose tool, of MCP.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};
using ToolChoice = std::variant<std::string, NamedTool>;  ///< "auto", "none", "required"

/// How much a model thinks before it answers.
struct Reasoning {
  std::optional<std::string> effort;  ///< "minimal" … "xhigh"; models that reason only.
  OtherMembers more;                  ///< Members that no other here stands for, as they came.
};

/// How long an answer may be.
struct TokenLimit {
  std::int64_t tokens = 0;  ///< 1 … 4096; 0: as many as the model can, "inf" on the wire.
};
/// Whether both allow the same.
inline bool operator==(const TokenLimit& a, const TokenLimit& b) { return a.tokens == b.tokens; }

/// What of the conversation is kept, in tokens.
struct TokenLimits {
  std::optional<std::int64_t> post_instructions;  ///< Of what stands behind the instructions.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};

/// How much is kept of a conversation that has grown too long.
struct RetentionRatio {
  std::string type = "retention_ratio";     ///< Which kind of thing it is, by the service's word.
  double retention_ratio = 1;               ///< 0 … 1
  std::optional<TokenLimits> token_limits;  ///< In absolute numbers beside the ratio.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};
using Truncation = std::variant<std::string, RetentionRatio>;  ///< "auto", "disabled"

/// What a trace of the session is filed under.
struct TracingDetails {
  std::optional<std::string> workflow_name;  ///< Of the trace.
  std::optional<std::string> group_id;       ///< Of the traces that belong together.
  std::optional<JsonText> metadata;          ///< An object.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};
using Tracing = std::variant<std::string, TracingDetails>;  ///< "auto"

/// A prompt kept by the service.
struct PromptReference {
  std::string id;                                       ///< The service's.
  Nullable<std::string> version;                        ///< Null: the latest.
  Nullable<std::map<std::string, JsonText>> variables;  ///< What is filled into it, by name.
  OtherMembers more;  ///< Members that no other here stands for, as they came.
};

/// What a session is like. Left out: as it is, or as the service has it.
struct VOICEBRIDGE_API SessionConfig {
  ///@{
  /// Made, copied and destroyed in the library: what includes this would compile it anew each time.
  SessionConfig();
  ~SessionConfig();
  SessionConfig(const SessionConfig& other);
  SessionConfig(SessionConfig&& other) noexcept;
  SessionConfig& operator=(const SessionConfig& other);
  SessionConfig& operator=(SessionConfig&& other) noexcept;
  ///@}

  std::string type = "realtime";     ///< or "transcription"
  std::optional<std::string> model;  ///< Cannot change once the session runs.
  std::optional<std::vector<std::string>> output_modalities;  ///< {"audio"} or {"text"}
  std::optional<std::string> instructions;                    ///< Empty text clears them.
  AudioConfig audio;                                          ///< Formats, voice, turns.
  std::optional<std::vector<Tool>> tools;       ///< Replaces all; an empty list clears them.
  std::optional<ToolChoice> tool_choice;        ///< Whether, and which, tools are called.
  std::optional<bool> parallel_tool_calls;      ///< Whether one answer may call several tools.
  std::optional<Reasoning> reasoning;           ///< How much it thinks.
  std::optional<TokenLimit> max_output_tokens;  ///< How long an answer may be.
  /// What is forgotten when the conversation has grown too long.
  std::optional<Truncation> truncation;
  Nullable<Tracing> tracing;                   ///< Null: none is made.
  Nullable<PromptReference> prompt;            ///< A prompt kept by the service; null: none.
  Nullable<std::vector<std::string>> include;  ///< "item.input_audio_transcription.logprobs"
  OtherMembers more;  ///< Members that no other here stands for, as they came.

  /// Reads a session object, also the service's echo of it: what only an echo has (`id`, `object`,
  /// `expires_at`) is left behind. The beta's flat names are understood; its `temperature` and
  /// `client_secret`, which have no successor, are left behind as well.
  /// @return `Errc::invalid_argument`: not an object, or a member of a wrong type (`field` is its
  /// path).
  static Result<SessionConfig> from_json(JsonView json);
};
///@{
/// Whether both say the same on the wire.
VOICEBRIDGE_API bool operator==(const SessionConfig& a, const SessionConfig& b);
inline bool operator!=(const SessionConfig& a, const SessionConfig& b) { return !(a == b); }
///@}

/// What a session object is written for.
enum class SessionUse {
  whole,   ///< All of it, as it stands.
  create,  ///< WebRTC calls and client secrets: all of it.
  update,  ///< `session.update`: without `model`, which cannot change.
  accept,  ///< Of a SIP call: no formats (the call has its own), and of the turn detection the
           ///< `type` only: the service refuses the rest here. Send it by an update afterwards.
};

/// The session object as JSON text.
/// @return `Errc::invalid_argument` naming the member: a tool without a name ("tools.name"),
/// parameters that are not a JSON object ("tools.parameters"), a `JsonText` that is not JSON.
VOICEBRIDGE_API Result<std::string> to_json(const SessionConfig& config,
                                            SessionUse use = SessionUse::whole);

/// The session that a call asks for: `base` with what the call says in place of what it says. The
/// tools of `base` (such as MCP servers) stay, before those of the call. Formats are left out when
/// the service carries the audio.
/// @return `Errc::unsupported` for an audio format that the service does not speak (`input` or
/// `output`), `invalid_argument` for a tool, as in `to_json`.
VOICEBRIDGE_API Result<SessionConfig> session_config(const SpeechSpec& spec,
                                                     SessionConfig base = {});
/// What a change of a running session is sent as: only what changes. `base` as it was given for the
/// whole session: its tools are repeated.
VOICEBRIDGE_API Result<SessionConfig> session_config(const SpeechPatch& patch,
                                                     const SessionConfig& base = {});

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
