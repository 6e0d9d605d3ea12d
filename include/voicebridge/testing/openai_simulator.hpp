#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/testing/openai_call_record.hpp"
#include "voicebridge/testing/openai_scenario.hpp"
#include "voicebridge/testing/openai_sim_record.hpp"
#include "voicebridge/testing/openai_sim_session.hpp"
#include "voicebridge/testing/openai_sip_plan.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Where it listens, and how it behaves.
struct OpenAiSimulatorOptions {
  std::string address = "127.0.0.1";  ///< To listen on.
  std::uint16_t port = 0;             ///< 0: a free one.
  std::string api_key;                ///< Empty: one is made up.
  OpenAiSimOptions session;           ///< How sessions behave.
  /// Null: `best_voice` for the scenario's lines, which blocks in `create` until they are rendered.
  std::shared_ptr<const VoiceSource> voice;
  std::size_t max_sessions =
      1000;  ///< Connections remembered; the oldest closed ones are forgotten beyond it.
  std::string tls_certificate_file;  ///< PEM; with `tls_key_file` the port speaks TLS, which the
                                     ///< official SDKs want for WebSockets.
  std::string tls_key_file;          ///< PEM, of the certificate.
  std::string webhook_url;           ///< Of calls by SIP; empty: none is sent.
  std::string webhook_secret;        ///< `whsec_…`; empty: one is made up.
  std::string project_id = "proj_simulated";  ///< The user part of its SIP address.
  SimCallerPlan webrtc_caller;                ///< Who is at the far end of WebRTC calls.
  int ended_call_status = 400;  ///< Of requests about a call that is over; 404 is seen too.
};

/// The OpenAI Realtime service on a port of this machine: `GET /v1/realtime?model=…` as a
/// WebSocket, with the bearer key checked and the scenario played in real time; client secrets,
/// WebRTC and SIP calls with webhooks, REST interface and sidebands, see `OpenAiCalls`. Refuses
/// what the service refuses, see `OpenAiSimSession`; upgrades with `intent` are refused (400).
/// `GET /__sim/state` answers with `state_json()`, `POST /__sim/sip_calls` takes a `SipCallPlan`,
/// or an array of them, as JSON.
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

  /// The port that it listens on.
  std::uint16_t port() const noexcept;
  std::string base_url()
      const;  ///< `http://127.0.0.1:4711/v1`, for OPENAI_BASE_URL; with TLS https and wss.
  std::string realtime_url()
      const;  ///< `ws://127.0.0.1:4711/v1/realtime`, for OPENAI_REALTIME_URL.
  /// What it wants as a bearer token.
  const std::string& api_key() const noexcept;
  const std::string& webhook_secret() const noexcept;  ///< For OPENAI_WEBHOOK_SECRET.
  const std::string& project_id() const noexcept;      ///< For OPENAI_PROJECT_ID.
  /// For the calls to come.
  void set_webhook_url(std::string url);

  /// A call arrives by SIP: the webhook is sent, an accept is waited for. Returns its `call_id`.
  std::string sip_call(SipCallPlan plan);
  /// The caller hangs up; while it rings: gives up. False: no such call, or it has ended.
  bool hang_up(const std::string& call_id);
  /// The caller presses keys out of 0-9 A-D * #. False as above, or it still rings.
  bool press(const std::string& call_id, std::string_view keys);
  /// Of one WebRTC or SIP call; nothing for an unknown id.
  std::optional<OpenAiCallRecord> call(const std::string& call_id) const;
  /// Of all of them, oldest first.
  std::vector<OpenAiCallRecord> calls() const;
  /// Calls by WebRTC and SIP that are not over.
  std::size_t active_calls() const;

  /// What happened so far on each accepted connection, oldest first.
  std::vector<OpenAiSimRecord> records() const;
  /// `{"connections":…,"refused":…,"open":…,"sessions":[…],"calls":[…],"secrets":…}`: upgrades
  /// asked for and refused, sockets of own sessions open now, the records, and the keys given out.
  std::string state_json() const;

 private:
  OpenAiSimulator();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
