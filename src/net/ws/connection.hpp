#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/ws/codec.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/websocket.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net::ws {

/// What a `Connection` needs from the bytes below it.
class FrameTransport {
 public:
  /// Sends one unfragmented frame of the three parts, or queues what the kernel does not take.
  virtual SendStatus send_frame(Opcode opcode, std::string_view head, std::string_view payload,
                                std::string_view tail) = 0;
  /// Bytes queued.
  virtual std::size_t backlog() const = 0;
  /// No frame follows: the write side is to be shut down when the backlog has gone out.
  virtual void finish_writing() = 0;

 protected:
  ~FrameTransport() = default;
};

/// Counts of all connections of a shard, plain because they share a thread.
struct ConnectionStats {
  std::uint64_t opened = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t sends_dropped = 0;    ///< The backlog's limit was reached.
  std::uint64_t protocol_errors = 0;  ///< What this side closed with 1002, 1007 or 1009.
  std::uint64_t dead_peers = 0;       ///< Nothing was heard for `dead_after`.
  std::uint64_t unclean_closes = 0;   ///< Ended without a closing handshake.
};

/// The rules of an open WebSocket: messages in and out, the closing handshake, pings, silence and
/// limits. Has no socket and no clock.
///
/// The end (RFC 6455 section 7): after `close` no message is handed on any more; when both Close
/// frames have crossed, the write side is shut down and the peer's bytes are read away until it has
/// closed too, so that no reset destroys what is on the way to it.
class Connection final : private FrameSink {
 public:
  Connection(Role role, const WebSocketLimits& limits, std::shared_ptr<WebSocketHandler> handler,
             FrameTransport& transport, BufferPool& pool, ConnectionStats& stats, TimePoint now);

  WebSocketHandler& handler() { return *handler_; }

  // From the peer.
  void on_bytes(char* data, std::size_t size, TimePoint now);
  void on_end_of_stream();
  /// The backlog has gone out.
  void on_flushed(TimePoint now);
  /// The transport is broken.
  void on_lost() { end(); }

  // From the application.
  SendStatus send_text(std::string_view head, std::string_view payload, std::string_view tail);
  SendStatus send_binary(std::string_view data);
  void ping(TimePoint now);
  void close(std::uint16_t code, std::string_view reason, TimePoint now);

  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  /// Whether all is over: the transport may go, and the handler is to be told the code and the
  /// reason.
  bool ended() const { return state_ == State::ended; }
  std::uint16_t close_code() const { return close_code_; }
  const std::string& close_reason() const { return close_reason_; }
  TimePoint last_heard() const { return last_heard_; }

  static constexpr Millis kCloseTimeout{5000};  ///< From our Close frame to the peer's.
  static constexpr Millis kDrainTimeout{
      2000};  ///< From both Close frames to the end of the stream.

 private:
  enum class State {
    open,
    closing,   ///< Our Close frame was sent, the peer's did not come yet.
    draining,  ///< No frame counts any more; waits for the end of the stream.
    ended,
  };

  bool on_message(Opcode kind, std::string_view message) override;
  bool on_control(Opcode kind, std::string_view payload) override;
  SendStatus send_message(Opcode kind, std::string_view head, std::string_view payload,
                          std::string_view tail);
  void on_close_frame(std::string_view payload);
  void answer_ping(std::string_view payload);
  void send_close_frame(std::uint16_t code, std::string_view reason);
  void fail(std::uint16_t code, std::string_view why);
  void start_draining();
  void end();

  const WebSocketLimits limits_;
  const std::shared_ptr<WebSocketHandler> handler_;
  FrameTransport& transport_;
  ConnectionStats& stats_;
  FrameDecoder decoder_;

  State state_ = State::open;
  bool cause_known_ = false;  ///< A Close frame came, or this side failed the connection.
  std::uint16_t close_code_ = kCloseAbnormal;
  std::string close_reason_;
  TimePoint now_;  ///< Of the input that is being worked on.
  TimePoint last_heard_;
  TimePoint last_ping_;
  TimePoint give_up_at_;       ///< While closing or draining.
  bool writer_waits_ = false;  ///< A send was queued or dropped since the backlog was last empty.
  bool ping_waits_ = false;
  bool pong_waits_ = false;
  std::string
      waiting_pong_;  ///< Only the latest ping is answered (section 5.5.3): a flood cannot pile up.
};

}  // namespace net::ws
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
