#include "agent/leg_encoder.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

Result<std::unique_ptr<LegEncoder>> LegEncoder::create(MediaStream& leg, AudioFormat format) {
  auto encoder = make_audio_codec(format);
  if (!encoder) return fail(encoder.error());
  auto linear = make_audio_codec(AudioFormat::l16(format.sample_rate));
  if (!linear) return fail(linear.error());
  return std::unique_ptr<LegEncoder>(new LegEncoder(leg, std::move(*encoder), std::move(*linear)));
}

bool LegEncoder::send_audio(const AudioPayload& audio) {
  ByteView bytes;
  samples_.clear();
  if (audio.format != linear_ || !payload_bytes(audio, scratch_, bytes) ||
      !from_linear_->decode(bytes, samples_)) {
    return false;
  }
  const AudioFormat leg = encoder_->format();
  // Packets go one by one; the others may be as long as they come.
  const std::size_t most = leg.constant_rate() ? samples_.size() : leg.sample_rate / 50;
  bool sent = true;
  for (SampleView left = samples_; !left.empty(); left = left.subview(most)) {
    packet_.clear();
    if (!encoder_->encode(left.subview(0, most), packet_)) return false;
    if (!packet_.empty()) sent = leg_.send_audio(AudioPayload::from_bytes(leg, packet_)) && sent;
  }
  return sent;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
