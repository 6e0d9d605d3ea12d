#include "voicebridge/audio/resampler.hpp"

#include <fmt/format.h>
#include <speex/speex_resampler.h>

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

// 80 dB of stop band for 5 ms of delay at 8 kHz: the next better grade doubles the delay.
constexpr int kQuality = 5;

// Longer input is worked off in slices, so that speexdsp's 32 bit counters cannot overflow.
constexpr std::size_t kMaxSlice = 1 << 16;

}  // namespace

struct Resampler::Impl {
  std::uint32_t from;
  std::uint32_t to;
  SpeexResamplerState* speex;

  Impl(std::uint32_t from_rate, std::uint32_t to_rate)
      : from(from_rate),
        to(to_rate),
        speex(speex_resampler_init(1, from_rate, to_rate, kQuality, nullptr)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (speex != nullptr) speex_resampler_destroy(speex);
  }

  std::size_t input_delay() const {
    return static_cast<std::size_t>(speex_resampler_get_input_latency(speex));
  }

  /// No more than this many samples come of so many.
  std::size_t output_bound(std::size_t count) const { return count * to / from + 2; }

  void process_slice(SampleView in, Samples& out) {
    const std::size_t before = out.size();
    out.resize(before + output_bound(in.size()));
    auto consumed = static_cast<spx_uint32_t>(in.size());
    auto produced = static_cast<spx_uint32_t>(out.size() - before);
    speex_resampler_process_int(speex, 0, in.data(), &consumed, out.data() + before, &produced);
    out.resize(before + produced);
  }
};

Result<Resampler> Resampler::create(std::uint32_t from_rate, std::uint32_t to_rate) {
  for (const std::uint32_t rate : {from_rate, to_rate}) {
    if (rate < kMinRate || rate > kMaxRate) {
      return fail(
          Errc::invalid_argument,
          fmt::format("a sample rate must be {} to {} Hz, not {}", kMinRate, kMaxRate, rate),
          "sample_rate");
    }
  }
  auto impl = std::make_unique<Impl>(from_rate, to_rate);
  if (impl->speex == nullptr) return fail(Errc::internal, "speexdsp could not make a resampler");
  return Resampler(std::move(impl));
}

Resampler::Resampler(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;

void Resampler::process(SampleView in, Samples& out) {
  for (; !in.empty(); in = in.subview(kMaxSlice))
    impl_->process_slice(in.subview(0, kMaxSlice), out);
}

void Resampler::flush(Samples& out) {
  static constexpr std::int16_t kZeros[64] = {};
  for (std::size_t left = impl_->input_delay(); left > 0;) {
    const SampleView zeros(kZeros, std::min(left, std::size(kZeros)));
    impl_->process_slice(zeros, out);
    left -= zeros.size();
  }
  reset();
}

void Resampler::reset() noexcept { speex_resampler_reset_mem(impl_->speex); }

std::size_t Resampler::delay() const noexcept {
  return (impl_->input_delay() * impl_->to + impl_->from / 2) / impl_->from;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
