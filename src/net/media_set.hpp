#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/asio.hpp"
#include "net/media_socket.hpp"
#include "net/poller.hpp"
#include "voicebridge/core/metrics.hpp"
#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/net/runtime.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// The open WebSockets of one shard.
///
/// A socket that ends inside a batch of wake-ups stays until the batch is over: it may still stand
/// in the list of ready ones, and its handler may be on the stack. @par Threads The shard's.
class MediaSet final : private MediaShared, private BatchObserver {
 public:
  /// Where there is no epoll, or none is wanted, every socket is watched by Asio.
  /// `free_until`: see `BatchObserver`.
  MediaSet(Scheduler& on, asio::io_context& io, const TickPolicy& tick, MetricsRegistry& metrics,
           std::function<TimePoint()> free_until);
  ~MediaSet();

  /// Calls `setup.handler->on_open` inside.
  void adopt(MediaSetup setup);
  std::size_t size() const { return sockets_.size(); }

  /// Starts the closing handshake on every socket, and on those that still come. `when_empty` runs
  /// once when the last one is gone.
  void close_all(std::uint16_t code, std::string_view reason, Scheduler::Task when_empty);
  /// Ends every socket without a handshake; their handlers are told soon.
  void abort_all();

 private:
  void on_ended(MediaSocket& socket) override;
  void begin_batch() override;
  std::size_t end_batch() override;
  TimePoint free_until() const override { return free_until_(); }
  void reap();
  void publish_counts();

  std::function<TimePoint()> free_until_;
  std::vector<Counter*> counters_;  ///< Of the registry, in the order of the table of counts.
  ws::ConnectionStats published_;
  std::uint64_t messages_at_batch_end_ = 0;
  std::unordered_map<MediaSocket*, std::unique_ptr<MediaSocket>> sockets_;
  std::vector<MediaSocket*> ended_;
  bool in_batch_ = false;
  std::uint16_t closing_with_ = 0;  ///< The code of `close_all`, 0 before.
  std::string closing_reason_;
  Scheduler::Task when_empty_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
