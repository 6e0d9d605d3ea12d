#pragma once

#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// How long an Opus packet plays, by its first two bytes (RFC 6716 section 3.1). 0 for what cannot
/// be one: empty, without frames, or longer than 120 ms.
Micros opus_packet_duration(ByteView head) noexcept;

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
