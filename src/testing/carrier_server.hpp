#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "voicebridge/net/http_server.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/net/websocket.hpp"
#include "voicebridge/testing/deadline_driver.hpp"
#include "voicebridge/testing/sim_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A simulated carrier on a port of this machine: carries bytes and time between a `SimCarrier` and
/// the network. The carrier is used under the lock; timers and media sockets live on one shard.
/// `GET /__sim/state` answers with the carrier's state.
class CarrierServer final : public SimNetwork, public std::enable_shared_from_this<CarrierServer> {
 public:
  using Make = std::function<std::unique_ptr<SimCarrier>(SimNetwork& network, TimePoint now)>;
  /// Method and pattern of a route whose requests go to the carrier.
  using Routes = std::vector<std::pair<std::string, std::string>>;

  CarrierServer(Runtime& runtime, const Make& make);

  Result<> listen(Runtime& runtime, const std::string& address, std::uint16_t port,
                  const Routes& routes);
  /// Open media sockets close with 1001; requests not yet sent are lost.
  void stop();

  /// Runs `use(carrier, now)` and sees to it that the carrier's next deadline is kept.
  template <class Use>
  auto with_carrier(Use use) {
    const WakeAfter wake{*this};
    const std::lock_guard<std::mutex> lock(mutex_);
    return use(*carrier_, shard_.now());
  }
  template <class Look>
  auto inspect(Look look) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return look(static_cast<const SimCarrier&>(*carrier_), shard_.now());
  }

  /// What the carrier uses and must not outlive.
  void keep(std::shared_ptr<void> needed) { kept_ = std::move(needed); }

  const std::string& address() const { return address_; }
  std::uint16_t port() const { return server_->port(); }
  std::string origin() const { return "http://" + address_ + ":" + std::to_string(port()); }
  Scheduler& shard() { return shard_; }

  // For the driver.
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  // Of the carrier.
  void post_webhook(const SimPost& post) override;
  void open_stream(const SimStreamOpen& open) override;

 private:
  class MediaSocket;

  struct WakeAfter {
    CarrierServer& server;
    ~WakeAfter() { server.wake(); }
  };

  void wake();
  void serve(HttpServerRequest request, HttpResponder responder);
  void reply(SimApiReply reply, HttpResponder responder);
  void connect(const SimStreamOpen& open);

  Scheduler& shard_;
  std::string address_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<WebSocketClient> websockets_;
  mutable std::mutex mutex_;
  std::shared_ptr<void> kept_;
  std::unique_ptr<SimCarrier> carrier_;
  std::vector<HttpResponder> unanswered_;  ///< Under the lock: clients that shall wait in vain.

  // On the shard only.
  DeadlineDriver<CarrierServer> driver_;
  bool stopped_ = false;
  /// The latest media socket of each id; the events of earlier ones are no more of interest.
  std::map<std::string, std::shared_ptr<MediaSocket>> sockets_;
};

/// A seed by chance, for a simulator that need not be repeatable.
std::uint64_t random_seed();

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
