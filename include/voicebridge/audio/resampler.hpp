#pragma once

#include <cstdint>
#include <memory>

#include "voicebridge/audio/samples.hpp"
#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Changes the sample rate of one mono stream. Keeps its filter's state between chunks, so that a
/// stream cut anywhere gives the same samples as the stream in one piece. The output lags the input
/// by a fixed `delay()`: it begins with that many samples of the filter's run-in.
/// No allocation after the first chunk of a size, when `out` has room. One thread at a time.
class VOICEBRIDGE_API Resampler {
 public:
  static constexpr std::uint32_t kMinRate = 8000;   ///< Hz, on either side.
  static constexpr std::uint32_t kMaxRate = 48000;  ///< Hz, on either side.

  /// Any pair of rates in Hz, each from `kMinRate` to `kMaxRate`, the same twice included.
  static Result<Resampler> create(std::uint32_t from_rate, std::uint32_t to_rate);
  ~Resampler();
  ///@{
  /// What was moved from may only go, or be assigned to.
  Resampler(Resampler&&) noexcept;
  Resampler& operator=(Resampler&&) noexcept;
  ///@}

  /// Appends what `in` yields: after n samples in all, n × to / from of them, rounded up.
  void process(SampleView in, Samples& out);
  /// Appends the `delay()` samples still in the filter and starts anew.
  void flush(Samples& out);
  /// Starts anew and drops what is in the filter.
  void reset() noexcept;
  /// How many output samples later an input sample appears (rounded when the rates have no whole
  /// ratio).
  std::size_t delay() const noexcept;

 private:
  struct Impl;
  explicit Resampler(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
