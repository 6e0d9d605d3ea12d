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

namespace voicebridge::testing {

/// What happened on one simulated Realtime connection, for assertions. Times count from the opening
/// of the connection, audio positions from the first byte received. Each list keeps its first
/// `kMaxEntries` entries; what came after is counted in `entries_dropped`.
struct VOICEBRIDGE_API OpenAiSimRecord {
  static constexpr std::size_t kMaxEntries = 1000;

  struct Turn {  ///< Audio of the caller that was committed.
    std::string item_id;
    Millis length{0};
    std::string transcript;  ///< The scenario's.
    Millis at{0};
  };
  struct Utterance {  ///< An audio item that was sent.
    std::string item_id;
    std::string response_id;
    std::string transcript;       ///< Of what was sent.
    std::uint64_t bytes = 0;      ///< In the output format.
    Millis sent{0};               ///< Play-out time of `bytes`.
    bool complete = false;        ///< False: cut off.
    std::optional<Millis> heard;  ///< `audio_end_ms` of the accepted truncation.
    bool deleted = false;         ///< The client said that nothing of it was heard.
  };
  struct Response {
    std::string id;
    ReplyCause cause = ReplyCause::response;
    std::string status = "in_progress";
    std::string reason;  ///< Of a cancelled, incomplete or failed one.
    Millis created{0};
    std::optional<Millis> first_audio;
    std::optional<Millis> done;
  };
  struct Violation {  ///< An error that was sent to the client.
    std::string event_type;
    std::string code;
    std::string param;
    std::string message;
  };
  struct ToolResult {
    std::string call_id;
    std::string name;
    std::string output;
  };

  std::string session_id;
  std::string model;
  std::string agent;  ///< Name of the scenario's agent; empty before it was chosen.
  bool open = false;
  std::map<std::string, std::uint64_t> client_events;  ///< Received, by type.
  std::uint64_t server_events = 0;
  std::uint64_t server_events_dropped = 0;  ///< The client read too slowly.
  std::uint64_t audio_received = 0;         ///< Bytes.
  std::uint64_t audio_sent = 0;             ///< Bytes.
  std::vector<Turn> turns;
  std::vector<Utterance> utterances;
  std::vector<Response> responses;
  std::vector<Violation> violations;
  std::vector<ToolResult> tool_results;
  std::vector<std::string> notes;  ///< Where the session did not go as the scenario wanted.
  std::uint64_t entries_dropped = 0;
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

}  // namespace voicebridge::testing
