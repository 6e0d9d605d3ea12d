#pragma once

#include "voicebridge/audio/samples.hpp"
#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// The level of digital silence, which has no logarithm. One step of 16 bit is at −90.3 dBFS.
inline constexpr double kSilenceDbfs = -100.0;

/// Level of a mean square, in units of squared samples. 0 dBFS is a full-scale square wave, so a
/// full-scale sine is at −3.0. Never below `kSilenceDbfs`.
VOICEBRIDGE_API double mean_square_to_dbfs(double mean_square) noexcept;

/// Root mean square in dBFS; `kSilenceDbfs` for no samples.
VOICEBRIDGE_API double rms_dbfs(SampleView samples) noexcept;

/// The loudest sample in dBFS; `kSilenceDbfs` for no samples.
VOICEBRIDGE_API double peak_dbfs(SampleView samples) noexcept;

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
