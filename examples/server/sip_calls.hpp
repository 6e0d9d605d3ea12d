#pragma once

#include <memory>
#include <optional>

#include "agents.hpp"
#include "api.hpp"
#include "twilio_line.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/net/websocket.hpp"
#include "voicebridge/openai/realtime_api.hpp"
#include "voicebridge/openai/realtime_client.hpp"
#include "voicebridge/openai/webhook_route.hpp"

namespace server {

/// The service and its key, as the configuration has them.
voicebridge::openai::ApiOptions api_options(const Config& config);
voicebridge::openai::RealtimeClientOptions client_options(const Config& config);

/// Where a trunk sends calls to; empty without the project's id.
std::string sip_address(const Config& config);

/// Takes the calls that come to OpenAI by SIP: finds the agent, answers, refuses.
/// Threads: any.
class SipCalls {
 public:
  struct Parts {
    voicebridge::PhoneAgent& agent;
    Agents& agents;
    voicebridge::HttpClient& http;
    voicebridge::WebSocketClient& websockets;
    voicebridge::Logger log;
    const TwilioLine* twilio = nullptr;  ///< Whose callers come by SIP, too; null: nobody's.
  };
  static voicebridge::Result<std::unique_ptr<SipCalls>> create(const Config& config, Parts parts);

  /// Serves `POST /openai/webhook`. Before the server is started. Null: it says that there are no
  /// calls by SIP.
  static void add_route(Api& api, voicebridge::HttpServer& server, SipCalls* calls);

 private:
  SipCalls(const Config& config, Parts parts, voicebridge::openai::RealtimeApi api,
           std::shared_ptr<const voicebridge::openai::WebhookVerifier> webhooks);
  void take(const voicebridge::openai::IncomingSipCall& call, voicebridge::Scheduler& on);
  using DeskCaller = std::optional<voicebridge::TwilioSipCaller>;
  DeskCaller desk_caller(const voicebridge::openai::IncomingSipCall& call,
                         const voicebridge::Scheduler& on) const;
  voicebridge::Result<voicebridge::CallStatus> serve(
      const voicebridge::openai::IncomingSipCall& call, const DeskCaller& from_desk,
      ChosenAgent chosen);
  void refuse(const voicebridge::openai::IncomingSipCall& call, const voicebridge::Error& why,
              voicebridge::Scheduler& on);

  const Config& config_;
  Parts parts_;
  voicebridge::openai::RealtimeApi api_;
  std::shared_ptr<const voicebridge::openai::WebhookVerifier> webhooks_;
};

}  // namespace server
