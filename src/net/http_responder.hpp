#pragma once

#include <atomic>
#include <functional>

#include "voicebridge/net/http_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What the copies of one responder share.
struct HttpResponder::State {
  /// `deliver` is called once, on the thread that sends first or drops the last copy.
  explicit State(std::function<void(HttpResponse)> deliver_response)
      : deliver(std::move(deliver_response)) {}
  ~State();

  void send(HttpResponse response);

  const std::function<void(HttpResponse)> deliver;
  std::atomic<bool> sent{false};
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
