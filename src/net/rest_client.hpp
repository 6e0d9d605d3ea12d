#pragma once

#include <memory>

#include "net/stop_listener.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/runtime.hpp"

namespace voicebridge::net {

/// HttpClient over cpprestsdk, without a tie to a runtime. cpprestsdk's threads outlive everything
/// here, so what they come back to is shared, and `shut_down` cuts them off from the schedulers.
class RestClient : public HttpClient, public StopListener {
 public:
  /// Every pending `done` is posted `cancelled`, and so are those of later requests; the schedulers
  /// of the pending ones are not touched after this returns. @par Threads Any.
  virtual void shut_down() = 0;
  void on_runtime_stop() override { shut_down(); }
};

std::shared_ptr<RestClient> make_rest_client(TlsClientOptions tls);

}  // namespace voicebridge::net
