#include "voicebridge/telnyx/media_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "voicebridge/audio/audio_codec.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

constexpr std::array<std::uint32_t, 5> kLinearRates = {8000, 16000, 22050, 24000, 48000};
constexpr std::array<std::uint32_t, 3> kOpusRates = {8000, 16000, 48000};

template <std::size_t N>
bool contains(const std::array<std::uint32_t, N>& rates, std::int64_t rate) {
  return std::find(rates.begin(), rates.end(), rate) != rates.end();
}

constexpr std::string_view kAmrWb = "AMR-WB";

tl::unexpected<Error> no_amr_wb(std::string field) {
  return fail(
      Errc::unsupported,
      "AMR-WB is not served, as its codec is not free: ask for PCMU, PCMA, G722, L16 or OPUS "
      "as stream_codec",
      std::move(field));
}

}  // namespace

std::string_view encoding_name(AudioEncoding encoding) noexcept {
  switch (encoding) {
    case AudioEncoding::pcmu:
      return "PCMU";
    case AudioEncoding::pcma:
      return "PCMA";
    case AudioEncoding::l16le:
    case AudioEncoding::l16be:
      return "L16";
    case AudioEncoding::g722:
      return "G722";
    case AudioEncoding::opus:
      return "OPUS";
  }
  return "";
}

Result<AudioFormat> media_format(std::string_view encoding, std::int64_t sample_rate,
                                 std::int64_t channels, AudioEncoding l16) {
  if (channels != 1) {
    return fail(Errc::unsupported, fmt::format("media has {} channels, 1 is expected", channels),
                "media_format.channels");
  }
  const auto rate = static_cast<std::uint32_t>(sample_rate);
  bool rate_fits = sample_rate == 8000;
  AudioFormat format;
  if (encoding == "PCMU") {
    format = AudioFormat::pcmu();
  } else if (encoding == "PCMA") {
    format = AudioFormat::pcma();
  } else if (encoding == "L16") {
    format = {l16, rate};
    rate_fits = contains(kLinearRates, sample_rate);
  } else if (encoding == "G722") {
    format = {AudioEncoding::g722, 16000};
    rate_fits = sample_rate == 8000 || sample_rate == 16000;
  } else if (encoding == "OPUS") {
    format = {AudioEncoding::opus, rate};
    rate_fits = contains(kOpusRates, sample_rate);
  } else if (encoding == kAmrWb) {
    return no_amr_wb("media_format.encoding");
  } else {
    return fail(Errc::unsupported,
                fmt::format("media encoding \"{}\" is not one of PCMU, PCMA, L16, G722, OPUS",
                            encoding.substr(0, 32)),
                "media_format.encoding");
  }
  if (!rate_fits) {
    return fail(Errc::unsupported,
                fmt::format("{} at {} Hz is not supported", encoding, sample_rate),
                "media_format.sample_rate");
  }
  return format;
}

Result<AudioFormat> stream_format(std::string_view name, AudioEncoding l16) {
  struct Known {
    std::string_view name;
    AudioFormat format;
  };
  const Known known[] = {{"PCMU", AudioFormat::pcmu()},
                         {"PCMA", AudioFormat::pcma()},
                         {"G722", AudioFormat::g722()},
                         {"L16", {l16, 16000}},
                         {"L16/8000", {l16, 8000}},
                         {"L16/16000", {l16, 16000}},
                         {"L16/24000", {l16, 24000}},
                         {"OPUS", AudioFormat::opus(16000)},
                         {"OPUS/8000", AudioFormat::opus(8000)},
                         {"OPUS/16000", AudioFormat::opus(16000)},
                         {"OPUS/48000", AudioFormat::opus(48000)}};
  if (name == kAmrWb) return no_amr_wb("codec");
  for (const Known& one : known) {
    if (one.name != name) continue;
    const auto codec = make_audio_codec(one.format);
    if (!codec) return fail(codec.error());
    return one.format;
  }
  return fail(Errc::invalid_argument,
              "must be PCMU (North America), PCMA (Europe), G722, L16/8000, L16/16000, L16/24000, "
              "OPUS/8000, OPUS/16000 or OPUS/48000",
              "codec");
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
