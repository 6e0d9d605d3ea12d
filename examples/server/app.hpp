#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agents.hpp"
#include "api.hpp"
#include "config.hpp"
#include "sip_calls.hpp"
#include "twilio_line.hpp"
#include "voice_calls.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/openai/speech_factory.hpp"
#include "voicebridge/store/outbox_store.hpp"
#include "voicebridge/store/sqlite_store.hpp"
#include "voicebridge/telnyx/telnyx_carrier.hpp"
#include "voicebridge/telnyx/telnyx_conference.hpp"
#include "voicebridge/telnyx/webhook_route.hpp"
#include "voicebridge/tools/tool_registry.hpp"
#include "web_sessions.hpp"
#include "web_site.hpp"

namespace server {

/// The server: every part of the library it is made of, in the order they depend on each other.
class App {
 public:
  /// @param add_tools  The application's own tools, beside the built-in ones.
  using AddTools = voicebridge::Result<> (*)(voicebridge::ToolRegistry&);
  static voicebridge::Result<std::unique_ptr<App>> create(Config config,
                                                          AddTools add_tools = nullptr);
  ~App();

  voicebridge::Result<> start();
  std::uint16_t port() const;
  /// Lets calls say goodbye for `grace`, then closes. Blocks; not on a shard.
  void stop(voicebridge::Millis grace);

  const Config& config() const { return config_; }
  /// Reads the agents' files anew, for calls to come. Blocks; faults leave everything as it was.
  tl::expected<std::size_t, Agents::Faults> reload_agents();
  voicebridge::PhoneAgent& agent() { return *agent_; }
  voicebridge::Runtime& runtime() { return *runtime_; }
  voicebridge::SqliteStores& stores() { return stores_; }
  /// Null: leads are not copied anywhere.
  const voicebridge::OutboxLeadStore* outbox() const { return outbox_.get(); }
  const voicebridge::TelnyxStreamServer& streams() const { return *streams_; }
  /// Null: Twilio is not configured.
  const voicebridge::TwilioStreamServer* twilio_streams() const {
    return twilio_ ? &twilio_->streams() : nullptr;
  }
  const Api& api() const { return *api_; }
  /// Null: there is no web page.
  const WebSessions* web() const { return web_.get(); }

 private:
  explicit App(Config config) : config_(std::move(config)) {}
  voicebridge::Result<> open_stores();
  voicebridge::Result<> open_supabase();
  voicebridge::Result<> make_telnyx();
  voicebridge::Result<> make_twilio();
  voicebridge::Result<> make_agent(AddTools add_tools);
  voicebridge::Result<> open_agents();
  voicebridge::Result<> open_sip();
  voicebridge::Result<> open_web();
  voicebridge::Result<> make_server();
  voicebridge::Result<voicebridge::CallProfile> profile_for(const voicebridge::CallFacts& facts);
  voicebridge::Result<voicebridge::TelnyxStreamTarget> seat(
      const voicebridge::TelnyxStreamRequest& request);

  // routes.cpp
  voicebridge::Result<> add_routes();
  void add_telnyx_routes();
  void add_web_routes();
  std::optional<std::string> web_session_of(const voicebridge::HttpServerRequest& request) const;
  bool authorized(const voicebridge::HttpServerRequest& request,
                  const voicebridge::HttpResponder& responder) const;
  void save_lead(const ApiRequest& request, voicebridge::HttpResponder responder);
  void trigger_call(const ApiRequest& request, voicebridge::HttpResponder responder);
  void reload(const ApiRequest& request, voicebridge::HttpResponder responder);
  void health(const ApiRequest& request, voicebridge::HttpResponder responder);

  Config config_;
  voicebridge::Logger log_;
  std::unique_ptr<voicebridge::Runtime> runtime_;
  std::unique_ptr<voicebridge::HttpClient> http_;
  std::unique_ptr<voicebridge::WebSocketClient> websockets_;
  voicebridge::SqliteStores stores_;
  std::shared_ptr<voicebridge::OutboxLeadStore> outbox_;  ///< Null: leads stay here.
  voicebridge::ToolRegistry tools_;
  std::optional<voicebridge::TelnyxStreamServer> streams_;
  std::unique_ptr<voicebridge::TelnyxConference> telnyx_conference_;
  std::unique_ptr<voicebridge::TelnyxCarrier> telnyx_;  ///< Null: not configured.
  std::shared_ptr<const voicebridge::telnyx::WebhookVerifier> webhooks_;
  std::unique_ptr<TwilioLine> twilio_;  ///< Null: not configured.
  std::unique_ptr<Agents> agents_;
  /// Sessions as the configuration has them; what an agent says of its own makes others.
  std::function<std::unique_ptr<voicebridge::SpeechSession>(voicebridge::Scheduler&)> open_speech_;
  std::unique_ptr<voicebridge::PhoneAgent> agent_;
  std::unique_ptr<SipCalls> sip_;  ///< Null: no calls by SIP.
  std::unique_ptr<VoiceCalls> voice_calls_;
  std::unique_ptr<WebSite> site_;  ///< Null: no web page; so the next.
  std::shared_ptr<WebSessions> web_;
  std::optional<Api> api_;
  std::unique_ptr<voicebridge::HttpServer> server_;
};

}  // namespace server
