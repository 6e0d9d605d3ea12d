#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <random>

#include "voicebridge/audio/samples.hpp"
#include "voicebridge/core/bytes.hpp"

/// Audio made for tests, and cutting it.
namespace voicebridge::test {

constexpr double kPi = 3.141592653589793;

inline std::int16_t to_sample(double value) {
  return static_cast<std::int16_t>(std::lround(std::clamp(value, -32768.0, 32767.0)));
}

inline Samples sine(double hertz, std::uint32_t rate, std::size_t count, double amplitude = 16000) {
  Samples samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    samples[i] = to_sample(amplitude * std::sin(2 * kPi * hertz * static_cast<double>(i) / rate));
  }
  return samples;
}

inline Samples white_noise(double dbfs, std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> distribution(0, 32768 * std::pow(10, dbfs / 20));
  Samples samples(count);
  for (auto& sample : samples) sample = to_sample(distribution(random));
  return samples;
}

inline Samples mixed(const Samples& a, double gain_db, const Samples& b) {
  Samples sum(std::max(a.size(), b.size()));
  const double gain = std::pow(10, gain_db / 20);
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] = to_sample((i < a.size() ? gain * a[i] : 0) + (i < b.size() ? b[i] : 0));
  }
  return sum;
}

/// The sine of `hertz` that fits best: amplitude as magnitude, phase at sample 0 (of a sine) as
/// argument.
inline std::complex<double> fit_sine(SampleView samples, double hertz, std::uint32_t rate) {
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    sum += static_cast<double>(samples[i]) *
           std::polar(1.0, -2 * kPi * hertz * static_cast<double>(i) / rate);
  }
  return sum * 2.0 / static_cast<double>(samples.size()) * std::complex<double>(0, 1);
}

/// Ratio of the best fitting sine to everything else, in dB.
inline double sine_snr_db(SampleView samples, double hertz, std::uint32_t rate) {
  const std::complex<double> fit = fit_sine(samples, hertz, rate);
  double noise = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double angle = 2 * kPi * hertz * static_cast<double>(i) / rate + std::arg(fit);
    noise += std::pow(samples[i] - std::abs(fit) * std::sin(angle), 2);
  }
  const double signal = std::norm(fit) / 2 * static_cast<double>(samples.size());
  return 10 * std::log10(signal / noise);
}

/// Calls `use(part)` with consecutive parts of random length, now and then empty.
template <class View, class Use>
void in_random_cuts(View whole, unsigned seed, std::size_t longest, Use use) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::size_t> length(0, longest);
  while (whole.size() > 0) {
    const View part = whole.subview(0, length(random));
    use(part);
    whole = whole.subview(part.size());
  }
}

inline Bytes random_payload(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

}  // namespace voicebridge::test
