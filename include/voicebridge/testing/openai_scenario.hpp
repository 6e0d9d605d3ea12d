#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Why the model speaks; a scenario's reply says which of these it answers.
enum class ReplyCause {
  start,        ///< `response.create` before anything was said.
  turn,         ///< A turn of the caller's audio was committed, by VAD or by hand.
  text,         ///< `response.create` after a user message in text.
  tool_result,  ///< `response.create` after outputs of function calls.
  idle,         ///< `idle_timeout_ms` ran out.
  response,     ///< Any other `response.create`: fillers, re-prompts, farewells.
  aside,        ///< `response.create` with `conversation: "none"`; without a reply for it the model
                ///< tells what was said.
};
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(ReplyCause cause) noexcept;

/// What goes wrong in one reply.
struct ReplyFault {
  /// Which fault.
  enum class Kind {
    none,
    no_response,  ///< Nothing happens at all: not even `response.created`.
    error,        ///< An `error` event with `code` and `message` instead of a response.
    failed,  ///< `response.created`, then `response.done` with status failed, `code` and `message`.
    incomplete,       ///< The reply ends half-way with status incomplete; `code` is the reason.
    silent,           ///< `response.created`, then nothing until it is cancelled.
    cut,              ///< The socket is closed after `after` pieces of audio.
    malformed_frame,  ///< Text that is no JSON after `after` pieces of audio.
    unknown_event,    ///< An event of an unknown type after `after` pieces of audio.
    late_deltas,      ///< When cancelled, `after` more pieces of audio still come.
    text_only,        ///< Text although audio was asked for.
    two_items,        ///< The words are split over two audio items of the same response.
  };
  Kind kind = Kind::none;             ///< Which fault.
  std::string code = "server_error";  ///< Of the error.
  /// Of the error.
  std::string message = "The server had an error while processing your request.";
  unsigned after = 1;  ///< How many pieces of audio come before.
};

/// A function call that the model makes. The arguments are a JSON text and may hold placeholders.
struct ScenarioCall {
  std::string name;                   ///< The function's.
  std::string arguments_json = "{}";  ///< May hold placeholders.
};

/// A tool that the service calls itself, at an MCP server of the session's tools. Where the server
/// wants approval, the client is asked first.
struct ScenarioMcpCall {
  std::string server;                 ///< `server_label`
  std::string name;                   ///< The tool's.
  std::string arguments_json = "{}";  ///< May hold placeholders.
  std::string output;                 ///< What the server answers …
  std::string error;                  ///< … or, when not empty, how the tool fails.
};

/// A server that sessions may name in their tools; one that is not here cannot be reached.
struct ScenarioMcpServer {
  /// A tool of that server.
  struct Tool {
    std::string name;                                        ///< As it is listed.
    std::string description;                                 ///< As it is listed.
    std::string input_schema_json = R"({"type":"object"})";  ///< As it is listed.
  };
  std::string label;        ///< `server_label`
  std::vector<Tool> tools;  ///< What it offers.
  Millis delay{50};         ///< From the session's tools to the list of the server's.
  bool fails = false;       ///< The list cannot be read.
};

/// One reply of the simulated model. Each is used once, in the order of the file among those of its
/// cause.
struct ScenarioReply {
  ReplyCause on = ReplyCause::turn;  ///< What it answers.
  std::string transcript_of_caller;  ///< For `turn`: what the transcription model makes of the
                                     ///< caller's audio.
  std::string say;                   ///< May hold placeholders. Empty: only calls.
  std::vector<ScenarioCall> calls;   ///< Functions it calls behind its words.
  std::vector<ScenarioMcpCall> mcp_calls;  ///< Tools of MCP servers that it calls.
  Millis delay{0};                         ///< On top of the session's latency to the first audio.
  double speed = 0;  ///< Audio seconds generated a second; 0: the session's own.
  ReplyFault fault;  ///< What goes wrong with it.
};

/// A part that the model can play. A session gets the first agent whose `match` occurs in its
/// instructions or in the metadata of its tracing; else the one whose `order` is the number of the
/// connection; else the first that has neither.
struct ScenarioAgent {
  std::string name;                  ///< For the record.
  std::string match;                 ///< A text that tells its sessions.
  std::optional<std::size_t> order;  ///< Number of its connection, from 0.
  std::string language = "en";       ///< Of the synthetic voice: an espeak-ng voice name.
  std::string default_line = "I see. Please go on.";  ///< When no reply is left for the cause.
  std::vector<std::string>
      lines;  ///< Other sentences it may be told to say, for rendering them ahead.
  std::vector<ScenarioReply> replies;  ///< In the order of use.
};

