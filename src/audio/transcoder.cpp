#include "voicebridge/audio/transcoder.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

Result<Transcoder> Transcoder::create(AudioFormat from, AudioFormat to) {
  Transcoder transcoder(from, to);
  if (from == to) return transcoder;
  if (!to.constant_rate()) {
    return fail(Errc::unsupported,
                "packets of " + to_string(to) + " would run together: encode them one by one",
                "to");
  }

  auto decoder = make_audio_codec(from);
  if (!decoder) return fail(std::move(decoder.error()));
  auto encoder = make_audio_codec(to);
  if (!encoder) return fail(std::move(encoder.error()));
  transcoder.decoder_ = std::move(*decoder);
  transcoder.encoder_ = std::move(*encoder);

  if (from.sample_rate != to.sample_rate) {
    auto resampler = Resampler::create(from.sample_rate, to.sample_rate);
    if (!resampler) return fail(std::move(resampler.error()));
    transcoder.resampler_ = std::move(*resampler);
  }
  return transcoder;
}

Micros Transcoder::delay() const noexcept {
  if (identity()) return Micros(0);
  // Each delay is told of encoder and decoder together, of which one is here.
  const Micros codecs = std::max(decoder_->delay(), encoder_->delay());
  if (!resampler_) return codecs;
  return codecs +
         Micros(static_cast<std::int64_t>(resampler_->delay()) * 1000000 / to_.sample_rate);
}

Result<void> Transcoder::process(ByteView in, Bytes& out) {
  if (identity()) {
    out.insert(out.end(), in.begin(), in.end());
    return {};
  }
  decoded_.clear();
  if (auto decoded = decoder_->decode(in, decoded_); !decoded) return decoded;
  if (!resampler_) return encoder_->encode(decoded_, out);
  resampled_.clear();
  resampler_->process(decoded_, resampled_);
  return encoder_->encode(resampled_, out);
}

Result<void> Transcoder::flush(Bytes& out) {
  if (identity()) return {};
  decoder_->reset();
  if (resampler_) {
    resampled_.clear();
    resampler_->flush(resampled_);
    if (auto encoded = encoder_->encode(resampled_, out); !encoded) return encoded;
  }
  return encoder_->flush(out);
}

void Transcoder::reset() noexcept {
  if (identity()) return;
  decoder_->reset();
  encoder_->reset();
  if (resampler_) resampler_->reset();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
