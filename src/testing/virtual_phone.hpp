#pragma once

#include <memory>
#include <string>
#include <vector>

#include "testing/virtual_socket.hpp"
#include "testing/wire_tamper.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/testing/carrier_plan.hpp"
#include "voicebridge/testing/deadline_driver.hpp"
#include "voicebridge/testing/scripted_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A carrier without a network: takes its REST commands, brings its webhooks, opens its media
/// streams.
class VirtualPhone final : public HttpClient, private SimNetwork {
 public:
  /// Media sockets the application was asked to take.
  struct Sockets {
    std::size_t taken = 0;
    std::size_t refused = 0;
  };

  /// @param trouble  What happens to media sockets beside what `options` say; it outlives this.
  VirtualPhone(ManualScheduler& clock, const ScriptedCallOptions& options, CarrierRig& rig,
               const MediaTrouble* trouble = nullptr);
  ~VirtualPhone() override;

  void send(HttpRequest request, Scheduler& on, Done done) override;

  SimCarrier& carrier() { return *carrier_; }
  const SimCarrier& carrier() const { return *carrier_; }
  const MessageCount& messages() const { return messages_; }
  const Sockets& sockets() const { return sockets_; }
  /// The carrier's deadlines are kept from now on.
  void rearm() { driver_.rearm(); }

 private:
  struct Line;
  void post_webhook(const SimPost& post) override;
  void open_stream(const SimStreamOpen& open) override;
  void connect(const SimStreamOpen& open);
  HttpServerRequest upgrade_of(const SimStreamOpen& open) const;
  Line& join(const WebSocketAccept& accepted, const std::string& stream_id);
  void trouble_line(Line& line);
  void connect_again(const HttpServerRequest& request, Line& first);

  ManualScheduler& clock_;
  const ScriptedCallOptions& options_;
  CarrierRig& rig_;
  const MediaTrouble* const trouble_;
  std::unique_ptr<SimCarrier> carrier_;
  DeadlineDriver<SimCarrier> driver_;
  MessageCount messages_;
  Sockets sockets_;
  std::vector<std::unique_ptr<Line>> lines_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
