#pragma once

#include <array>
#include <string>

#include "support/catch.hpp"
#include "unit/audio/signals.hpp"
#include "voicebridge/audio/level.hpp"
#include "voicebridge/audio/resampler.hpp"
#include "voicebridge/audio/wav.hpp"

/// How well a codec does with people's voices.
namespace voicebridge::test {

constexpr std::array<const char*, 3> kRecordedSpeech = {
    "speech_en_vm_intro.wav", "speech_en_no_service.wav", "speech_fr_forward.wav"};

/// A recording at the rate of a codec. The recordings have 8 kHz: what they are brought to has no
/// more band than that.
inline Samples recorded_speech(const std::string& name, std::uint32_t rate) {
  const auto wav = read_wav(std::string(VOICEBRIDGE_TEST_DATA) + "/audio/" + name);
  REQUIRE(wav);
  if (wav->sample_rate == rate) return wav->samples;
  auto resampler = Resampler::create(wav->sample_rate, rate);
  REQUIRE(resampler);
  Samples out;
  resampler->process(wav->samples, out);
  return out;
}

/// How many samples later `later` has what `first` has: the best of 0 to `longest`, by correlation.
inline std::size_t measured_delay(SampleView first, SampleView later, std::size_t longest) {
  constexpr std::size_t kEnough = 20000;
  std::size_t best = 0;
  double most = 0;
  for (std::size_t delay = 0; delay <= longest; ++delay) {
    double sum = 0;
    const std::size_t count = std::min({first.size(), later.size() - delay, kEnough});
    for (std::size_t i = 0; i < count; ++i) sum += double{1} * first[i] * later[i + delay];
    if (sum > most) {
      most = sum;
      best = delay;
    }
  }
  return best;
}

/// Where the words are in what was heard: by the course of their loudness in steps of 5 ms, then to
/// the sample.
inline std::size_t find_words(SampleView words, SampleView heard, std::uint32_t rate) {
  const std::size_t step = rate / 200;
  const auto envelope = [step](SampleView samples) {
    std::vector<double> levels;
    for (std::size_t at = 0; at + step <= samples.size(); at += step) {
      double sum = 0;
      for (const std::int16_t sample : samples.subview(at, step)) sum += std::abs(int{sample});
      levels.push_back(sum);
    }
    return levels;
  };
  const std::vector<double> wanted = envelope(words);
  const std::vector<double> levels = envelope(heard);
  REQUIRE(levels.size() >= wanted.size());
  std::size_t best = 0;
  double most = 0;
  for (std::size_t at = 0; at + wanted.size() <= levels.size(); ++at) {
    double sum = 0;
    double energy = 1;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      sum += wanted[i] * levels[at + i];
      energy += levels[at + i] * levels[at + i];
    }
    const double likeness = sum / std::sqrt(energy);
    if (likeness > most) {
      most = likeness;
      best = at;
    }
  }
  const std::size_t from = best * step - std::min(best * step, 2 * step);
  return from + measured_delay(words, heard.subview(from), 4 * step);
}

/// Signal to noise over pieces of 20 ms that have a voice (above −45 dBFS), each held within −10
/// and 35 dB, on average: a loud vowel does not hide a broken consonant.
inline double segmental_snr_db(SampleView wanted, SampleView got, std::uint32_t rate) {
  const std::size_t piece = rate / 50;
  double sum = 0;
  std::size_t pieces = 0;
  for (std::size_t at = 0; at + piece <= std::min(wanted.size(), got.size()); at += piece) {
    if (rms_dbfs(wanted.subview(at, piece)) < -45) continue;
    double signal = 0;
    double noise = 1;
    for (std::size_t i = at; i < at + piece; ++i) {
      signal += double{1} * wanted[i] * wanted[i];
      noise += std::pow(double{1} * wanted[i] - got[i], 2);
    }
    sum += std::clamp(10 * std::log10(signal / noise), -10.0, 60.0);
    ++pieces;
  }
  REQUIRE(pieces > 20);
  return sum / static_cast<double>(pieces);
}

constexpr std::size_t kSpeechBands = 18;

/// Energy of a piece in bands of 200 to 3600 Hz, by Goertzel under a Hann window, in dB.
inline std::array<double, kSpeechBands> band_levels(SampleView piece, std::uint32_t rate) {
  std::vector<double> windowed(piece.size());
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const double phase = kPi * (static_cast<double>(i) + 0.5) / static_cast<double>(piece.size());
    windowed[i] = piece[i] * std::sin(phase) * std::sin(phase);
  }
  std::array<double, kSpeechBands> levels{};
  for (std::size_t band = 0; band < kSpeechBands; ++band) {
    const double turn = 2 * std::cos(2 * kPi * 200 * static_cast<double>(band + 1) / rate);
    double last = 0;
    double before = 0;
    for (const double sample : windowed) {
      const double now = sample + turn * last - before;
      before = last;
      last = now;
    }
    levels[band] = 10 * std::log10(last * last + before * before - turn * last * before + 1);
  }
  return levels;
}

/// Log-spectral distance in dB: how far the shape of the sound is off, band by band, whatever
/// became of its phases. Over pieces of 20 ms with a voice; what lies 40 dB below the loudest band
/// is not heard beside it.
inline double log_spectral_distance_db(SampleView wanted, SampleView got, std::uint32_t rate) {
  const std::size_t piece = rate / 50;
  double sum = 0;
  std::size_t pieces = 0;
  for (std::size_t at = 0; at + piece <= std::min(wanted.size(), got.size()); at += piece) {
    if (rms_dbfs(wanted.subview(at, piece)) < -45) continue;
    const auto a = band_levels(wanted.subview(at, piece), rate);
    const auto b = band_levels(got.subview(at, piece), rate);
    const double floor = *std::max_element(a.begin(), a.end()) - 40;
    double squares = 0;
    for (std::size_t band = 0; band < kSpeechBands; ++band) {
      squares += std::pow(std::max(floor, a[band]) - std::max(floor, b[band]), 2);
    }
    sum += std::sqrt(squares / kSpeechBands);
    ++pieces;
  }
  REQUIRE(pieces > 20);
  return sum / static_cast<double>(pieces);
}

}  // namespace voicebridge::test
