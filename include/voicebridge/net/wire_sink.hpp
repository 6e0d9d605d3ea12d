#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What became of a message.
enum class SendStatus {
  sent,     ///< On its way: nothing of it waits for the peer, as far as is known.
  queued,   ///< The peer reads slowly; it goes out when the socket can take it.
  dropped,  ///< The queue's limit was reached: nothing of this message will go out.
  closed,   ///< The connection is closing or gone.
};

/// Whether the message goes out, now or later.
constexpr bool is_accepted(SendStatus status) {
  return status == SendStatus::sent || status == SendStatus::queued;
}

/// Where a wire protocol puts its messages: an open WebSocket, or a pipe of the tests.
/// Used on the connection's own thread only.
class VOICEBRIDGE_API WireSink {
 public:
  virtual ~WireSink() = default;
  /// Sends `head + payload + tail` as one text message. The parts are copied or sent before it
  /// returns.
  virtual SendStatus send_text(std::string_view head, std::string_view payload = {},
                               std::string_view tail = {}) = 0;
  /// Sends one binary message; copied or sent before it returns. A sink of text alone drops it.
  virtual SendStatus send_binary(std::string_view) { return SendStatus::dropped; }
  /// Starts the closing handshake. What was sent before still goes out.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  /// Bytes accepted that wait for the peer to read.
  virtual std::size_t backlog() const = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
