#include "voicebridge/audio/wav.hpp"

#include <fmt/format.h>

#include <fstream>
#include <optional>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/wav_writer.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kChunkHead = 8;
constexpr std::size_t kFormatSize = 16;
constexpr std::size_t kExtensibleSize = 40;
constexpr std::uint32_t kMinRate = 4000;
constexpr std::uint32_t kMaxRate = 192000;

// Programs that write into a pipe put 0xFFFFFFFF or a number near 2 GB where the size should be.
constexpr std::uint32_t kUnknownSize = 0x7FFFF000;

enum FormatTag : std::uint16_t { kLinear = 1, kAlaw = 6, kUlaw = 7, kExtensible = 0xFFFE };

std::uint16_t u16_at(ByteView bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(bytes[offset] | bytes[offset + 1] << 8);
}

std::uint32_t u32_at(ByteView bytes, std::size_t offset) {
  return u16_at(bytes, offset) | std::uint32_t{u16_at(bytes, offset + 2)} << 16;
}

tl::unexpected<Error> malformed(std::string what) {
  return fail(Errc::invalid_argument, "not a readable WAV file: " + std::move(what));
}

struct Chunks {
  std::optional<ByteView> format;
  std::optional<ByteView> data;
};

/// The body of the chunk whose head stands at the front of `rest`.
Result<ByteView> chunk_body(ByteView rest) {
  const std::uint32_t size = u32_at(rest, 4);
  const ByteView body = rest.subview(kChunkHead);
  if (size <= body.size()) return body.subview(0, size);
  const bool data = rest.text().substr(0, 4) == "data";
  if (data && size >= kUnknownSize) return body;
  return malformed(fmt::format("a chunk of {} bytes is cut off after {}", size, body.size()));
}

Result<Chunks> find_chunks(ByteView bytes) {
  if (bytes.size() < 12 || bytes.text().substr(0, 4) != "RIFF" ||
      bytes.text().substr(8, 4) != "WAVE") {
    return malformed("it does not begin with RIFF and WAVE");
  }
  Chunks chunks;
  for (ByteView rest = bytes.subview(12); rest.size() >= kChunkHead;) {
    const auto body = chunk_body(rest);
    if (!body) return fail(body.error());
    const std::string_view name = rest.text().substr(0, 4);
    if (name == "fmt " && !chunks.format) chunks.format = *body;
    if (name == "data" && !chunks.data) chunks.data = *body;
    if (chunks.format && chunks.data) return chunks;
    rest = rest.subview(kChunkHead + body->size() + body->size() % 2);
  }
  return malformed(chunks.format ? "it has no data chunk" : "it has no fmt chunk");
}

struct Layout {
  AudioFormat wire;  ///< How the bytes are decoded; its rate is that of the codec, not of the file.
  std::uint32_t sample_rate;
  unsigned channels;
};

Result<AudioFormat> wire_format(std::uint16_t tag, std::uint16_t bits) {
  if (tag == kLinear && bits == 16) return AudioFormat::l16(8000);
  if (tag == kUlaw && bits == 8) return AudioFormat::pcmu();
  if (tag == kAlaw && bits == 8) return AudioFormat::pcma();
  return fail(
      Errc::unsupported,
      fmt::format("WAV format {} with {} bits is neither 16 bit linear nor G.711", tag, bits));
}

Result<Layout> read_layout(ByteView chunk) {
  if (chunk.size() < kFormatSize) return malformed("the fmt chunk is too short");
  std::uint16_t tag = u16_at(chunk, 0);
  const unsigned channels = u16_at(chunk, 2);
  const std::uint32_t sample_rate = u32_at(chunk, 4);
  const unsigned frame_bytes = u16_at(chunk, 12);
  const std::uint16_t bits = u16_at(chunk, 14);
  if (tag == kExtensible) {
    if (chunk.size() < kExtensibleSize) return malformed("the extensible fmt chunk is too short");
    tag = u16_at(chunk, 24);  // the first two bytes of the sub-format's GUID
  }
  const auto wire = wire_format(tag, bits);
  if (!wire) return fail(wire.error());
  if (channels != 1 && channels != 2) {
    return fail(Errc::unsupported, fmt::format("WAV with {} channels, not 1 or 2", channels));
  }
  if (sample_rate < kMinRate || sample_rate > kMaxRate) {
    return malformed(fmt::format("its sample rate is {}", sample_rate));
  }
  if (frame_bytes != channels * (bits / 8U)) {
    return malformed(fmt::format("{} bytes a frame do not fit its format", frame_bytes));
  }
  return Layout{*wire, sample_rate, channels};
}

}  // namespace

Result<WavAudio> parse_wav(ByteView bytes, WavLimits limits) {
  if (bytes.size() > limits.max_bytes) {
    return fail(Errc::payload_too_large,
                fmt::format("the WAV file is larger than {} bytes", limits.max_bytes));
  }
  const auto chunks = find_chunks(bytes);
  if (!chunks) return fail(chunks.error());
  const auto layout = read_layout(*chunks->format);
  if (!layout) return fail(layout.error());

  WavAudio audio;
  audio.sample_rate = layout->sample_rate;
  audio.channels = layout->channels;
  auto decoded =
      make_audio_codec(layout->wire).and_then([&](const std::unique_ptr<AudioCodec>& codec) {
        return codec->decode(*chunks->data, audio.samples);
      });
  if (!decoded) return fail(std::move(decoded.error()));
  audio.samples.resize(audio.frames() *
                       audio.channels);  // without the half frame of a cut-off stream
  return audio;
}

Result<WavAudio> read_wav(const std::filesystem::path& path, WavLimits limits) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) {
    return fail(Errc::not_found, fmt::format("cannot read {}: {}", path.string(), error.message()));
  }
  if (size > limits.max_bytes) {
    return fail(Errc::payload_too_large,
                fmt::format("{} is larger than {} bytes", path.string(), limits.max_bytes));
  }
  Bytes bytes(static_cast<std::size_t>(size));
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) return fail(Errc::internal, fmt::format("cannot read {}", path.string()));
  return parse_wav(bytes, limits);
}

Result<void> write_wav(const std::filesystem::path& path, const WavAudio& audio) {
  auto writer = WavWriter::create(path, audio.sample_rate, audio.channels);
  if (!writer) return fail(std::move(writer.error()));
  return writer->append(audio.samples).and_then([&] { return writer->close(); });
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
