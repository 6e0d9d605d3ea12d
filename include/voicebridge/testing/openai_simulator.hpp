#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/testing/openai_scenario.hpp"
#include "voicebridge/testing/openai_sim_record.hpp"
#include "voicebridge/testing/openai_sim_session.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace voicebridge::testing {

struct OpenAiSimulatorOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: a free one.
  std::string api_key;     ///< Empty: one is made up.
  OpenAiSimOptions session;
  /// Null: `best_voice` for the scenario's lines, which blocks in `create` until they are rendered.
  std::shared_ptr<const VoiceSource> voice;
  std::size_t max_sessions =
      1000;  ///< Connections remembered; the oldest closed ones are forgotten beyond it.
};

/// The OpenAI Realtime service on a port of this machine: `GET /v1/realtime?model=…` as a
/// WebSocket, with the bearer key checked and the scenario played in real time. Refuses what the
/// service refuses, see `OpenAiSimSession`; upgrades with `call_id` (404) and `intent` (400) are
/// refused too.
/// @par Threads `create` and the destructor not on a shard of the runtime; everything else from any
/// thread.
class VOICEBRIDGE_API OpenAiSimulator {
 public:
  /// Listens when it returns. The runtime must outlive the simulator.
  static Result<std::unique_ptr<OpenAiSimulator>> create(Runtime& runtime, OpenAiScenario scenario,
                                                         OpenAiSimulatorOptions options = {});
  ~OpenAiSimulator();  ///< Open sockets close with 1001.
  OpenAiSimulator(const OpenAiSimulator&) = delete;
  OpenAiSimulator& operator=(const OpenAiSimulator&) = delete;

  std::uint16_t port() const noexcept;
  std::string base_url() const;  ///< `http://127.0.0.1:4711/v1`, for OPENAI_BASE_URL.
  std::string realtime_url()
      const;  ///< `ws://127.0.0.1:4711/v1/realtime`, for OPENAI_REALTIME_URL.
  const std::string& api_key() const noexcept;

  /// What happened so far on each accepted connection, oldest first.
  std::vector<OpenAiSimRecord> records() const;
  /// `{"connections":…,"refused":…,"open":…,"sessions":[…]}`: upgrades asked for and refused,
  /// sockets open now, and the records.
  std::string state_json() const;

 private:
  OpenAiSimulator();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace voicebridge::testing
