#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agents.hpp"
#include "api.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/net/websocket.hpp"
#include "voicebridge/openai/realtime_api.hpp"
#include "voicebridge/store/lead_store.hpp"
#include "voicebridge/web/stream_server.hpp"
#include "web_book.hpp"
#include "web_limits.hpp"
#include "web_tokens.hpp"

namespace server {

/// What the page asks of the server: sessions in three modes, their events, leads and calls.
/// @par Threads Any.
class WebSessions : public std::enable_shared_from_this<WebSessions> {
 public:
  /// All of it must outlive the sessions.
  struct Parts {
    voicebridge::PhoneAgent& agent;
    Agents& agents;
    voicebridge::HttpClient& http;
    voicebridge::WebSocketClient& websockets;
    voicebridge::Scheduler& clock;  ///< Where time passes for sessions.
    voicebridge::Logger log;
    std::shared_ptr<voicebridge::CallStore> calls;  ///< For talks that do not pass here.
  };
  static voicebridge::Result<std::shared_ptr<WebSessions>> create(const Config& config,
                                                                  Parts parts);

  /// Before the server is started.
  void add_routes(Api& api, voicebridge::HttpServer& server);
  /// Time begins to pass; from here on what is idle ends.
  void start();
  void stop();

  /// The session that a request proves to be its own by a bearer token, or by `token` in its JSON
  /// body. Nothing: it has none that is good.
  std::optional<std::string> session_of(const voicebridge::HttpServerRequest& request);
  /// Saves a lead as the session's. Blocks.
  voicebridge::Result<voicebridge::Lead> save_lead(const std::string& session_id,
                                                   voicebridge::LeadInput input);
  /// What its visitor agrees to who wants to be called.
  std::string consent_words(const std::string& session_id) const;
  /// Calls the session's lead; `permission_denied` for another one. An empty id: whichever it has.
  void call_lead(const std::string& session_id, const std::string& lead_id,
                 voicebridge::PhoneAgent::Called done);

  /// Sessions that are known, those that are over for a moment included.
  std::size_t count() const { return book_.count(); }
  /// Sessions that hold a place.
  std::size_t open_count() const { return limits_.sessions(); }

 private:
  struct Start;
  WebSessions(const Config& config, Parts parts, voicebridge::openai::RealtimeApi api);
  voicebridge::Result<> open_door();
  voicebridge::Result<voicebridge::WebStreamTarget> admit_socket(
      const voicebridge::WebStreamRequest& request);
  voicebridge::Result<voicebridge::StreamSeat> take_seat(const WebBook::Seen& seen,
                                                         voicebridge::Scheduler& on);
  void listen();
  void tick();
  void over(const WebVisit& visit);

  // web_start.cpp
  void start_session(const voicebridge::HttpServerRequest& request,
                     voicebridge::HttpResponder responder);
  voicebridge::Result<Start> read_start(const voicebridge::HttpServerRequest& request);
  voicebridge::Result<> admit(Start& start, const voicebridge::HttpServerRequest& request);
  void start_sdp(Start start);
  void serve_sdp(const Start& start, const voicebridge::openai::CreatedCall& created,
                 ChosenAgent chosen);
  void start_ephemeral(Start start);
  void start_websocket(const Start& start);
  voicebridge::Result<ChosenAgent> choose(const Start& start);
  void refuse_start(const Start& start, const voicebridge::Error& error);
  voicebridge::Secret open(const Start& start);

  // web_routes.cpp
  void end(const voicebridge::HttpServerRequest& request, voicebridge::HttpResponder responder);
  void transcript(const voicebridge::HttpServerRequest& request,
                  voicebridge::HttpResponder responder);
  void settings(const voicebridge::HttpServerRequest& request,
                voicebridge::HttpResponder responder);
  void diagnose(const voicebridge::HttpServerRequest& request,
                voicebridge::HttpResponder responder);
  voicebridge::Result<std::string> session_in_path(const voicebridge::HttpServerRequest& request);

  // web_messages.cpp
  void on_message(const std::string& session_id, const voicebridge::web::PageMessage& message,
                  voicebridge::Scheduler& on);
  void typed(const WebBook::Seen& seen, const voicebridge::web::PageText& message);
  void edited(const WebBook::Seen& seen, const voicebridge::web::PageLead& message,
              voicebridge::Scheduler& on);
  void save_cards(const std::string& session_id);
  void wants_call(const WebBook::Seen& seen);
  void report(const std::string& session_id, const voicebridge::Error& error);

  const Config& config_;
  Parts parts_;
  voicebridge::openai::RealtimeApi api_;
  SessionTokens tokens_;
  WebLimits limits_;
  WebBook book_;
  std::mutex cards_mutex_;
  /// What of each visitor's card is to be saved next; nothing: the one before is being saved.
  std::map<std::string, std::optional<voicebridge::LeadInput>> cards_;
  std::optional<voicebridge::WebStreamServer> door_;
  std::atomic<bool> stopped_{false};
};

}  // namespace server
