#include "voicebridge/audio/wav.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "unit/audio/signals.hpp"
#include "voicebridge/audio/audio_codec.hpp"

using namespace voicebridge;

namespace {

void put(Bytes& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

void put16(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}

void put32(Bytes& out, std::uint32_t value) {
  put16(out, value & 0xFFFF);
  put16(out, value >> 16);
}

Bytes chunk(std::string_view name, const Bytes& body) {
  Bytes out;
  put(out, name);
  put32(out, static_cast<std::uint32_t>(body.size()));
  out.insert(out.end(), body.begin(), body.end());
  if (body.size() % 2 != 0) out.push_back(0);
  return out;
}

Bytes format_chunk(unsigned tag, unsigned channels, std::uint32_t rate, unsigned bits) {
  Bytes body;
  put16(body, tag);
  put16(body, channels);
  put32(body, rate);
  put32(body, rate * channels * bits / 8);
  put16(body, channels * bits / 8);
  put16(body, bits);
  return chunk("fmt ", body);
}

Bytes extensible_chunk(unsigned sub_format, unsigned bits) {
  Bytes body = format_chunk(0xFFFE, 1, 8000, bits);
  body.erase(body.begin(), body.begin() + 8);
  put16(body, 22);
  put16(body, bits);
  put32(body, 4);
  put16(body, sub_format);
  put(body, std::string_view("\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71", 14));
  return chunk("fmt ", body);
}

Bytes wav_of(std::initializer_list<Bytes> chunks) {
  Bytes out;
  put(out, "RIFF");
  std::uint32_t size = 4;
  for (const auto& part : chunks) size += static_cast<std::uint32_t>(part.size());
  put32(out, size);
  put(out, "WAVE");
  for (const auto& part : chunks) out.insert(out.end(), part.begin(), part.end());
  return out;
}

const Bytes kFourBytes{1, 0, 0xFE, 0xFF};

}  // namespace

TEST_CASE("a plain file is read") {
  const auto wav = parse_wav(wav_of({format_chunk(1, 1, 16000, 16), chunk("data", kFourBytes)}));
  REQUIRE(wav);
  CHECK(wav->sample_rate == 16000);
  CHECK(wav->channels == 1);
  CHECK(wav->samples == Samples{1, -2});
}

TEST_CASE("chunks come in any order, odd and unknown ones are skipped") {
  const Bytes list = chunk("LIST", Bytes{'I', 'N', 'F'});
  const Bytes data = chunk("data", kFourBytes);
  const Bytes format = format_chunk(1, 2, 8000, 16);
  for (const auto& bytes : {wav_of({list, format, list, data, list}), wav_of({data, list, format}),
                            wav_of({list, data, format})}) {
    const auto wav = parse_wav(bytes);
    REQUIRE(wav);
    CHECK(wav->channels == 2);
    CHECK(wav->frames() == 1);
    CHECK(wav->samples == Samples{1, -2});
  }
}

TEST_CASE("G.711 is decoded, plain and extensible, at the file's rate") {
  const Bytes codes = test::random_payload(100, 1);
  for (const bool ulaw : {true, false}) {
    Samples expected;
    const auto format = ulaw ? AudioFormat::pcmu() : AudioFormat::pcma();
    REQUIRE((*make_audio_codec(format))->decode(codes, expected));
    const unsigned tag = ulaw ? 7 : 6;
    const auto plain = parse_wav(wav_of({format_chunk(tag, 1, 16000, 8), chunk("data", codes)}));
    const auto extensible = parse_wav(wav_of({extensible_chunk(tag, 8), chunk("data", codes)}));
    REQUIRE(plain);
    REQUIRE(extensible);
    CHECK(plain->samples == expected);
    CHECK(plain->sample_rate == 16000);
    CHECK(extensible->samples == expected);
  }
  const auto linear = parse_wav(wav_of({extensible_chunk(1, 16), chunk("data", kFourBytes)}));
  REQUIRE(linear);
  CHECK(linear->samples == Samples{1, -2});
}

TEST_CASE("a size nobody knew means up to the end") {
  for (const std::uint32_t size : {0xFFFFFFFFU, 0x7FFFFFFFU, 0x7FFFF000U}) {
    Bytes bytes = wav_of({format_chunk(1, 1, 8000, 16)});
    put(bytes, "data");
    put32(bytes, size);
    bytes.insert(bytes.end(), {1, 0, 2, 0, 3});
    const auto wav = parse_wav(bytes);
    REQUIRE(wav);
    CHECK(wav->samples == Samples{1, 2});
  }
}

TEST_CASE("half a stereo frame at the end is left out") {
  const auto wav =
      parse_wav(wav_of({format_chunk(1, 2, 8000, 16), chunk("data", Bytes{1, 0, 2, 0, 3, 0})}));
  REQUIRE(wav);
  CHECK(wav->samples == Samples{1, 2});
}

TEST_CASE("what cannot be read is told") {
  const Bytes data = chunk("data", kFourBytes);
  const auto code_of = [](const Bytes& bytes) {
    const auto wav = parse_wav(bytes);
    return wav ? Errc::internal : wav.error().code;
  };
  CHECK(code_of({}) == Errc::invalid_argument);
  CHECK(code_of(Bytes(100, 'x')) == Errc::invalid_argument);
  CHECK(code_of(wav_of({})) == Errc::invalid_argument);
  CHECK(code_of(wav_of({data})) == Errc::invalid_argument);
  CHECK(code_of(wav_of({format_chunk(1, 1, 8000, 16)})) == Errc::invalid_argument);
  CHECK(code_of(wav_of({chunk("fmt ", Bytes(15)), data})) == Errc::invalid_argument);
  CHECK(code_of(wav_of({format_chunk(1, 1, 0, 16), data})) == Errc::invalid_argument);
  CHECK(code_of(wav_of({format_chunk(1, 0, 8000, 16), data})) == Errc::unsupported);
  CHECK(code_of(wav_of({format_chunk(1, 6, 8000, 16), data})) == Errc::unsupported);
  CHECK(code_of(wav_of({format_chunk(1, 1, 8000, 24), data})) == Errc::unsupported);
  CHECK(code_of(wav_of({format_chunk(3, 1, 8000, 32), data})) == Errc::unsupported);
  CHECK(code_of(wav_of({format_chunk(0xFFFE, 1, 8000, 16), data})) == Errc::invalid_argument);
  CHECK(code_of(wav_of({extensible_chunk(3, 32), data})) == Errc::unsupported);
}

TEST_CASE("every truncation of a file is refused") {
  const Bytes bytes =
      wav_of({chunk("LIST", Bytes(7)), format_chunk(1, 1, 8000, 16), chunk("data", kFourBytes)});
  REQUIRE(parse_wav(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto wav = parse_wav(cut);
    REQUIRE_FALSE(wav);
    CHECK(wav.error().code == Errc::invalid_argument);
    CHECK_FALSE(wav.error().message.empty());
  }
}

TEST_CASE("mutated headers give an error or audio no larger than the file") {
  const Bytes original = wav_of(
      {chunk("LIST", Bytes(10)), format_chunk(1, 2, 8000, 16), chunk("data", Bytes(400, 1))});
  std::mt19937 random(11);
  const auto up_to = [&](std::size_t last) {
    return std::uniform_int_distribution<std::size_t>(0, last)(random);
  };
  int read = 0;
  for (int run = 0; run < 1000; ++run) {
    Bytes bytes = original;
    for (std::size_t changes = 1 + up_to(3); changes > 0; --changes) {
      bytes[up_to(69)] = up_to(2) == 0 ? 0xFF : static_cast<std::uint8_t>(up_to(255));
    }
    if (up_to(3) == 0) bytes.resize(up_to(bytes.size()));
    const auto wav = parse_wav(bytes);
    if (!wav) {
      REQUIRE_FALSE(wav.error().message.empty());
      continue;
    }
    ++read;
    REQUIRE(wav->samples.size() <= bytes.size());
    REQUIRE(wav->samples.size() % wav->channels == 0);
  }
  CHECK(read > 50);
  CHECK(read < 950);
}

TEST_CASE("the limit holds for bytes and files") {
  const Bytes bytes = wav_of({format_chunk(1, 1, 8000, 16), chunk("data", kFourBytes)});
  WavLimits limits;
  limits.max_bytes = bytes.size();
  CHECK(parse_wav(bytes, limits));
  limits.max_bytes = bytes.size() - 1;
  CHECK(parse_wav(bytes, limits).error().code == Errc::payload_too_large);

  const test::TempDirectory folder;
  REQUIRE(write_wav(folder / "a.wav", {8000, 1, Samples(100, 1)}));
  CHECK(read_wav(folder / "a.wav", limits).error().code == Errc::payload_too_large);
}

TEST_CASE("what is written is read again") {
  const test::TempDirectory folder;
  for (const unsigned channels : {1U, 2U}) {
    const WavAudio audio{24000, channels, test::white_noise(-10, 48000, 2)};
    REQUIRE(write_wav(folder / "a.wav", audio));
    CHECK(std::filesystem::file_size(folder / "a.wav") == 44 + 96000);
    const auto wav = read_wav(folder / "a.wav");
    REQUIRE(wav);
    CHECK(wav->sample_rate == 24000);
    CHECK(wav->channels == channels);
    CHECK(wav->duration() == Millis(2000 / channels));
    CHECK(wav->samples == audio.samples);
  }
}

TEST_CASE("files that are not there or are folders are errors") {
  const test::TempDirectory folder;
  CHECK(read_wav(folder / "none.wav").error().code == Errc::not_found);
  CHECK_FALSE(read_wav(folder.path()));
  CHECK_FALSE(write_wav(folder / "no" / "folder.wav", {8000, 1, {1}}));
}
