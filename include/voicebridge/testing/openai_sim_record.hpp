#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/testing/openai_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What happened on one simulated Realtime connection, for assertions. Times count from the opening
/// of the connection, audio positions from the first byte received. Each list keeps its first
/// `kMaxEntries` entries; what came after is counted in `entries_dropped`.
struct VOICEBRIDGE_API OpenAiSimRecord {
  static constexpr std::size_t kMaxEntries = 1000;  ///< Of each list.

  /// Audio of the caller that was committed.
  struct Turn {
    std::string item_id;     ///< The item it became.
    Millis length{0};        ///< Of the audio.
    std::string transcript;  ///< The scenario's.
    Millis at{0};            ///< Since the connection opened.
  };
  /// An audio item that was sent.
  struct Utterance {
    std::string item_id;          ///< Which item.
    std::string response_id;      ///< Which response it was of.
    std::string transcript;       ///< Of what was sent.
    std::uint64_t bytes = 0;      ///< In the output format.
    Millis sent{0};               ///< Play-out time of `bytes`.
    bool complete = false;        ///< False: cut off.
    std::optional<Millis> heard;  ///< `audio_end_ms` of the accepted truncation.
    bool deleted = false;         ///< The client said that nothing of it was heard.
  };
  /// One answer of the model.
  struct Response {
    std::string id;                           ///< The response's.
    ReplyCause cause = ReplyCause::response;  ///< Why the model spoke.
    std::string status = "in_progress";       ///< As the service tells it.
    std::string reason;                       ///< Of a cancelled, incomplete or failed one.
    Millis created{0};                        ///< Since the connection opened; so the next two.
    std::optional<Millis> first_audio;        ///< Nothing: there was none.
    std::optional<Millis> done;               ///< Nothing: it runs.
  };
  /// An error that was sent to the client.
  struct Violation {
    std::string event_type;  ///< Of the client's event.
    std::string code;        ///< As in the error.
    std::string param;       ///< As in the error.
    std::string message;     ///< As in the error.
  };
  /// What a client gave back for a function call.
  struct ToolResult {
    std::string call_id;  ///< Of the function call.
    std::string name;     ///< The function's.
    std::string output;   ///< As it came.
  };

  std::string session_id;  ///< The session's.
  std::string model;       ///< As it was asked for.
  std::string agent;       ///< Name of the scenario's agent; empty before it was chosen.
  bool open = false;       ///< Whether the socket is open.
  std::map<std::string, std::uint64_t> client_events;  ///< Received, by type.
  std::uint64_t server_events = 0;                     ///< Sent to the client.
  std::uint64_t server_events_dropped = 0;             ///< The client read too slowly.
  std::uint64_t audio_received = 0;                    ///< Bytes.
  std::uint64_t audio_sent = 0;                        ///< Bytes.
  std::vector<Turn> turns;                             ///< In order.
  std::vector<Utterance> utterances;                   ///< In order.
  std::vector<Response> responses;                     ///< In order.
  std::vector<Violation> violations;                   ///< In order.
  std::vector<ToolResult> tool_results;                ///< In order.
  std::vector<std::string> notes;     ///< Where the session did not go as the scenario wanted.
  std::uint64_t entries_dropped = 0;  ///< What came after the lists were full.
  Bytes received_audio;  ///< The first `OpenAiSimOptions::keep_audio_bytes` of it, as it came.
  Bytes sent_audio;      ///< The same of what was sent.

  /// Appends within the limit.
  template <class T>
  void add(std::vector<T>& list, T entry) {
    if (list.size() < kMaxEntries) {
      list.push_back(std::move(entry));
    } else {
      ++entries_dropped;
    }
  }
  /// One object, without the raw audio.
  void write(JsonWriter& out) const;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
