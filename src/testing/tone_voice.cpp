#include <algorithm>
#include <cctype>
#include <cmath>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kAmplitude = 9000;  // about −14 dBFS: ordinary speech

/// One character: a tone whose pitch is the letter's, swelling and ebbing like a syllable.
void append_character(Samples& out, unsigned char character, std::size_t count,
                      std::uint32_t rate) {
  const bool pause = std::isspace(character) != 0 || std::ispunct(character) != 0;
  const double amplitude = pause ? kAmplitude / 20 : kAmplitude;
  const double frequency = 180.0 + 12.0 * (character % 32);
  for (std::size_t i = 0; i < count; ++i) {
    const double position = static_cast<double>(i) / static_cast<double>(count);
    const double envelope = std::sin(kPi * position);
    const double phase = 2 * kPi * frequency * static_cast<double>(i) / rate;
    out.push_back(static_cast<std::int16_t>(amplitude * envelope * std::sin(phase)));
  }
}

}  // namespace

std::shared_ptr<const Bytes> ToneVoice::speak(std::string_view, std::string_view text,
                                              AudioFormat format) const {
  const std::size_t count = std::size_t{format.sample_rate} * kMillisPerCharacter / 1000;
  Samples samples;
  samples.reserve(count * text.size());
  for (const char c : text)
    append_character(samples, static_cast<unsigned char>(c), count, format.sample_rate);
  auto bytes = std::make_shared<Bytes>();
  if (auto codec = make_audio_codec(format)) (void)(*codec)->encode(samples, *bytes);
  return bytes;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
