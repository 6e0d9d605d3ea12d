#include "audio/opus_packet.hpp"

#include <cstdint>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

constexpr std::int64_t kLongestPacket = 120000;

/// By the configuration of the table of contents: SILK, hybrid, CELT.
std::int64_t opus_frame_micros(unsigned configuration) {
  constexpr std::int64_t kSilk[] = {10000, 20000, 40000, 60000};
  constexpr std::int64_t kHybrid[] = {10000, 20000};
  constexpr std::int64_t kCelt[] = {2500, 5000, 10000, 20000};
  if (configuration < 12) return kSilk[configuration % 4];
  if (configuration < 16) return kHybrid[configuration % 2];
  return kCelt[configuration % 4];
}

}  // namespace

Micros opus_packet_duration(ByteView head) noexcept {
  if (head.empty()) return Micros(0);
  const unsigned code = head[0] & 3U;
  unsigned frames = code == 0 ? 1 : 2;
  if (code == 3) frames = head.size() < 2 ? 0 : head[1] & 0x3FU;
  const std::int64_t length = frames * opus_frame_micros(head[0] >> 3U);
  return Micros(length <= kLongestPacket ? length : 0);
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
