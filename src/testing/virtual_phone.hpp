#pragma once

#include <memory>
#include <string>
#include <vector>

#include "testing/virtual_socket.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/testing/deadline_driver.hpp"
#include "voicebridge/testing/scripted_call.hpp"

namespace voicebridge::testing {

/// A carrier without a network: takes its REST commands, brings its webhooks, opens its media
/// streams.
class VirtualPhone final : public HttpClient, private SimNetwork {
 public:
  VirtualPhone(ManualScheduler& clock, const ScriptedCallOptions& options, CarrierRig& rig);
  ~VirtualPhone() override;

  void send(HttpRequest request, Scheduler& on, Done done) override;

  SimCarrier& carrier() { return *carrier_; }
  const SimCarrier& carrier() const { return *carrier_; }
  const MessageCount& messages() const { return messages_; }
  /// The carrier's deadlines are kept from now on.
  void rearm() { driver_.rearm(); }

 private:
  struct Line;
  void post_webhook(const SimPost& post) override;
  void open_stream(const SimStreamOpen& open) override;
  void connect(const SimStreamOpen& open);

  ManualScheduler& clock_;
  const ScriptedCallOptions& options_;
  CarrierRig& rig_;
  std::unique_ptr<SimCarrier> carrier_;
  DeadlineDriver<SimCarrier> driver_;
  MessageCount messages_;
  std::vector<std::unique_ptr<Line>> lines_;
};

}  // namespace voicebridge::testing
