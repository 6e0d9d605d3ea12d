#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/net/wire_sink.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What the way between the two ends of a pipe does to messages, in both directions.
struct WirePipeOptions {
  Micros delay{
      0};  ///< From `send_text` to the other end's `on_text`; never inside the call, even if 0.
  Micros jitter{0};        ///< Up to so much more, by chance; messages stay in order as on TCP.
  std::uint64_t seed = 1;  ///< Of the jitter.
  std::size_t max_backlog_bytes =
      1 << 20;  ///< On the way in one direction; sends beyond it are dropped.
};

/// What one end of a pipe hears; the same callbacks as a `WebSocketHandler`.
struct WirePipeEnd {
  std::function<void(std::string_view text)> on_text;  ///< A whole text message.
  std::function<void(std::uint16_t code, std::string_view reason)>
      on_closed;                                           ///< Last, exactly once.
  std::function<void(std::string_view data)> on_binary{};  ///< A whole binary message.
};

/// A WebSocket without sockets: two `WireSink`s whose messages come out at the other end, through a
/// scheduler. On the manual clock a conversation over it is repeatable to the microsecond.
/// @par Threads Everything on the scheduler's thread. After destruction nothing is delivered.
class VOICEBRIDGE_API WirePipe {
 public:
  /// Nobody hears anything before `connect`.
  explicit WirePipe(Scheduler& scheduler, WirePipeOptions options = {});
  ~WirePipe();
  WirePipe(const WirePipe&) = delete;
  WirePipe& operator=(const WirePipe&) = delete;

  /// Who hears what arrives. Before this nothing may be sent; a null callback ignores.
  void connect(WirePipeEnd left, WirePipeEnd right);

  WireSink& left() noexcept;   ///< What is sent here arrives at the right end.
  WireSink& right() noexcept;  ///< What is sent here arrives at the left end.

  /// The connection is lost: what is on its way is gone, both ends hear 1006.
  void cut();

  std::size_t dropped() const noexcept;  ///< Messages refused because of `max_backlog_bytes`.

 private:
  class Side;
  std::shared_ptr<Side> left_;
  std::shared_ptr<Side> right_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
