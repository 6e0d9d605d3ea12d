#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/deadline_timer.hpp"
#include "net/stream_place.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/net/websocket.hpp"
#include "voicebridge/web/media_session.hpp"
#include "voicebridge/web/stream_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {

/// What a connection was accepted with.
struct StreamAdmission {
  WebStreamRequest request;  ///< What is known before the hello.
  WebMediaSessionOptions session;
  std::function<Result<WebStreamTarget>(const WebStreamRequest&)> ask;
  Logger log;
};

/// Joins one socket of a page, the protocol on it and what the application gives for it; arms the
/// protocol's timer.
/// @par Threads The socket's shard.
class StreamConnection final : public WebSocketHandler,
                               public std::enable_shared_from_this<StreamConnection> {
 public:
  StreamConnection(StreamAdmission admission, net::StreamPlace place);
  ~StreamConnection() override;

  void on_open(WebSocket& socket) override;
  void on_text(std::string_view text) override;
  void on_binary(std::string_view data) override;
  void on_writable() override;
  void on_closed(std::uint16_t code, std::string_view reason) override;

 private:
  Result<WebVisitor> admit(const PageHello& hello);
  void on_wake();
  void arm_timer();
  void on_timer();
  TimePoint now() const { return socket_->scheduler().now(); }

  StreamAdmission admission_;
  net::StreamPlace place_;
  WebSocket* socket_ = nullptr;
  std::shared_ptr<WebMediaSession> session_;
  voicebridge::detail::DeadlineTimer timer_;
};

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
