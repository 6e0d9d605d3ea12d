#pragma once

#include <functional>
#include <memory>
#include <string>

#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/call/carrier.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/testing/sim_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What an application's side of a carrier needs of the application around it.
struct CarrierRigParts {
  HttpClient* http = nullptr;  ///< Leads to the simulated service, whatever the host of the URL.
  std::function<UnixMillis()> wall_time;  ///< What the wall clock shows, for signatures.
  /// Whose call a media stream is.
  std::function<Result<StreamSeat>(const std::string& call_id)> seat;
  std::function<void(const CarrierEvent&)> on_event;  ///< Where events of legs go.
  Logger log;                                         ///< Where it reports; by default nowhere.
};

/// A carrier under trial, from both sides: the simulated service, and the application's code that
/// speaks with it as it does in production. Bring your own to run a third party's carrier through
/// `ScriptedCall`, and so through every suite that is made of scripted calls.
/// @par Threads One. Callbacks are not called inside the function that got them unless it says so.
class VOICEBRIDGE_API CarrierRig {
 public:
  virtual ~CarrierRig() = default;

  /// The service's side; once, first.
  virtual std::unique_ptr<SimCarrier> make_service(SimNetwork& network, TimePoint now) = 0;
  /// The application's side; once, second.
  virtual Result<> open(CarrierRigParts parts) = 0;

  /// After `open`.
  virtual Carrier& carrier() = 0;
  /// Joins legs of it; null: it cannot, and every transfer is a cold one.
  virtual ConferenceControl* conference() { return nullptr; }
  /// A request of the service, such as a webhook; `done` may be called at once, or later.
  virtual void on_request(const SimPost& request, std::function<void(HttpResponse)> done) = 0;
  /// The service wants a media socket.
  virtual WebSocketDecision on_stream(const HttpServerRequest& request) = 0;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
