#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "openai_input_audio.hpp"
#include "openai_mcp.hpp"
#include "openai_player.hpp"
#include "openai_response_runner.hpp"
#include "openai_transcriber.hpp"
#include "voicebridge/testing/openai_sim_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

struct SessionSetup {
  std::shared_ptr<const OpenAiScenario> scenario;
  std::shared_ptr<const VoiceSource> voice;
  OpenAiSimOptions options;
  OpenAiSimHandshake handshake;
  std::uint64_t id_seed = 0;
  std::string agent;  ///< The scenario's agent by name; empty: by its rules.
  /// Set for a call: the codec of its line. The caller's audio comes by `hear`, and what is said
  /// goes to the `Player` instead of into events.
  std::optional<AudioFormat> line;
};

/// A Realtime session, whoever is connected to it and however the audio goes.
class Session {
 public:
  Session(SessionSetup setup, WireSink& sink);

  void open(TimePoint now);                                 ///< Sends `session.created`.
  void send_created() { send_session("session.created"); }  ///< To those who come later.
  void receive(std::string_view text, TimePoint now);
  void hear(ByteView audio, TimePoint now);        ///< Of the caller; calls only.
  void press(char key, std::int64_t received_at);  ///< A key of the caller; calls only.
  void stop() { out_.stop(); }                     ///< Nobody listens any more.
  bool closed() const { return out_.closed(); }
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  Player* player() { return player_ ? &*player_ : nullptr; }
  const Player* player() const { return player_ ? &*player_ : nullptr; }
  OpenAiSimRecord& record() { return record_; }
  const OpenAiSimRecord& record() const { return record_; }

 private:
  // The client's events.
  void send_session(const char* type);
  std::optional<ApiError> handle(JsonView event, TimePoint now);
  std::optional<ApiError> handle_item(const std::string& type, JsonView event, TimePoint now);
  std::optional<ApiError> create_item(JsonView event, TimePoint now);
  std::optional<ApiError> update(JsonView event, TimePoint now);
  std::optional<ApiError> append(JsonView event, TimePoint now);
  std::optional<ApiError> commit(TimePoint now);
  void clear();
  void refuse(const ApiError& error, JsonView event);
  void choose_agent();

  // The caller's turns.
  void listen(ByteView audio, TimePoint now);
  void on_edge(SpeechEdge edge, TimePoint now);
  void interrupt(TimePoint now);
  void commit_turn(std::string item_id, TimePoint now);
  void answer(ReplyCause cause, TimePoint now);
  void check_idle(TimePoint now);
  void settle();
  void expire();

  const SessionSetup setup_;
  const Millis length_;  ///< Of the session.
  IdGenerator ids_;
  OpenAiSimRecord record_;
  EventOut out_;
  SessionConfig config_;
  Conversation conversation_;
  Script script_;
  Unanswered unanswered_;
  ReplyMaker maker_;
  ItemEvents items_;
  McpServers mcp_;
  Transcriber transcriber_;
  InputAudio input_;
  std::optional<Player> player_;
  std::optional<ResponseRunner> responses_;  ///< Once open: it needs the time.
  std::string speech_item_;                  ///< Of the turn being spoken.
  std::optional<Millis> quiet_since_;  ///< Received audio at which the agent's last words are over.
  TimePoint opened_;
  Bytes scratch_;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
