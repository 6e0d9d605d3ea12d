#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/testing/telnyx_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Where it listens, and how it behaves.
struct TelnyxSimulatorOptions {
  std::string address = "127.0.0.1";  ///< To listen on.
  std::uint16_t port = 0;             ///< 0: a free one.
  TelnyxCarrierOptions carrier;       ///< `wall_time` is not used: the machine's clock counts.
  /// Ids and the signing key come from `carrier.seed`; otherwise from chance.
  bool repeatable = false;
};

/// Telnyx on a port of this machine: a `TelnyxCarrier` in real time, with the Call Control API
/// under
/// `/v2`, signed webhooks sent to the application and media WebSockets opened to its `stream_url`.
/// `GET /__sim/state` answers with `state_json()`.
/// @par Threads `create` and the destructor not on a shard of the runtime; everything else from any
/// thread. The runtime must outlive the simulator.
class VOICEBRIDGE_API TelnyxSimulator {
 public:
  /// Listens when it returns.
  static Result<std::unique_ptr<TelnyxSimulator>> create(Runtime& runtime,
                                                         TelnyxSimulatorOptions options = {});
  ~TelnyxSimulator();  ///< Open media sockets close with 1001; webhooks not yet sent are lost.
  TelnyxSimulator(const TelnyxSimulator&) = delete;
  TelnyxSimulator& operator=(const TelnyxSimulator&) = delete;

  /// The port that it listens on.
  std::uint16_t port() const noexcept;
  std::string base_url() const;  ///< `http://127.0.0.1:4712/v2`, for TELNYX_API_BASE.
  /// What requests have to carry.
  const std::string& api_key() const noexcept;
  /// What verifies its webhooks.
  const std::string& public_key_base64() const noexcept;

  /// For the calls to come.
  void set_webhook_url(std::string url);
  /// See `SimCarrier::set_webhook_faults`.
  void set_webhook_faults(WebhookFaults faults);
  /// See `SimCarrier::plan_next`.
  void plan_next(const std::string& to, CallPlan plan);
  /// All calls to that number follow this plan.
  void plan_number(const std::string& to, CallPlan plan);
  /// See `SimCarrier::inject`.
  void inject(SimApiFault fault);
  /// Somebody calls the application. Returns the call_control_id.
  std::string call_in(const std::string& from, const std::string& to, const CallPlan& plan);

  /// Calls that are not over.
  std::size_t active_calls() const;
  /// See `SimCarrier::state_json`.
  std::string state_json() const;
  /// Looks at the carrier while it stands still; must not call the simulator.
  void inspect(const std::function<void(const TelnyxCarrier& carrier, TimePoint now)>& look) const;

 private:
  TelnyxSimulator();
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
