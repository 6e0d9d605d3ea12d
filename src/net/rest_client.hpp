#pragma once

#include <memory>

#include "net/stop_listener.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/runtime.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// HttpClient over cpprestsdk, without a tie to a runtime. cpprestsdk's threads outlive everything
/// here, so what they come back to is shared, and `shut_down` cuts them off from the schedulers.
class RestClient : public HttpClient, public StopListener {
 public:
  /// Every pending `done` is posted `cancelled`, and so are those of later requests; the schedulers
  /// of the pending ones are not touched after this returns. @par Threads Any.
  virtual void shut_down() = 0;
  void on_runtime_stop() override { shut_down(); }
};

struct RestClientOptions {
  TlsClientOptions tls;
  std::size_t max_pending =
      1000;  ///< Requests under way; one more fails with `resource_exhausted`.
};

/// @param refused  Counts what `max_pending` kept back; used inside `send` only.
std::shared_ptr<RestClient> make_rest_client(RestClientOptions options, Counter& refused);

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
