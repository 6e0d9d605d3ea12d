#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/testing/carrier_rig.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"
#include "voicebridge/testing/openai_sim_session.hpp"
#include "voicebridge/testing/sim_carrier.hpp"
#include "voicebridge/testing/wire_pipe.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// The carriers that the library knows.
enum class CarrierKind { telnyx, twilio };

/// One call from the dialing to the last webhook, and what the world does to it.
struct ScriptedCallOptions {
  CarrierKind carrier = CarrierKind::telnyx;  ///< Who carries it.
  /// Another carrier than those; asked once a call. `callee`, `webhooks` and `seed` are for it.
  std::function<std::unique_ptr<CarrierRig>(const ScriptedCallOptions& options)> make_rig;
  PhoneAgentOptions agent;                         ///< `phone` has the rules of the call.
  std::shared_ptr<const OpenAiScenario> scenario;  ///< What the model does. Needed.
  std::shared_ptr<const VoiceSource> voice;        ///< Null: `ToneVoice`.
  OpenAiSimOptions model;                          ///< How its sessions behave.
  CallPlan callee;                                 ///< What the person who is called does.
  WebhookFaults webhooks;                          ///< What happens to the carrier's events.
  AudioFormat codec = AudioFormat::pcmu();  ///< Asked of the carrier; Twilio has this one only.
  bool media_at_dial = false;        ///< The media stream is asked for with the call; Telnyx only.
  Lead lead;                         ///< Who is called; empty: somebody.
  std::shared_ptr<CallStore> calls;  ///< Where calls are kept; null: in memory, for this call only.

  Secret model_key{"sk-simulated"};  ///< What the client sends.
  Millis model_connect{150};         ///< From `SpeechSession::start` to the open socket.
  WirePipeOptions model_wire{Micros(15000), Micros(10000)};    ///< The seed is set by the call.
  WirePipeOptions carrier_wire{Micros(10000), Micros(10000)};  ///< The same.
  Millis api_delay{30};    ///< Of the carrier's REST interface, one way.
  std::uint64_t seed = 1;  ///< Of everything that happens by chance.

  std::optional<std::size_t> cut_model_at;    ///< The model's socket is lost behind its n-th event.
  std::optional<std::size_t> cut_carrier_at;  ///< The same of the media socket.
  /// Told of every text on the model's sockets: what the service sends, and what it gets.
  std::function<void(bool from_service, std::string_view text)> on_model_text;
  Logger log;  ///< Where it reports; by default nowhere.
};

/// A whole call in virtual time. `PhoneAgent`, `RealtimeClient`, the carrier's call control, stream
/// server and webhook check are those that run in production; the simulators stand behind them,
/// joined by pipes instead of sockets. The same options give the same call, and
/// a minute of it takes some milliseconds.
///
/// @code
/// auto call = ScriptedCall::create(std::move(options));
/// (*call)->tools().add({"check_stock", …}, check_stock);
/// (*call)->dial();
/// (*call)->run(Millis(60000));
/// CHECK((*call)->record()->end_reason == EndReason::agent_goodbye);
/// @endcode
/// @par Threads One.
class VOICEBRIDGE_API ScriptedCall {
 public:
  /// @return `Errc::invalid_argument` without a scenario, or naming what a part refuses.
  static Result<std::unique_ptr<ScriptedCall>> create(ScriptedCallOptions options);
  ~ScriptedCall();
  ScriptedCall(const ScriptedCall&) = delete;
  ScriptedCall& operator=(const ScriptedCall&) = delete;

  /// The agent's tools: the built-in ones are there. Add before `dial`.
  ToolRegistry& tools();
  /// The agent under trial.
  PhoneAgent& agent();
  /// What the call runs on.
  ManualScheduler& clock();

  /// Calls the lead.
  void dial();
  /// The lead calls the application.
  void ring();
  /// Moves the clock until the call has ended, or for so long. False: it has not ended.
  bool run(Millis longest);

  /// How often the call has told its end.
  std::size_t ended() const;
  /// Of the call, once it has ended.
  const std::optional<CallRecord>& record() const;
  /// Of all calls that have ended, in that order: a transfer makes a call of its own.
  const std::vector<CallRecord>& records() const;
  /// What the model's side saw, one for each connection.
  std::vector<const OpenAiSimRecord*> model() const;
  /// The simulated service. It may be told to fail, or to let others call.
  SimCarrier& carrier();
  /// The service's side of the carrier.
  const SimCarrier& carrier() const;
  /// The first leg as the carrier saw it; null before it was dialed.
  const SimLeg* leg() const;
  std::size_t model_events() const;      ///< That arrived, over all connections.
  std::size_t carrier_messages() const;  ///< The same of the media sockets.

 private:
  struct Impl;
  explicit ScriptedCall(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
