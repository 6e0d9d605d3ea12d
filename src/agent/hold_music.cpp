#include "agent/hold_music.hpp"

#include <cmath>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::uint32_t kToneRate = 8000;
constexpr double kTwoPi = 6.283185307179586;
/// About -26 dBFS: heard, and not in the way of who waits.
constexpr double kLevel = 1600;
/// A major triad up and down; then a rest.
constexpr double kNotes[] = {440.0, 554.37, 659.26, 554.37};
constexpr std::size_t kNoteLength = kToneRate * 6 / 10;
constexpr std::size_t kRest = kToneRate * 8 / 10;

/// Every note swells and fades, so that no border clicks.
Samples tones() {
  Samples samples;
  samples.reserve(std::size(kNotes) * kNoteLength + kRest);
  for (const double hertz : kNotes) {
    for (std::size_t i = 0; i < kNoteLength; ++i) {
      const double swell = std::sin(kTwoPi / 2 * static_cast<double>(i) / kNoteLength);
      const double wave = std::sin(kTwoPi * hertz * static_cast<double>(i) / kToneRate);
      samples.push_back(static_cast<std::int16_t>(std::lround(kLevel * swell * wave)));
    }
  }
  samples.resize(samples.size() + kRest, 0);
  return samples;
}

}  // namespace

Result<HoldMusic> HoldMusic::create(AudioFormat format,
                                    const std::shared_ptr<const WavAudio>& recording) {
  const bool usable = recording && recording->channels == 1 && !recording->samples.empty();
  const std::uint32_t rate = usable ? recording->sample_rate : kToneRate;
  auto codec = make_audio_codec(AudioFormat::l16(rate));
  if (!codec) return fail(codec.error());
  auto transcoder = Transcoder::create(AudioFormat::l16(rate), format);
  if (!transcoder) return fail(transcoder.error());
  return HoldMusic(usable ? recording->samples : tones(), rate, std::move(*codec),
                   std::move(*transcoder));
}

Result<> HoldMusic::next(Millis length, Bytes& into) {
  const std::size_t wanted = static_cast<std::size_t>(length.count()) * rate_ / 1000;
  piece_.clear();
  while (piece_.size() < wanted) {
    piece_.push_back(loop_[at_]);
    at_ = (at_ + 1) % loop_.size();
  }
  linear_.clear();
  if (auto encoded = codec_->encode(piece_, linear_); !encoded) return encoded;
  return transcoder_.process(linear_, into);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
