#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// How much a feed keeps.
struct EventFeedOptions {
  std::size_t max_events = 500;     ///< Kept; the oldest go.
  std::size_t max_bytes = 1 << 20;  ///< Of those kept; the oldest go.
  std::size_t max_listeners = 4;    ///< At once.
};

/// What a page is told of its session, numbered from 1 and kept for a while, so that a socket that
/// was lost and comes again goes on where it was, without a loss or a repetition.
///
/// Nobody is handed events: a listener is woken, and reads on from the last it has had at its own
/// pace. So a slow reader holds nothing but its place.
/// @par Threads Any.
class VOICEBRIDGE_API EventFeed {
 public:
  /// Empty, and open.
  explicit EventFeed(EventFeedOptions options = {});
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;
  ~EventFeed();

  /// Adds an event: a JSON object with at least one member, which gets a `seq`.
  /// @return Its number; 0: the feed is closed, or `json` is no object.
  std::uint64_t add(std::string_view json);
  /// Nothing follows.
  void close();
  /// Whether `close` was called.
  bool closed() const;
  std::uint64_t last() const;  ///< The number of the latest event; 0: there was none.

  /// What a listener has not had.
  struct Batch {
    std::vector<std::string> events;  ///< In order, numbered.
    std::uint64_t last = 0;           ///< Of the last of them, or what was asked for.
    std::uint64_t lost = 0;  ///< Events between what was asked for and the first, kept no longer.
    bool end = false;        ///< Nothing follows, ever.
  };
  /// The events behind number `after`, `most` of them.
  Batch read(std::uint64_t after, std::size_t most) const;

  /// Calls `wake` after each event, on the thread that added it, until the handle goes; it should
  /// do no more than post a task, and may still be running then. Null: too many listen.
  std::shared_ptr<void> listen(std::function<void()> wake);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
