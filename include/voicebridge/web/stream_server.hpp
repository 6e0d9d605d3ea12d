#pragma once

#include <functional>
#include <memory>
#include <string>

#include "voicebridge/core/log.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/web/event_feed.hpp"
#include "voicebridge/web/media_session.hpp"
#include "voicebridge/web/origin.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A socket of a page that has said who it is.
struct WebStreamRequest {
  bool audio = false;          ///< The stream; else events alone.
  std::string session_id;      ///< As the hello has it; nothing is proved yet.
  Secret token;                ///< The same.
  std::string remote_address;  ///< Of the connection, without the port.
  Scheduler* shard = nullptr;  ///< Where the socket is, and stays.
};

/// What it is joined with.
struct WebStreamTarget {
  std::shared_ptr<EventFeed> events;  ///< Needed.
  std::string agent;                  ///< Its name, told to the page; so the next.
  std::string language;               ///< ISO 639-1.
  /// What the page says beside its audio; on the socket's shard, must not block. May be null.
  std::function<void(const web::PageMessage&)> on_message;
  /// Gives the observer of the stream, as `StreamSeat::attach` does; on the socket's shard, once,
  /// before `on_media_start`. Needed for a stream. The stream may be kept; after `on_media_stop` it
  /// does nothing.
  std::function<std::shared_ptr<MediaObserver>(std::shared_ptr<MediaStream> stream)> attach;
  /// The call's shard; null: where the socket is. Another one refuses a stream: the hello comes
  /// when the socket has its place, so the call is to be made on `WebStreamRequest::shard`.
  Scheduler* scheduler = nullptr;
};

/// Where the sockets are, who may open them, and how many.
struct WebStreamServerOptions {
  std::string stream_path = "/api/web/stream";  ///< Of the sockets with audio.
  std::string events_path = "/api/web/events";  ///< Of those with events alone.
  OriginRules origins;                          ///< Which pages may open them.
  std::size_t max_sockets = 1000;               ///< At once; more are answered 503.
  WebMediaSessionOptions session;  ///< `audio`, `on_trouble` and `wake` are set by the server.
  /// Of messages, and of silence.
  WebSocketLimits limits{64 * 1024, 1 << 20, Millis{20000}, Millis{60000}};
  Logger log;  ///< Where it reports; by default nowhere.
};

/// How many sockets of pages came and what became of them.
struct WebStreamCounters {
  std::uint64_t accepted = 0;         ///< Upgraded.
  std::uint64_t refused_origin = 0;   ///< 403
  std::uint64_t refused_full = 0;     ///< 503
  std::uint64_t refused_visitor = 0;  ///< Closed at the hello: the application did not want it.
  std::size_t open = 0;               ///< Now.
};

/// The door for the sockets of web pages: checks where the page comes from, asks the application
/// about the session and token of its hello, and joins the socket with the call and its events.
/// @par Threads Any. A cheap handle; copies share.
class VOICEBRIDGE_API WebStreamServer {
 public:
  /// Asked once a socket, on its shard; must not block. An error closes the socket, with the code
  /// that `WebMediaSession::Admit` tells.
  using OnHello = std::function<Result<WebStreamTarget>(const WebStreamRequest&)>;

  /// `Errc::invalid_argument` naming the option that makes no sense.
  static Result<WebStreamServer> create(WebStreamServerOptions options, OnHello on_hello);

  /// Adds both routes; before `HttpServer::start`.
  void add_routes(HttpServer& server) const;
  /// What a route does with an upgrade request. @param audio  The stream; else events alone.
  WebSocketDecision accept(const HttpServerRequest& request, bool audio) const;

  /// As they stand.
  WebStreamCounters counters() const;

 private:
  struct State;
  explicit WebStreamServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
