#pragma once

#include "voicebridge/audio/format.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Appends silence as the encoding writes it (µ-law 0xFF, A-law 0xD5, linear 0), in whole samples,
/// rounded down. Nothing for a negative duration and for formats without a constant rate.
VOICEBRIDGE_API void append_silence(Bytes& out, AudioFormat format, Millis duration);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
