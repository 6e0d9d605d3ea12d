#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/testing/openai_simulator.hpp"
#include "voicebridge/testing/twilio_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Where it listens, and how it behaves.
struct TwilioSimulatorOptions {
  std::string address = "127.0.0.1";  ///< To listen on.
  std::uint16_t port = 0;             ///< 0: a free one.
  TwilioCarrierOptions carrier;       ///< `wall_time` is not used: the machine's clock counts.
  /// Ids come from `carrier.seed`; otherwise from chance.
  bool repeatable = false;
  /// Where calls to sip: addresses go, as calls of its connector; must outlive this. Null: as
  /// `carrier.sip` says.
  OpenAiSimulator* openai = nullptr;
  /// Who speaks at the far end of such a call: the two simulators do not exchange audio.
  SimCallerPlan sip_caller;
};

/// Twilio on a port of this machine: a `TwilioCarrier` in real time, with the REST interface under
/// `/2010-04-01`, signed webhooks and callbacks sent to the application, and media WebSockets
/// opened to the address of `<Stream>`. `GET /__sim/state` answers with `state_json()`.
/// @par Threads `create` and the destructor not on a shard of the runtime; everything else from any
/// thread. The runtime must outlive the simulator.
class VOICEBRIDGE_API TwilioSimulator {
 public:
  /// Listens when it returns.
  static Result<std::unique_ptr<TwilioSimulator>> create(Runtime& runtime,
                                                         TwilioSimulatorOptions options = {});
  ~TwilioSimulator();  ///< Open media sockets close with 1001; requests not yet sent are lost.
  TwilioSimulator(const TwilioSimulator&) = delete;
  TwilioSimulator& operator=(const TwilioSimulator&) = delete;

  /// The port that it listens on.
  std::uint16_t port() const noexcept;
  std::string base_url() const;  ///< `http://127.0.0.1:4713`, for TWILIO_API_BASE.
  /// The account's.
  const std::string& account_sid() const noexcept;
  /// What requests have to carry, and what signs.
  const std::string& auth_token() const noexcept;

  /// For the calls to come.
  void set_voice_url(std::string url);
  /// See `SimCarrier::set_webhook_faults`.
  void set_webhook_faults(WebhookFaults faults);
  /// See `SimCarrier::plan_next`.
  void plan_next(const std::string& to, CallPlan plan);
  /// See `SimCarrier::inject`.
  void inject(SimApiFault fault);
  /// Somebody calls the application. Returns the call's SID.
  std::string call_in(const std::string& from, const std::string& to, const CallPlan& plan);

  /// Calls that are not over.
  std::size_t active_calls() const;
  /// See `SimCarrier::state_json`.
  std::string state_json() const;
  /// Runs `use` on the carrier while it stands still; must not call the simulator.
  void with_carrier(const std::function<void(TwilioCarrier& carrier, TimePoint now)>& use);
  /// Lets a test look at the carrier behind it, on its thread; blocks until it has.
  void inspect(const std::function<void(const TwilioCarrier& carrier, TimePoint now)>& look) const;

 private:
  TwilioSimulator();
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
