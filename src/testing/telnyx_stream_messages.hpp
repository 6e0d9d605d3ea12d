#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "voicebridge/testing/telnyx_sim_media.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// The errors that Telnyx reports on the media socket.
enum class TelnyxStreamError {
  malformed_frame = 100003,
  invalid_media = 100004,
  rate_limit_reached = 100005
};

/// Writes what Telnyx says on the media WebSocket, numbers as strings as the real service does.
class TelnyxStreamMessages {
 public:
  explicit TelnyxStreamMessages(std::string stream_id) : stream_id_(std::move(stream_id)) {}

  const std::string& stream_id() const { return stream_id_; }
  static std::string connected(std::string_view auth_token);
  std::string start(const TelnyxLegIdentity& leg, const TelnyxStreamParams& params,
                    AudioFormat inbound);
  std::string media(std::string_view track, std::uint64_t chunk, Millis timestamp, ByteView audio);
  std::string mark(std::string_view name);
  std::string dtmf(char digit, std::string_view occurred_at);
  std::string error(TelnyxStreamError code) const;
  std::string stop(const TelnyxLegIdentity& leg);

 private:
  std::string next_sequence() { return std::to_string(++sequence_); }

  std::string stream_id_;
  std::uint64_t sequence_ = 0;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
