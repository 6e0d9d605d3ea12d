#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/footprint.hpp"
#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/wire_sink.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// An open WebSocket (RFC 6455). Lives on one shard and is used there only.
class VOICEBRIDGE_API WebSocket : public WireSink {
 public:
  /// The shard the connection lives on.
  virtual Scheduler& scheduler() = 0;
  /// Sends a ping; the answer shows in `idle()`.
  virtual void ping() = 0;
  /// Time since the peer was last heard of, in any frame.
  virtual Millis idle() const = 0;
  /// Adds what `send_text` will touch. Nothing need be added.
  virtual void footprint(Footprint& /*to*/) const {}
};

/// Receives what happens on one WebSocket, on its shard. A handler may close the socket, or another
/// one, inside any callback. After a close only `on_closed` follows. Callbacks must not throw.
class VOICEBRIDGE_API WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  /// First. `socket` stays valid until `on_closed` has returned.
  virtual void on_open(WebSocket& socket) = 0;
  /// A whole text message, checked to be UTF-8; `text` is valid during the call only.
  virtual void on_text(std::string_view text) = 0;
  /// A whole binary message, valid during the call only.
  virtual void on_binary(std::string_view) {}
  /// The backlog that made sends queue has gone out.
  virtual void on_writable() {}
  /// Last, exactly once, also for sockets closed by this side. 1006: gone without a closing
  /// handshake.
  virtual void on_closed(std::uint16_t code, std::string_view reason) = 0;
  /// Adds what `on_text` will touch when it gets what it mostly gets, such as a frame of audio.
  /// Nothing need be added. Asked for anew now and then.
  virtual void footprint(Footprint& /*to*/) const {}
};

/// How much a peer may send, and how long it may be silent.
struct WebSocketLimits {
  std::size_t max_message_bytes = 1 << 20;  ///< Larger ones close with 1009.
  /// Sends that would make the backlog larger are dropped, so no message can be larger either.
  std::size_t max_backlog_bytes = 1 << 20;
  Millis ping_interval{20000};  ///< 0: no pings.
  Millis dead_after{60000};     ///< Closed with 1006 when nothing was heard for so long.
};

/// A socket to be opened.
struct WebSocketRequest {
  std::string url;                 ///< ws:// or wss://
  HttpHeaders headers;             ///< Beside those of the upgrade.
  Millis connect_timeout{5000};    ///< DNS, TCP and TLS.
  Millis handshake_timeout{5000};  ///< Upgrade request to 101.
  WebSocketLimits limits;          ///< Of the open socket.
};

/// The seam for outgoing WebSockets. @par Threads `connect` on the scheduler's thread only.
class VOICEBRIDGE_API WebSocketClient {
 public:
  /// Told once if there will be no connection. `http_status` is set when the peer answered with
  /// another status than 101.
  using Failed = std::function<void(Error)>;
  virtual ~WebSocketClient() = default;
  /// Connects on `on`, which must be a shard of the client's runtime. Either `handler->on_open` or
  /// `failed` is called, later, once. Dropping the returned handle before that cancels: neither is
  /// called then.
  virtual std::shared_ptr<void> connect(WebSocketRequest request, Scheduler& on,
                                        std::shared_ptr<WebSocketHandler> handler,
                                        Failed failed) = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
