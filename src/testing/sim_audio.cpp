#include "testing/sim_audio.hpp"

#include <utility>

#include "voicebridge/audio/level.hpp"
#include "voicebridge/audio/resampler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// Between the comfort noise of a line (-50) and the quietest speech.
constexpr double kAudiblePeakDbfs = -42;

}  // namespace

std::unique_ptr<AudioCodec> codec_for(AudioFormat format) {
  auto codec = make_audio_codec(format);
  if (!codec) codec = make_audio_codec(AudioFormat::pcmu());
  return std::move(*codec);
}

bool is_audible(SampleView samples) { return peak_dbfs(samples) > kAudiblePeakDbfs; }

bool looks_like_mp3(ByteView bytes) {
  if (bytes.size() < 4) return false;
  if (bytes.text().substr(0, 3) == "ID3") return true;
  const bool sync = bytes[0] == 0xFF && (bytes[1] & 0xE0) == 0xE0;
  const bool version = (bytes[1] & 0x18) != 0x08;
  const bool layer = (bytes[1] & 0x06) != 0x00;
  const bool bitrate = (bytes[2] & 0xF0) != 0xF0;
  const bool sample_rate = (bytes[2] & 0x0C) != 0x0C;
  return sync && version && layer && bitrate && sample_rate;
}

Samples speech_of(const CalleeStep& step, std::uint32_t rate) {
  if (!step.samples) return {};
  if (step.sample_rate == rate) return *step.samples;
  auto resampler = Resampler::create(step.sample_rate, rate);
  if (!resampler) return {};
  Samples out;
  resampler->process(*step.samples, out);
  resampler->flush(out);
  return out;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
