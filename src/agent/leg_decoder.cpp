#include "agent/leg_decoder.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// Positions are rounded to milliseconds.
constexpr Micros kNoGap{5000};
/// From here on silence has been filled in already, or the caller's line was still (DTX).
constexpr Micros kNoLoss{200000};
/// Of a frame that does not tell.
constexpr Micros kUsualFrame{20000};

}  // namespace

Result<std::unique_ptr<LegDecoder>> LegDecoder::create(AudioFormat leg) {
  auto codec = make_audio_codec(leg);
  if (!codec) return fail(codec.error());
  auto linear = make_audio_codec(AudioFormat::l16(leg.sample_rate));
  if (!linear) return fail(linear.error());
  return std::unique_ptr<LegDecoder>(new LegDecoder(std::move(*codec), std::move(*linear)));
}

std::optional<LegDecoder::Decoded> LegDecoder::decode(const AudioPayload& audio, Millis position) {
  samples_.clear();
  out_.clear();
  conceal_gap(position);
  const std::size_t concealed = samples_.size();
  const Micros told = payload_duration(audio);
  const Micros length = told > Micros(0) ? told : kUsualFrame;
  expected_ = Micros(position) + length;
  ByteView bytes;
  if (!payload_bytes(audio, scratch_, bytes) || !leg_->decode(bytes, samples_)) {
    ++undecodable_;
    if (!leg_->conceal(length, samples_)) return std::nullopt;
  }
  if (samples_.empty() || !to_linear_->encode(samples_, out_)) return std::nullopt;
  return Decoded{AudioPayload::from_bytes(linear_, out_), linear_.duration(2 * concealed)};
}

void LegDecoder::conceal_gap(Millis position) {
  if (!expected_) return;
  const Micros gap = Micros(position) - *expected_;
  // A decoder that does not conceal leaves the gap to be a shorter one.
  if (gap >= kNoGap && gap < kNoLoss && !leg_->conceal(gap, samples_)) samples_.clear();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
