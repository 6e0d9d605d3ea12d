#include "voicebridge/audio/level.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

double mean_square_to_dbfs(double mean_square) noexcept {
  constexpr double kFullScale = 32768.0 * 32768.0;
  if (mean_square <= 0) return kSilenceDbfs;
  return std::max(kSilenceDbfs, 10.0 * std::log10(mean_square / kFullScale));
}

double rms_dbfs(SampleView samples) noexcept {
  if (samples.empty()) return kSilenceDbfs;
  double sum = 0;
  for (const std::int16_t sample : samples) sum += static_cast<double>(sample) * sample;
  return mean_square_to_dbfs(sum / static_cast<double>(samples.size()));
}

double peak_dbfs(SampleView samples) noexcept {
  int peak = 0;
  for (const std::int16_t sample : samples) peak = std::max(peak, std::abs(int{sample}));
  return mean_square_to_dbfs(static_cast<double>(peak) * peak);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
