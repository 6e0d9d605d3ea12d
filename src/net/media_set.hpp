#pragma once

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

/// The loop that a set lives in, as far as it concerns the set; see `BatchObserver` for each.
class LoopDuties {
 public:
  virtual TimePoint free_until() const = 0;
  virtual TimePoint timers_due() const = 0;
  virtual void run_due_timers() = 0;

 protected:
  ~LoopDuties() = default;
};

/// The open WebSockets of one shard.
///
/// A socket that ends inside a batch of wake-ups stays until the batch is over: it may still stand
/// in the list of ready ones, and its handler may be on the stack. @par Threads The shard's.
class MediaSet final : private MediaShared, private BatchObserver {
 public:
  /// Where there is no epoll, or none is wanted, every socket is watched by Asio.
  MediaSet(Scheduler& on, asio::io_context& io, const TickPolicy& tick, MetricsRegistry& metrics,
           LoopDuties& loop);
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
  TimePoint free_until() const override { return loop_.free_until(); }
  TimePoint timers_due() const override { return loop_.timers_due(); }
  void run_due_timers() override { loop_.run_due_timers(); }
  void reap();
  void publish_counts();

  LoopDuties& loop_;
  std::vector<Counter*> counters_;  ///< Of the registry, in the order of the table of counts.
  ws::ConnectionStats published_;
  Histogram& batches_;  ///< From the first read to the last send: what no frame was delayed beyond.
  TimePoint batch_began_;
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
