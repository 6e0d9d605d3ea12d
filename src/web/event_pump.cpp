#include "event_pump.hpp"

#include <algorithm>
#include <utility>

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {
namespace {

/// Events wait in their feed, not in the socket: audio goes before them.
constexpr std::size_t kMaxEventBacklog = 64 * 1024;
constexpr std::size_t kEventsAtOnce = 16;

}  // namespace

bool EventPump::listen(std::shared_ptr<EventFeed> feed, std::function<void()> wake) {
  feed_ = std::move(feed);
  listening_ = feed_->listen(std::move(wake));
  return listening_ != nullptr;
}

std::uint64_t EventPump::begin_after(std::uint64_t event) {
  last_ = std::min(event, feed_->last());
  return last_;
}

bool EventPump::pump(WireSink& sink, WebMediaCounters& counters) {
  while (sink.backlog() < kMaxEventBacklog) {
    const EventFeed::Batch batch = feed_->read(last_, kEventsAtOnce);
    if (batch.events.empty() && batch.lost == 0) return !batch.end;
    send(batch, sink, counters);
  }
  return true;
}

void EventPump::send(const EventFeed::Batch& batch, WireSink& sink, WebMediaCounters& counters) {
  const auto sent = [&](std::string_view text) {
    const bool accepted = is_accepted(sink.send_text(text));
    if (!accepted) ++counters.dropped_out;
    return accepted;
  };
  if (batch.lost > 0) {
    counters.events_lost += batch.lost;
    JsonWriter json;
    json.object().field("type", "error").field("code", "events_lost");
    json.field("message", "Some of what happened is not kept any more.").field("fatal", false);
    json.field("seq", batch.last - batch.events.size());
    sent(json.end().text());
  }
  for (const std::string& event : batch.events) {
    if (sent(event)) ++counters.events_out;
  }
  last_ = batch.last;
}

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
