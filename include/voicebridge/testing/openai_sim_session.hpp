#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "voicebridge/core/time.hpp"
#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/testing/openai_scenario.hpp"
#include "voicebridge/testing/openai_sim_record.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// How the simulated service behaves, whatever the scenario says.
struct OpenAiSimOptions {
  std::uint64_t seed = 1;            ///< Of ids and of the sizes of audio pieces.
  Millis first_audio{250};           ///< From `response.created` to the first delta.
  double speed = 8;                  ///< Seconds of audio generated a second.
  Millis piece_min{100};             ///< Audio in one delta, a chance length up to `piece_max`.
  Millis piece_max{400};             ///< The longest.
  Millis transcription_delay{200};   ///< From the end of a turn to its transcript.
  Millis session_length{3600000};    ///< Then `session_expired` and close 1001.
  std::size_t keep_audio_bytes = 0;  ///< Of each direction, kept in the record.
};

/// What was known of a connection before its first frame.
struct OpenAiSimHandshake {
  std::string model = "gpt-realtime-2.1";  ///< As the address has it.
  bool beta_header = false;    ///< `OpenAI-Beta` was sent: the service ends such a session at once.
  std::size_t connection = 0;  ///< Its number since the simulator started.
  std::int64_t unix_seconds = 1750000000;  ///< Wall-clock time, for `expires_at`.
  std::string session_json;  ///< Checked settings to begin with, of an ephemeral key; or empty.
  std::string call_id;       ///< Not empty: a sideband of this call, see `OpenAiCalls`.
};

/// The server's side of one Realtime WebSocket, without socket, thread or clock: as strict as the
/// real service and in its order of events (OpenAI Realtime API, GA shape; client events, server
/// events and errors of the API reference). The same inputs at the same times give the same bytes.
///
/// Not simulated: transcription sessions, and the meaning of `speed`, `noise_reduction`,
/// `truncation` and `prompt`, which are checked and echoed. WebRTC and SIP: see `OpenAiCalls`.
/// @par Threads One at a time.
class VOICEBRIDGE_API OpenAiSimSession {
 public:
  /// `sink` must outlive the session or its `on_closed`.
  OpenAiSimSession(std::shared_ptr<const OpenAiScenario> scenario,
                   std::shared_ptr<const VoiceSource> voice, OpenAiSimOptions options,
                   OpenAiSimHandshake handshake, WireSink& sink);
  ~OpenAiSimSession();
  OpenAiSimSession(const OpenAiSimSession&) = delete;
  OpenAiSimSession& operator=(const OpenAiSimSession&) = delete;

  /// Once, first.
  void on_open(TimePoint now);
  /// One text frame of the client.
  void receive(std::string_view text, TimePoint now);
  /// The connection is gone; nothing is sent any more.
  void on_closed();
  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  Deadline next_deadline() const;
  /// What is due by now: timeouts, repetitions. To be called at `next_deadline`, or later.
  void on_deadline(TimePoint now);

  /// As it stands.
  const OpenAiSimRecord& record() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
