#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "testing/virtual_socket.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/testing/deadline_driver.hpp"
#include "voicebridge/testing/scripted_call.hpp"

namespace voicebridge::testing {

/// Telnyx without a network: takes its REST commands, brings its webhooks, opens its media streams.
class VirtualPhone final : public HttpClient, private TelnyxCarrierNetwork {
 public:
  /// The application's doors.
  struct Application {
    /// The HTTP status it answers a webhook with.
    std::function<int(const HttpHeaders& headers, const std::string& body)> on_webhook;
    std::function<WebSocketDecision(const HttpServerRequest& request)> on_stream;
  };

  VirtualPhone(ManualScheduler& clock, const ScriptedCallOptions& options);
  ~VirtualPhone() override;

  void serve(Application application) { application_ = std::move(application); }
  void send(HttpRequest request, Scheduler& on, Done done) override;

  TelnyxCarrier& carrier() { return carrier_; }
  const MessageCount& messages() const { return messages_; }
  /// The carrier's deadlines are kept from now on.
  void rearm() { driver_.rearm(); }

 private:
  struct Line;
  void post_webhook(const TelnyxWebhookPost& post) override;
  void open_stream(const TelnyxStreamOpen& open) override;
  void connect(const TelnyxStreamOpen& open);

  ManualScheduler& clock_;
  const ScriptedCallOptions& options_;
  Application application_;
  TelnyxCarrier carrier_;
  DeadlineDriver<TelnyxCarrier> driver_;
  MessageCount messages_;
  std::vector<std::unique_ptr<Line>> lines_;
};

}  // namespace voicebridge::testing
