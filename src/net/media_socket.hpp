#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/batch_stage.hpp"
#include "net/buffer_pool.hpp"
#include "net/poller.hpp"
#include "net/tls_session.hpp"
#include "net/unique_fd.hpp"
#include "net/ws/codec.hpp"
#include "net/ws/connection.hpp"
#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/net/websocket.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

class MediaSocket;

/// A connection whose opening handshake is done, on its way into a `MediaSet`.
struct MediaSetup {
  UniqueFd fd;  ///< A connected TCP socket that nothing else watches.
  ws::Role role = ws::Role::server;
  std::unique_ptr<TlsSession> tls;  ///< Open, all its input read; null for plain TCP.
  std::string left_over;            ///< Plain bytes that came behind the head.
  WebSocketLimits limits;
  std::shared_ptr<WebSocketHandler> handler;
};

/// What the open sockets of a shard share, so that an idle one owns next to nothing.
class MediaShared {
 public:
  explicit MediaShared(Scheduler& on) : scheduler(on) {}
  MediaShared(const MediaShared&) = delete;
  MediaShared& operator=(const MediaShared&) = delete;

  /// The socket is at its end: it is to be told and freed, but not inside this call.
  virtual void on_ended(MediaSocket& socket) = 0;

  Scheduler& scheduler;
  BatchStage batch;
  std::unique_ptr<Poller> poller;
  ws::ConnectionStats stats;
  BufferPool pool;
  ws::MaskSource masks;
  std::vector<char> plain_buffer;  ///< What a TLS socket read, decrypted. Empty until there is one.
  std::vector<char> frame_buffer;  ///< In use during one call only, as the next.
  std::string
      cipher_buffer;  ///< What a TLS session wants sent. Always emptied before another one is used.

  static constexpr std::size_t kBufferSize = 64 * 1024;

 protected:
  ~MediaShared() = default;
};

/// An open WebSocket on a file descriptor: moves bytes between the kernel, TLS and
/// `ws::Connection`, which holds the rules. One `recv` and at most one `send` a frame; allocates
/// nothing while the peer keeps up.
///
/// Inside a batch of wake-ups what is read is worked on after all sockets were read, and what is
/// sent goes out after all of it was worked on; see `BatchStage`.
/// @par Threads The shard's.
class MediaSocket final : public WebSocket, public Pollable, private ws::FrameTransport {
 public:
  MediaSocket(MediaShared& shared, MediaSetup setup);
  ~MediaSocket() override;
  MediaSocket(const MediaSocket&) = delete;
  MediaSocket& operator=(const MediaSocket&) = delete;

  /// Tells the handler, and serves what came with the opening handshake.
  void open();
  /// Ends without a closing handshake.
  void abort();
  /// The last call to the handler.
  void tell_closed();

  // WebSocket
  Scheduler& scheduler() override { return shared_.scheduler; }
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override;
  SendStatus send_binary(std::string_view data) override;
  void close(std::uint16_t code, std::string_view reason) override;
  std::size_t backlog() const override { return deferred_ ? 0 : unsent_.size() - unsent_at_; }
  void ping() override;
  Millis idle() const override;
  void footprint(Footprint& to) const override;

  // Pollable
  int native_handle() const override { return fd_.get(); }
  void on_readable() override;
  void on_writable() override;

  // For the end of a batch.
  void take_in(const BatchStage::Arrival& arrival);
  void send_deferred();

 private:
  // ws::FrameTransport
  SendStatus send_frame(ws::Opcode opcode, std::string_view head, std::string_view payload,
                        std::string_view tail) override;
  void finish_writing() override;

  void set_socket_options(Millis dead_after);
  void receive_cipher(std::string_view cipher);
  SendStatus encrypt_and_send(std::string_view bytes);
  SendStatus send_cipher();
  SendStatus send_bytes(std::string_view bytes);
  SendStatus queue_behind_backlog(std::string_view bytes);
  bool may_defer(std::size_t size) const;
  void defer(std::string_view bytes);
  bool flush();
  void settle();
  void arm_deadline();
  void ask_for_footprint();

  static constexpr unsigned kAskEvery = 64;  ///< Reads; a call's memory moves seldom.

  MediaShared& shared_;
  UniqueFd fd_;
  bool deferred_ = false;   ///< The unsent bytes have not been tried: the batch's end does it.
  bool finishing_ = false;  ///< The write side is shut down behind the unsent bytes.
  bool ended_ = false;
  unsigned reads_until_asked_ = 4;  ///< Then what comes has become what mostly comes.
  Footprint next_read_;             ///< What the handler will touch.
  std::unique_ptr<TlsSession> tls_;
  std::string left_over_;
  ws::Connection connection_;
  ws::MaskSource* masks_;  ///< Null for a server, which does not mask.
  std::string unsent_;
  std::size_t unsent_at_ = 0;  ///< Where the unsent bytes begin in `unsent_`.
  Scheduler::TimerId timer_ = 0;
  TimePoint timer_at_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