/// What goes wrong with one connection, whoever speaks on it: a session's own or a sideband. Events
/// are counted over those sent to it, from 1, `session.created`.
struct ConnectionFault {
  int http_status = 0;  ///< Not 0: the upgrade is refused with it, such as 401.
  /// Of the refusal, and of the error at `error_at`.
  std::string code = "invalid_api_key";
  std::string message = "Incorrect API key provided.";  ///< As `code`.
  std::optional<std::size_t> error_at;    ///< Behind this event an `error` event is sent; with the
                                          ///< same `cut_after` the service's way of a fatal error.
  std::optional<std::size_t> mute_after;  ///< After so many events nothing is sent any more.
  std::optional<std::size_t>
      cut_after;  ///< After so many events the socket is closed with `close_code`.
  std::optional<std::size_t> malformed_at;  ///< Before this event a text that is no JSON is sent.
  std::optional<std::size_t> unknown_at;    ///< Before this event one of an unknown type is sent.
  Millis slow{0};                           ///< Every event comes so much later.
  /// Then `session_expired` and close 1001; nothing: the simulator's own.
  std::optional<Millis> session_length;
  unsigned close_code = 1011;  ///< See `cut_after`.
};

/// What the simulated model does.
///
/// As JSON:
/// ```
/// {"agents": [{"name": "phone", "match": "on the phone", "language": "en",
///    "default_line": "Sorry?", "lines": ["One moment, please."],
///    "replies": [
///      {"on": "start", "say": "Hello!"},
///      {"on": "turn", "transcript_of_caller": "Hi, I am Ada.", "say": "Nice to meet you.",
///       "calls": [{"name": "save_lead", "arguments": {"first_name": "Ada"}}], "delay_ms": 200},
///      {"on": "tool_result", "calls": [{"name": "trigger_call",
///                                       "arguments": {"lead_id": "{{tool.save_lead.lead_id}}"}}]},
///      {"on": "turn", "say": "Bye.", "fault": {"kind": "failed", "code": "server_error"}}]}],
///  "connections": [{"http_status": 401}, {}, {"session_length_ms": 60000},
///    {"error_at": 9, "cut_after": 9, "code": "insufficient_quota", "message": "Pay."},
///    {"slow_ms": 800}, {"mute_after": 2, "repeat": true}],
///  "mcp_servers": [{"label": "shop", "tools": [{"name": "find", "description": "Finds it."}],
///                   "delay_ms": 50, "fails": false}]}
/// ```
/// A reply may have `"mcp_calls": [{"server": "shop", "name": "find", "arguments": {},
/// "output": "There are two.", "error": ""}]` too.
///
/// A client that comes back after a lost connection and replays the conversation as items is
/// recognized by it: replies whose words are among its assistant messages, or whose call is among
/// its function calls, are used up; a user message with the words of a caller's turn that has not
/// been answered is answered by the reply to that turn.
/// Placeholders: `{{tool.NAME.path.to.field}}` is taken from the latest output of the function
/// NAME;
/// `{{instructions.KEY}}` is the word after KEY (and `:`, `=`, quotes or blanks) in the session's
/// instructions.
struct VOICEBRIDGE_API OpenAiScenario {
  std::vector<ScenarioAgent> agents;           ///< The parts it can play.
  std::vector<ConnectionFault> connections;    ///< The n-th is for the n-th connection.
  bool repeat_last_connection = false;         ///< The last also for all that follow.
  std::vector<ScenarioMcpServer> mcp_servers;  ///< Those that can be reached.

  /// Unknown keys are refused; the error's `field` is the dotted path of the fault.
  static Result<OpenAiScenario> parse(std::string_view json);

  /// What goes wrong with the n-th connection, from 0.
  ConnectionFault connection_fault(std::size_t connection) const;
  /// Every text that can be spoken and has no placeholder, for rendering voices ahead: language and
  /// text.
  std::vector<std::pair<std::string, std::string>> lines() const;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
