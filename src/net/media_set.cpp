#include "net/media_set.hpp"

#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

std::unique_ptr<Poller> make_poller(asio::io_context& io, BatchObserver& observer,
                                    const TickPolicy& tick) {
#if defined(__linux__)
  if (!tick.portable) return make_epoll_poller(io, observer, tick);
#else
  static_cast<void>(tick);
#endif
  return make_asio_poller(io, observer);
}

struct NamedCount {
  const char* name;
  std::uint64_t ws::ConnectionStats::*value;
};

constexpr NamedCount kCounts[] = {
    {"net.websocket.opened", &ws::ConnectionStats::opened},
    {"net.websocket.messages_in", &ws::ConnectionStats::messages_in},
    {"net.websocket.messages_out", &ws::ConnectionStats::messages_out},
    {"net.websocket.sends_dropped", &ws::ConnectionStats::sends_dropped},
    {"net.websocket.protocol_errors", &ws::ConnectionStats::protocol_errors},
    {"net.websocket.dead_peers", &ws::ConnectionStats::dead_peers},
    {"net.websocket.unclean_closes", &ws::ConnectionStats::unclean_closes},
};

}  // namespace

MediaSet::MediaSet(Scheduler& on, asio::io_context& io, const TickPolicy& tick,
                   MetricsRegistry& metrics, LoopDuties& loop)
    : MediaShared(on), loop_(loop), batches_(metrics.histogram("net.batch")) {
  for (const NamedCount& count : kCounts) counters_.push_back(&metrics.counter(count.name));
  poller = make_poller(io, *this, tick);
}

MediaSet::~MediaSet() {
  sockets_.clear();
  publish_counts();
}

void MediaSet::adopt(MediaSetup setup) {
  MediaShared& shared = *this;
  auto owned = std::make_unique<MediaSocket>(shared, std::move(setup));
  MediaSocket& socket = *owned;
  sockets_.emplace(&socket, std::move(owned));
  socket.open();
  if (closing_with_ != 0) socket.close(closing_with_, closing_reason_);
}

void MediaSet::close_all(std::uint16_t code, std::string_view reason, Scheduler::Task when_empty) {
  closing_with_ = code;
  closing_reason_ = reason;
  when_empty_ = std::move(when_empty);
  for (const auto& entry : sockets_) entry.first->close(code, reason);
  if (sockets_.empty()) scheduler.post(std::exchange(when_empty_, nullptr));
}

void MediaSet::abort_all() {
  for (const auto& entry : sockets_) entry.first->abort();
}

void MediaSet::on_ended(MediaSocket& socket) {
  if (ended_.empty() && !in_batch_) {
    scheduler.post([this] { reap(); });
  }
  ended_.push_back(&socket);
}

void MediaSet::begin_batch() {
  in_batch_ = true;
  batch_began_ = scheduler.now();
  batch.begin();
}

std::size_t MediaSet::end_batch() {
  batch.end();
  in_batch_ = false;
  if (!ended_.empty()) reap();
  const std::uint64_t before = std::exchange(messages_at_batch_end_, stats.messages_in);
  publish_counts();
  if (stats.messages_in != before) {
    batches_.record(std::chrono::duration_cast<Micros>(scheduler.now() - batch_began_));
  }
  return static_cast<std::size_t>(stats.messages_in - before);
}

void MediaSet::reap() {
  in_batch_ = true;  // a handler that is told may end other sockets: they are told in this loop too
  while (!ended_.empty()) {
    const auto entry = sockets_.find(ended_.back());
    ended_.pop_back();
    entry->second->tell_closed();
    sockets_.erase(entry);
  }
  in_batch_ = false;
  publish_counts();
  if (sockets_.empty() && when_empty_) scheduler.post(std::exchange(when_empty_, nullptr));
}

void MediaSet::publish_counts() {
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    const auto value = kCounts[i].value;
    if (stats.*value != published_.*value) counters_[i]->add(stats.*value - published_.*value);
  }
  published_ = stats;
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
