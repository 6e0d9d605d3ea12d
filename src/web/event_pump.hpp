#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "voicebridge/web/media_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {

/// The events of a feed on their way to one page: what is new is sent while the socket takes it,
/// the rest waits in the feed.
class EventPump {
 public:
  /// Has `wake` called when there is more. False: too many listen.
  bool listen(std::shared_ptr<EventFeed> feed, std::function<void()> wake);
  /// Begins behind the event that the page says it has. @return Its number, or the last there is.
  std::uint64_t begin_after(std::uint64_t event);
  /// False: the feed is over, and the page has all of it.
  bool pump(WireSink& sink, WebMediaCounters& counters);
  /// `wake` is not called any more.
  void stop() { listening_.reset(); }

 private:
  void send(const EventFeed::Batch& batch, WireSink& sink, WebMediaCounters& counters);

  std::shared_ptr<EventFeed> feed_;
  std::shared_ptr<void> listening_;
  std::uint64_t last_ = 0;  ///< That the page has.
};

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
