#include "voicebridge/audio/audio_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "audio/codecs.hpp"
#include "audio/g711.hpp"
#include "voicebridge/audio/resampler.hpp"
#include "voicebridge/version.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// Room for `count` more elements, for the caller to fill.
template <class T>
T* grow(std::vector<T>& out, std::size_t count) {
  const std::size_t before = out.size();
  out.resize(before + count);
  return out.data() + before;
}

using G711Encoder = std::uint8_t (*)(std::int16_t);

template <G711Encoder encode_sample>
class G711Codec final : public AudioCodec {
 public:
  G711Codec(AudioFormat format, const detail::G711DecodeTable& table)
      : format_(format), table_(table) {}

  AudioFormat format() const noexcept override { return format_; }

  Result<void> decode(ByteView bytes, Samples& out) override {
    std::int16_t* to = grow(out, bytes.size());
    for (const std::uint8_t byte : bytes) *to++ = table_[byte];
    return {};
  }

  Result<void> encode(SampleView samples, Bytes& out) override {
    std::uint8_t* to = grow(out, samples.size());
    for (const std::int16_t sample : samples) *to++ = encode_sample(sample);
    return {};
  }

  Result<void> flush(Bytes&) override { return {}; }
  void reset() noexcept override {}

 private:
  AudioFormat format_;
  const detail::G711DecodeTable& table_;
};

/// L16 (RFC 3551 section 4.5.11) and the little-endian form of it that models speak.
template <AudioEncoding encoding>
class LinearCodec final : public AudioCodec {
 public:
  explicit LinearCodec(AudioFormat format) : format_(format) {}

  AudioFormat format() const noexcept override { return format_; }

  Result<void> decode(ByteView bytes, Samples& out) override {
    if (bytes.empty()) return {};
    if (half_) {
      const std::uint8_t pair[2] = {*half_, bytes[0]};
      out.push_back(join(pair));
      half_.reset();
      bytes = bytes.subview(1);
    }
    const std::size_t count = bytes.size() / 2;
    std::int16_t* to = grow(out, count);
    for (std::size_t i = 0; i < count; ++i) to[i] = join(bytes.data() + 2 * i);
    if (bytes.size() % 2 != 0) half_ = bytes[bytes.size() - 1];
    return {};
  }

  Result<void> encode(SampleView samples, Bytes& out) override {
    std::uint8_t* to = grow(out, 2 * samples.size());
    for (const std::int16_t sample : samples) {
      const auto bits = static_cast<std::uint16_t>(sample);
      to[kLow] = static_cast<std::uint8_t>(bits);
      to[kHigh] = static_cast<std::uint8_t>(bits >> 8);
      to += 2;
    }
    return {};
  }

  Result<void> flush(Bytes&) override { return {}; }
  void reset() noexcept override { half_.reset(); }

 private:
  // Which byte of a pair is which half.
  static constexpr std::size_t kLow = encoding == AudioEncoding::l16le ? 0 : 1;
  static constexpr std::size_t kHigh = 1 - kLow;

  static std::int16_t join(const std::uint8_t* pair) noexcept {
    return static_cast<std::int16_t>(pair[kLow] | pair[kHigh] << 8);
  }

  AudioFormat format_;
  std::optional<std::uint8_t> half_;
};

Result<void> check_rate(AudioFormat format, std::uint32_t lowest, std::uint32_t highest) {
  if (format.sample_rate >= lowest && format.sample_rate <= highest) return {};
  return detail::wrong_sample_rate(format, fmt::format("from {} to {} Hz", lowest, highest));
}

[[maybe_unused]] Error switched_off(AudioEncoding encoding, std::string_view option) {
  return fail(Errc::unsupported,
              fmt::format(
                  "{} is switched off in this build of voicebridge: configure it with -D{}=ON",
                  to_string(encoding), option),
              "encoding")
      .value();
}

Result<std::unique_ptr<AudioCodec>> make_g722(AudioFormat format) {
#if VOICEBRIDGE_WITH_G722
  if (auto checked = check_rate(format, 16000, 16000); !checked) return fail(checked.error());
  return detail::make_g722_codec();
#else
  return fail(switched_off(format.encoding, "VOICEBRIDGE_WITH_G722"));
#endif
}

Result<std::unique_ptr<AudioCodec>> make_opus(AudioFormat format) {
#if VOICEBRIDGE_WITH_OPUS
  return detail::make_opus_codec(format);
#else
  return fail(switched_off(format.encoding, "VOICEBRIDGE_WITH_OPUS"));
#endif
}

Result<std::unique_ptr<AudioCodec>> make_linear(AudioFormat format) {
  auto checked = check_rate(format, Resampler::kMinRate, Resampler::kMaxRate);
  if (!checked) return fail(checked.error());
  if (format.encoding == AudioEncoding::l16le) {
    return std::make_unique<LinearCodec<AudioEncoding::l16le>>(format);
  }
  return std::make_unique<LinearCodec<AudioEncoding::l16be>>(format);
}

Result<std::unique_ptr<AudioCodec>> make_g711(AudioFormat format) {
  if (auto checked = check_rate(format, 8000, 8000); !checked) return fail(checked.error());
  if (format.encoding == AudioEncoding::pcmu) {
    return std::make_unique<G711Codec<detail::ulaw_encode>>(format, detail::kUlawDecode);
  }
  return std::make_unique<G711Codec<detail::alaw_encode>>(format, detail::kAlawDecode);
}

}  // namespace

Result<void> AudioCodec::conceal(Micros missing, Samples& out) {
  const Micros length = std::clamp(missing, Micros(0), detail::kLongestConcealment);
  out.resize(out.size() +
             static_cast<std::size_t>(length.count()) * format().sample_rate / 1000000);
  return {};
}

Result<std::unique_ptr<AudioCodec>> make_audio_codec(AudioFormat format) {
  switch (format.encoding) {
    case AudioEncoding::pcmu:
    case AudioEncoding::pcma:
      return make_g711(format);
    case AudioEncoding::l16le:
    case AudioEncoding::l16be:
      return make_linear(format);
    case AudioEncoding::g722:
      return make_g722(format);
    case AudioEncoding::opus:
      return make_opus(format);
  }
  return fail(Errc::unsupported, "no such encoding", "encoding");
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
