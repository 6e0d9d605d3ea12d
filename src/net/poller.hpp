#pragma once

#include <cstddef>
#include <memory>

#include "net/asio.hpp"
#include "voicebridge/net/runtime.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// What a poller watches.
class Pollable {
 public:
  virtual int native_handle() const = 0;
  /// Called once for each wake-up; what is left unread wakes it again.
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;

 protected:
  ~Pollable() = default;
};

/// Hears when a batch of wake-ups begins and ends.
class BatchObserver {
 public:
  virtual void begin_batch() = 0;
  /// Returns the number of messages received since the last batch.
  virtual std::size_t end_batch() = 0;
  /// Until when nothing but sockets and timers needs the loop, as far as is known; a time that has
  /// come: go.
  virtual TimePoint free_until() const = 0;
  /// When timers are to run next.
  virtual TimePoint timers_due() const = 0;
  virtual void run_due_timers() = 0;

 protected:
  ~BatchObserver() = default;
};

/// Wakes sockets when they can be read or written. Objects that are removed inside a batch are not
/// called again, but must live until the batch ends. @par Threads The shard's.
class Poller {
 public:
  virtual ~Poller() = default;
  virtual void add(Pollable& socket) = 0;
  virtual void watch_writable(Pollable& socket, bool on) = 0;
  virtual void remove(Pollable& socket) = 0;
};

/// One Asio wait a socket: every system that Asio runs on.
std::unique_ptr<Poller> make_asio_poller(asio::io_context& io, BatchObserver& observer);

#if defined(__linux__)
/// An epoll set that is served as a whole, as the tick policy says. While much comes it is waited
/// for directly, `kStay` at a time, so that a frame costs one wait, one read and one write.
std::unique_ptr<Poller> make_epoll_poller(asio::io_context& io, BatchObserver& observer,
                                          const TickPolicy& tick);
#endif

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
