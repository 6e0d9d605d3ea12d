#if defined(__linux__)

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "core/fetch_lines.hpp"
#include "net/poller.hpp"
#include "net/tick_governor.hpp"
#include "net/unique_fd.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

class EpollPoller final : public Poller {
 public:
  EpollPoller(asio::io_context& io, BatchObserver& observer, const TickPolicy& tick)
      : observer_(observer),
        governor_(tick),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        watched_(io),
        tick_timer_(io) {
    wait_until_ready();
  }
  ~EpollPoller() override { unwatch(); }

  void add(Pollable& socket) override { control(EPOLL_CTL_ADD, socket, EPOLLIN); }
  void watch_writable(Pollable& socket, bool on) override {
    control(EPOLL_CTL_MOD, socket, on ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
  void remove(Pollable& socket) override { control(EPOLL_CTL_DEL, socket, 0); }

 private:
  static constexpr std::size_t kEvents = 256;
  static constexpr std::size_t kSocketBytes = 448;  ///< What reading touches of a socket.
  static constexpr int kMaxRounds = 16;  ///< Then timers and posted tasks get their turn.
  static constexpr Millis kStay{4};
  static constexpr std::size_t kWorthStaying = 4;  ///< Messages of one turn.

  void control(int operation, Pollable& socket, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &socket;
    ::epoll_ctl(epoll_.get(), operation, socket.native_handle(), &event);
  }

  /// Asio watches the whole set as one descriptor.
  void wait_until_ready() {
    if (!watched_.is_open()) watched_.assign(epoll_.get());
    watched_.async_wait(Descriptor::wait_read, [this](const asio::error_code& error) {
      if (!error) serve();
    });
  }

  /// While the set stays with Asio each ready socket wakes the loop, which is what the tick is to
  /// prevent.
  void unwatch() {
    if (watched_.is_open()) watched_.release();
  }

  void wait_until(TimePoint tick) {
    unwatch();
    tick_timer_.expires_at(tick);
    tick_timer_.async_wait([this](const asio::error_code& error) {
      if (!error) serve();
    });
  }

  void serve() {
    const TimePoint arrived = std::chrono::steady_clock::now();
    const Batch first = serve_ready(0);
    if (const Deadline tick = governor_.after_batch(arrived, first.messages, first.any)) {
      return wait_until(*tick);
    }
    stay(arrived, first.messages);
    wait_until_ready();
  }

  /// Leaving for Asio and coming back costs two more system calls and its own work, which is much
  /// beside one frame and little beside many: while many come the set is waited for here, and the
  /// timers are served. Bounded, so that what only Asio watches is late by no more than this.
  void stay(TimePoint arrived, std::size_t messages) {
    const bool worth_it = std::exchange(messages_last_time_, messages) >= kWorthStaying;
    if (!worth_it) return;
    const TimePoint until = arrived + kStay;
    for (TimePoint now = std::chrono::steady_clock::now();
         now < until && now < observer_.free_until(); now = std::chrono::steady_clock::now()) {
      const TimePoint timers = observer_.timers_due();
      if (timers <= now) {
        observer_.run_due_timers();
        continue;
      }
      const auto left = std::chrono::ceil<Millis>(std::min(until, timers) - now);
      messages_last_time_ += serve_ready(static_cast<int>(left.count())).messages;
    }
  }

  struct Batch {
    std::size_t messages = 0;
    bool any = false;  ///< Some socket was ready.
  };

  Batch serve_ready(int timeout_ms) {
    Batch batch;
    for (int round = 0; round < kMaxRounds; ++round) {
      const int count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                                     round == 0 ? timeout_ms : 0);
      if (count <= 0) break;
      batch.any = true;
      observer_.begin_batch();
      for (int i = 0; i < count; ++i) {
        fetch_lines(events_[static_cast<std::size_t>(i)].data.ptr, kSocketBytes);
      }
      for (int i = 0; i < count; ++i) dispatch(events_[static_cast<std::size_t>(i)]);
      batch.messages += observer_.end_batch();
      if (count < static_cast<int>(events_.size())) break;
    }
    return batch;
  }

  static void dispatch(const epoll_event& event) {
    auto& socket = *static_cast<Pollable*>(event.data.ptr);
    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) socket.on_readable();
    if ((event.events & EPOLLOUT) != 0) socket.on_writable();
  }

  using Descriptor = asio::posix::stream_descriptor;

  BatchObserver& observer_;
  TickGovernor governor_;
  UniqueFd epoll_;
  Descriptor watched_;
  asio::steady_timer tick_timer_;
  std::array<epoll_event, kEvents> events_;
  std::size_t messages_last_time_ = 0;
};

}  // namespace

std::unique_ptr<Poller> make_epoll_poller(asio::io_context& io, BatchObserver& observer,
                                          const TickPolicy& tick) {
  return std::make_unique<EpollPoller>(io, observer, tick);
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge

#endif
