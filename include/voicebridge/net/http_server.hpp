#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "voicebridge/net/http.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/net/websocket.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A request as a handler gets it. The body is raw: not decoded, not parsed.
struct HttpServerRequest {
  std::string method;                             ///< As it came, such as "GET".
  std::string target;                             ///< Path and query as they came.
  std::string path;                               ///< Decoded.
  std::map<std::string, std::string> parameters;  ///< Of the route: `{id}` in `/calls/{id}`.
  HttpHeaders headers;                            ///< As they came.
  std::string body;                               ///< At most `HttpServerOptions::max_body_bytes`.
  std::string remote_address;                     ///< Without the port.
  Scheduler* shard = nullptr;                     ///< Where the handler runs.
};

/// Answers one request, from any thread. The first `send` counts, later ones do nothing; when the
/// last copy goes without one, the client gets a 500.
class VOICEBRIDGE_API HttpResponder {
 public:
  /// Answers.
  void send(HttpResponse response) const;
  /// Answers with a body.
  void send(int status, std::string body, std::string content_type = "application/json") const;

  struct State;
  /// For the server itself.
  explicit HttpResponder(std::shared_ptr<State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<State> state_;
};

/// Runs on the shard that accepted the connection; must not block.
using HttpRouteHandler = std::function<void(HttpServerRequest request, HttpResponder responder)>;

/// What a WebSocket route says to an upgrade request.
struct WebSocketAccept {
  std::shared_ptr<WebSocketHandler> handler;  ///< Gets what happens on the socket. Needed.
  Scheduler* shard = nullptr;  ///< Where the socket shall live; null: where it was accepted.
  WebSocketLimits limits;      ///< Of messages, and of what may wait to be sent.
};
/// The socket, or the answer in its place.
using WebSocketDecision = std::variant<WebSocketAccept, HttpResponse>;
/// Runs on the shard that accepted the connection; must not block.
using WebSocketRouteHandler = std::function<WebSocketDecision(const HttpServerRequest& request)>;

/// Where to listen, and how much a peer may ask for.
struct HttpServerOptions {
  std::string address = "127.0.0.1";     ///< To listen on.
  std::uint16_t port = 0;                ///< 0: a free one, see `HttpServer::port()`.
  std::size_t max_header_bytes = 16000;  ///< Request line and headers; 16000 at most.
  std::size_t max_body_bytes = 1 << 20;  ///< Larger ones are answered 413.
  std::size_t max_connections = 10000;   ///< A shard; more are answered 503 and closed.
  Millis header_timeout{10000};      ///< From the first byte of a request to the end of its head.
  Millis body_timeout{20000};        ///< To receive a body; to take the next piece of an answer.
  Millis idle_timeout{60000};        ///< Between requests of a kept-alive connection.
  Millis handler_timeout{30000};     ///< Then 504.
  std::string tls_certificate_file;  ///< PEM chain; with `tls_key_file` the port speaks TLS.
  std::string tls_key_file;          ///< PEM, of the certificate.
};

/// HTTP/1.1 and WebSocket upgrades on one port, one listening socket a shard.
///
/// Read and answered here: `100 Continue`, chunked bodies, HEAD for GET routes, HTTP/1.0,
/// pipelining. Refused: requests that two readers could take differently (RFC 9112 section 11.2),
/// and what exceeds the options. Counted in the runtime's metrics as `net.http.*`. Must go before
/// its runtime.
/// @par Threads Routes are added before `start`; everything else from any thread.
class VOICEBRIDGE_API HttpServer {
 public:
  /// Fails with `invalid_argument` naming the option, or when the certificate cannot be used.
  static Result<std::unique_ptr<HttpServer>> create(Runtime& runtime,
                                                    HttpServerOptions options = {});
  /// Cuts the connections. No handler runs after this returns, so it must not be called inside one.
  /// WebSockets that were accepted stay.
  ~HttpServer();

  /// `pattern` is a path with `{name}` segments; the first added that fits wins. 404 without a
  /// route, 405 for another method of a known path. A pattern that makes no sense lets `start`
  /// fail.
  void route(std::string method, std::string pattern, HttpRouteHandler handler);
  /// The handler is asked once the upgrade request has proved well-formed.
  void websocket(std::string pattern, WebSocketRouteHandler handler);

  /// Fails with `conflict` when the port is taken.
  Result<> start();
  std::uint16_t port() const noexcept;  ///< After `start`.
  /// No new connections; running requests get `grace` to finish, then they are cut. `done` runs on
  /// shard 0.
  void stop(Millis grace, std::function<void()> done = {});

 private:
  HttpServer();
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
