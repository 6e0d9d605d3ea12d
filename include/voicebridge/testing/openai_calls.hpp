#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/testing/openai_call_record.hpp"
#include "voicebridge/testing/openai_sim_session.hpp"
#include "voicebridge/testing/openai_sip_plan.hpp"
#include "voicebridge/testing/sim_network.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Whose service it is, and what it does to calls.
struct OpenAiCallsOptions {
  Secret api_key{"sk-simulated"};             ///< What requests have to carry.
  std::string project_id = "proj_simulated";  ///< The user part of its SIP address.
  std::string webhook_url;         ///< Where `realtime.call.incoming` is sent; empty: nowhere.
  std::string webhook_secret;      ///< `whsec_…`; empty: made from the seed.
  OpenAiSimOptions session;        ///< How the session behind a call behaves.
  SimCallerPlan webrtc_caller;     ///< Who is at the far end of WebRTC calls.
  int ended_call_status = 400;     ///< Of requests about a call that is over; unknown ones get 404.
  std::size_t max_calls = 1000;    ///< At one time; a further one is answered 429.
  std::size_t kept_calls = 1000;   ///< Ended calls remembered; older ones are forgotten.
  std::size_t max_secrets = 1000;  ///< Client secrets remembered; the oldest are forgotten.
  std::uint64_t seed = 1;          ///< Of the ids of calls, keys and webhooks.
  UnixMillis wall_time = 1763717400000;  ///< What the wall clock shows at the start.
};

/// The way out. Called inside functions of `OpenAiCalls`; must not call back into it.
class VOICEBRIDGE_API OpenAiCallsNetwork {
 public:
  virtual ~OpenAiCallsNetwork() = default;
  /// Have this POST made; its answer comes by `on_post_answer`.
  virtual void post_webhook(const SimPost& post) = 0;
};

/// The part of the service that is not one socket's: client secrets, WebRTC and SIP calls with
/// their webhooks, the REST interface and the sidebands. As strict as the service, without sockets,
/// threads and clock: the same options and inputs give the same run.
///
/// The media path is the simulator's own: the caller of the plan speaks into the session in real
/// time, what the model says goes through a play-out buffer of the service to the caller's ear
/// (`output_audio_buffer.*`, truncation by the service), and SDP answers lead nowhere.
/// @par Threads One at a time.
class VOICEBRIDGE_API OpenAiCalls {
 public:
  /// `network` must outlive it.
  OpenAiCalls(std::shared_ptr<const OpenAiScenario> scenario,
              std::shared_ptr<const VoiceSource> voice, OpenAiCallsOptions options,
              OpenAiCallsNetwork& network, TimePoint now);
  ~OpenAiCalls();  ///< Does not close sidebands, see `shut_down`.
  OpenAiCalls(const OpenAiCalls&) = delete;
  OpenAiCalls& operator=(const OpenAiCalls&) = delete;

  /// A request of the REST interface.
  SimApiReply on_request(const SimApiRequest& request, TimePoint now);

  /// Judges the upgrade of a Realtime WebSocket: with `call_id` in the handshake a sideband, to be
  /// given to `attach`; otherwise the handshake of a session of its own; or the refusal.
  std::variant<OpenAiSimHandshake, HttpResponse> judge_upgrade(std::string_view target,
                                                               const HttpHeaders& headers,
                                                               std::size_t connection,
                                                               TimePoint now) const;

  /// A sideband is open: `session.created` is sent to it. Returns its number for the functions
  /// below. When the call has ended meanwhile the sink is closed. `sink` must outlive `detach`.
  std::uint64_t attach(const OpenAiSimHandshake& handshake, WireSink& sink, TimePoint now);
  /// A text of the client on a sideband.
  void on_text(std::uint64_t sideband, std::string_view text, TimePoint now);
  /// A sideband is gone.
  void detach(std::uint64_t sideband, TimePoint now);

  /// A call arrives by SIP: its `call_id`.
  std::string sip_call(SipCallPlan plan, TimePoint now);
  /// The caller hangs up; while it rings: gives up. False: no such call, or it has ended.
  bool hang_up(const std::string& call_id, TimePoint now);
  /// The caller presses keys out of 0-9 A-D * #. False as above, or it still rings.
  bool press(const std::string& call_id, std::string_view keys, TimePoint now);
  /// `status` 0: no answer in time.
  void on_webhook_answer(std::uint64_t post_id, int status, TimePoint now);
  /// For the calls to come.
  void set_webhook_url(std::string url);
  /// Ends all calls; sidebands close with 1001.
  void shut_down(TimePoint now);

  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  Deadline next_deadline() const;
  /// What is due by now: timeouts, repetitions. To be called at `next_deadline`, or later.
  void on_deadline(TimePoint now);

  /// What webhooks are signed with.
  const std::string& webhook_secret() const;
  std::vector<std::string> calls() const;  ///< Ids in the order they came.
  /// Calls that are not over.
  std::size_t active_calls() const;
  /// Nothing for a call that is unknown or forgotten.
  std::optional<OpenAiCallRecord> record(const std::string& call_id) const;
  /// `"calls":[…],"secrets":…` as members of the object being written.
  void write_state(JsonWriter& out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
