#include <opus.h>

#include <algorithm>
#include <array>

#include "audio/codecs.hpp"
#include "audio/opus_packet.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

/// What is spent on speech; a choice, not measured against others.
constexpr int kNarrowBandBitRate = 24000;
constexpr int kWideBandBitRate = 32000;
constexpr int kOpusComplexity = 5;
constexpr std::size_t kLargestPacket = 1275;  // RFC 6716 section 3.2.1: one frame.
/// PLC works in steps of the shortest frame.
constexpr std::int64_t kConcealmentStep = 2500;

struct FreeOpusEncoder {
  void operator()(OpusEncoder* state) const { opus_encoder_destroy(state); }
};
struct FreeOpusDecoder {
  void operator()(OpusDecoder* state) const { opus_decoder_destroy(state); }
};

/// RFC 6716 for one voice: mono, 20 ms a packet, no forward error correction, no DTX.
class OpusCodec final : public AudioCodec {
 public:
  explicit OpusCodec(AudioFormat format)
      : format_(format),
        frame_(format.sample_rate / 50),
        encoder_(opus_encoder_create(static_cast<opus_int32>(format.sample_rate), 1,
                                     OPUS_APPLICATION_VOIP, nullptr)),
        decoder_(opus_decoder_create(static_cast<opus_int32>(format.sample_rate), 1, nullptr)) {
    held_.reserve(frame_);
  }

  /// False when libopus does not take the settings.
  bool set_up() {
    if (!encoder_ || !decoder_) return false;
    const int rate = format_.sample_rate <= 8000 ? kNarrowBandBitRate : kWideBandBitRate;
    OpusEncoder* const e = encoder_.get();
    opus_int32 lookahead = 0;
    const bool taken = opus_encoder_ctl(e, OPUS_SET_BITRATE(rate)) == OPUS_OK &&
                       opus_encoder_ctl(e, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE)) == OPUS_OK &&
                       opus_encoder_ctl(e, OPUS_SET_COMPLEXITY(kOpusComplexity)) == OPUS_OK &&
                       opus_encoder_ctl(e, OPUS_SET_INBAND_FEC(0)) == OPUS_OK &&
                       opus_encoder_ctl(e, OPUS_GET_LOOKAHEAD(&lookahead)) == OPUS_OK;
    delay_ = Micros(std::int64_t{lookahead} * 1000000 / format_.sample_rate);
    return taken;
  }

  AudioFormat format() const noexcept override { return format_; }
  Micros delay() const noexcept override { return delay_; }

  Result<void> decode(ByteView bytes, Samples& out) override {
    const Micros length = opus_packet_duration(bytes);
    if (length == Micros(0)) return not_a_packet();
    const std::size_t before = out.size();
    out.resize(before + samples_in(length));
    const int count =
        opus_decode(decoder_.get(), bytes.data(), static_cast<opus_int32>(bytes.size()),
                    out.data() + before, static_cast<int>(out.size() - before), 0);
    out.resize(before + static_cast<std::size_t>(std::max(count, 0)));
    return count < 0 ? not_a_packet() : Result<void>();
  }

  Result<void> encode(SampleView samples, Bytes& out) override {
    if (held_.size() + samples.size() >= 2 * frame_) {
      return fail(Errc::invalid_argument, "these are enough samples for two packets of Opus",
                  "samples");
    }
    const SampleView first = samples.subview(0, frame_ - held_.size());
    held_.insert(held_.end(), first.begin(), first.end());
    if (held_.size() < frame_) return {};
    if (auto encoded = encode_held(out); !encoded) return encoded;
    const SampleView rest = samples.subview(first.size());
    held_.assign(rest.begin(), rest.end());
    return {};
  }

  Result<void> flush(Bytes& out) override {
    if (held_.empty()) return {};
    held_.resize(frame_);
    auto encoded = encode_held(out);
    held_.clear();
    return encoded;
  }

  Result<void> conceal(Micros missing, Samples& out) override {
    const std::int64_t micros = std::min(missing, kLongestConcealment).count();
    const Micros length(micros / kConcealmentStep * kConcealmentStep);
    if (length <= Micros(0)) return {};
    const std::size_t before = out.size();
    out.resize(before + samples_in(length));
    const int count = opus_decode(decoder_.get(), nullptr, 0, out.data() + before,
                                  static_cast<int>(out.size() - before), 0);
    out.resize(before + static_cast<std::size_t>(std::max(count, 0)));
    if (count < 0) return fail(Errc::internal, opus_strerror(count));
    return {};
  }

  void reset() noexcept override {
    held_.clear();
    opus_encoder_ctl(encoder_.get(), OPUS_RESET_STATE);
    opus_decoder_ctl(decoder_.get(), OPUS_RESET_STATE);
  }

 private:
  std::size_t samples_in(Micros length) const {
    return static_cast<std::size_t>(length.count()) * format_.sample_rate / 1000000;
  }

  Result<void> encode_held(Bytes& out) {
    const std::size_t before = out.size();
    out.resize(before + kLargestPacket);
    const opus_int32 size =
        opus_encode(encoder_.get(), held_.data(), static_cast<int>(frame_), out.data() + before,
                    static_cast<opus_int32>(kLargestPacket));
    out.resize(before + static_cast<std::size_t>(std::max(size, 0)));
    if (size < 0) return fail(Errc::internal, opus_strerror(size));
    return {};
  }

  static tl::unexpected<Error> not_a_packet() {
    return fail(Errc::protocol_error, "these bytes are no Opus packet");
  }

  AudioFormat format_;
  std::size_t frame_;
  std::unique_ptr<OpusEncoder, FreeOpusEncoder> encoder_;
  std::unique_ptr<OpusDecoder, FreeOpusDecoder> decoder_;
  Micros delay_{0};
  Samples held_;  ///< Less than a packet, for the encoder.
};

}  // namespace

Result<std::unique_ptr<AudioCodec>> make_opus_codec(AudioFormat format) {
  constexpr std::array<std::uint32_t, 5> kRates = {8000, 12000, 16000, 24000, 48000};
  if (std::find(kRates.begin(), kRates.end(), format.sample_rate) == kRates.end()) {
    return wrong_sample_rate(format, "of 8000, 12000, 16000, 24000 or 48000 Hz");
  }
  auto codec = std::make_unique<OpusCodec>(format);
  if (!codec->set_up()) return fail(Errc::internal, "libopus could not make a codec");
  return codec;
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
