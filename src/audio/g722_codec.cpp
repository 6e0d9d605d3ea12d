#include <spandsp.h>

#include <algorithm>
#include <optional>

#include "audio/codecs.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

constexpr int kG722BitRate = 64000;
/// Longer input is worked off in slices, so that spandsp's counters cannot overflow.
constexpr std::size_t kG722Slice = 1 << 16;
/// Both filter banks of the standard together: 22 samples at 16 kHz.
constexpr Micros kG722Delay{1375};

struct FreeEncoder {
  void operator()(g722_encode_state_t* state) const { g722_encode_free(state); }
};
struct FreeDecoder {
  void operator()(g722_decode_state_t* state) const { g722_decode_free(state); }
};

/// ITU-T G.722 at 64 kbit/s: two samples of 16 kHz a byte.
class G722Codec final : public AudioCodec {
 public:
  G722Codec()
      : encoder_(g722_encode_init(nullptr, kG722BitRate, 0)),
        decoder_(g722_decode_init(nullptr, kG722BitRate, 0)) {}

  bool made() const { return encoder_ && decoder_; }
  AudioFormat format() const noexcept override { return AudioFormat::g722(); }
  Micros delay() const noexcept override { return kG722Delay; }

  Result<void> decode(ByteView bytes, Samples& out) override {
    for (; !bytes.empty(); bytes = bytes.subview(kG722Slice)) {
      const ByteView slice = bytes.subview(0, kG722Slice);
      const std::size_t before = out.size();
      out.resize(before + 2 * slice.size());
      g722_decode(decoder_.get(), out.data() + before, slice.data(),
                  static_cast<int>(slice.size()));
    }
    return {};
  }

  Result<void> encode(SampleView samples, Bytes& out) override {
    if (samples.empty()) return {};
    if (odd_) {
      const std::int16_t pair[2] = {*odd_, samples[0]};
      odd_.reset();
      encode_pairs({pair, 2}, out);
      samples = samples.subview(1);
    }
    if (samples.size() % 2 != 0) odd_ = samples[samples.size() - 1];
    encode_pairs(samples.subview(0, samples.size() / 2 * 2), out);
    return {};
  }

  Result<void> flush(Bytes& out) override {
    const std::int16_t silence = 0;
    return odd_ ? encode({&silence, 1}, out) : Result<void>();
  }

  void reset() noexcept override {
    odd_.reset();
    g722_encode_init(encoder_.get(), kG722BitRate, 0);
    g722_decode_init(decoder_.get(), kG722BitRate, 0);
  }

 private:
  void encode_pairs(SampleView samples, Bytes& out) {
    for (; !samples.empty(); samples = samples.subview(kG722Slice)) {
      const SampleView slice = samples.subview(0, kG722Slice);
      const std::size_t before = out.size();
      out.resize(before + slice.size() / 2);
      g722_encode(encoder_.get(), out.data() + before, slice.data(),
                  static_cast<int>(slice.size()));
    }
  }

  std::unique_ptr<g722_encode_state_t, FreeEncoder> encoder_;
  std::unique_ptr<g722_decode_state_t, FreeDecoder> decoder_;
  std::optional<std::int16_t> odd_;  ///< A sample that waits for its pair.
};

}  // namespace

Result<std::unique_ptr<AudioCodec>> make_g722_codec() {
  auto codec = std::make_unique<G722Codec>();
  if (!codec->made()) return fail(Errc::internal, "spandsp could not make a G.722 codec");
  return codec;
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
