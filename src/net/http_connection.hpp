#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/deadline_timer.hpp"
#include "net/asio.hpp"
#include "net/http_session.hpp"
#include "net/tls_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

class HttpListener;
class Shard;

/// Carries the bytes between a socket and its `HttpSession`, with TLS between them if need be, and
/// the requests between the session and the routes.
///
/// It may outlive its listener as an aborted Asio operation only: the listener closes it first, and
/// nothing touches `listener_` after `close`.
/// @par Threads The shard's.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpListener& listener, asio::ip::tcp::socket socket,
                 std::unique_ptr<TlsSession> tls, std::string remote_address);

  void start();
  /// Lets a running request end, see `HttpSession::drain`.
  void drain();
  void close();

 private:
  struct Upgrade {
    WebSocketAccept accept;
    Shard* shard;
  };

  void wait_for_input();
  void on_readable();
  void take_input(std::string_view bytes);
  void take_cipher(std::string_view bytes);

  void dispatch();
  HttpResponder make_responder();
  void upgrade(const WebSocketRouteHandler& decide, const HttpServerRequest& request);
  void respond(const HttpResponse& response);
  void hand_over();

  void advance();
  void flush();
  void send(std::string_view plain);
  void write();
  void on_written(std::size_t size);
  bool is_writing() const { return !sending_.empty(); }
  void end_writing();

  void arm_timer();
  void on_timer();

  HttpListener& listener_;
  Shard& shard_;
  asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsSession> tls_;
  const std::string remote_address_;
  HttpSession session_;
  std::optional<Upgrade> upgrade_;  ///< Agreed; handed over when the answer is out.
  std::string wire_;                ///< To be sent next, as it goes over the wire.
  std::string sending_;             ///< Of a write that runs.
  std::size_t sent_ = 0;            ///< Bytes of `sending_` that are out.
  bool is_waiting_ = false;         ///< For input.
  bool writing_ended_ = false;
  voicebridge::detail::DeadlineTimer timer_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
