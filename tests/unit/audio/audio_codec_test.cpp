#include "voicebridge/audio/audio_codec.hpp"

#include "support/catch.hpp"
#include "unit/audio/signals.hpp"

using namespace voicebridge;

namespace {

std::unique_ptr<AudioCodec> codec_for(AudioFormat format) {
  auto codec = make_audio_codec(format);
  REQUIRE(codec);
  return std::move(*codec);
}

constexpr AudioFormat l16be(std::uint32_t rate) { return {AudioEncoding::l16be, rate}; }

}  // namespace

TEST_CASE("codecs know their format") {
  for (const AudioFormat format :
       {AudioFormat::pcmu(), AudioFormat::pcma(), AudioFormat::l16(24000), l16be(8000)}) {
    CHECK(codec_for(format)->format() == format);
  }
}

TEST_CASE("sample rates are checked") {
  for (const AudioFormat format :
       {AudioFormat{AudioEncoding::pcmu, 16000}, AudioFormat{AudioEncoding::pcma, 0},
        AudioFormat::l16(7999), AudioFormat::l16(48001)}) {
    const auto codec = make_audio_codec(format);
    REQUIRE_FALSE(codec);
    CHECK(codec.error().code == Errc::invalid_argument);
    CHECK(codec.error().field == "sample_rate");
  }
}

TEST_CASE("G.711 codecs append and agree with known codes") {
  const auto ulaw = codec_for(AudioFormat::pcmu());
  const auto alaw = codec_for(AudioFormat::pcma());
  const Samples samples{0, 32767, -32768, 1000};
  Bytes bytes{1};
  REQUIRE(ulaw->encode(samples, bytes));
  CHECK(bytes == Bytes{1, 0xFF, 0x80, 0x00, 0xCE});
  bytes = {2};
  REQUIRE(alaw->encode(samples, bytes));
  CHECK(bytes == Bytes{2, 0xD5, 0xAA, 0x2A, 0xFA});

  Samples decoded{7};
  REQUIRE(ulaw->decode(Bytes{0xFF, 0x80, 0x00, 0xCE}, decoded));
  CHECK(decoded == Samples{7, 0, 32124, -32124, 988});
  REQUIRE(alaw->flush(bytes));
  CHECK(bytes.size() == 5);
}

TEST_CASE("L16 puts the bytes in the order of its encoding") {
  const Samples samples{0x0102, -2, -32768};
  Bytes little;
  Bytes big;
  REQUIRE(codec_for(AudioFormat::l16(16000))->encode(samples, little));
  REQUIRE(codec_for(l16be(16000))->encode(samples, big));
  CHECK(little == Bytes{0x02, 0x01, 0xFE, 0xFF, 0x00, 0x80});
  CHECK(big == Bytes{0x01, 0x02, 0xFF, 0xFE, 0x80, 0x00});

  Samples decoded;
  REQUIRE(codec_for(AudioFormat::l16(16000))->decode(little, decoded));
  REQUIRE(codec_for(l16be(16000))->decode(big, decoded));
  CHECK(decoded == Samples{0x0102, -2, -32768, 0x0102, -2, -32768});
}

TEST_CASE("L16 cut anywhere decodes as in one piece") {
  const Bytes bytes = test::random_payload(4001, 3);
  for (const AudioFormat format : {AudioFormat::l16(8000), l16be(8000)}) {
    Samples whole;
    REQUIRE(codec_for(format)->decode(bytes, whole));
    CHECK(whole.size() == 2000);
    for (unsigned seed = 0; seed < 20; ++seed) {
      const auto codec = codec_for(format);
      Samples pieces;
      test::in_random_cuts(ByteView(bytes), seed, 9,
                           [&](ByteView part) { REQUIRE(codec->decode(part, pieces)); });
      CHECK(pieces == whole);
    }
  }
}

TEST_CASE("what was lost of a format without memory is silent, in whole samples, and has an end") {
  for (const AudioFormat format :
       {AudioFormat::pcmu(), AudioFormat::pcma(), AudioFormat::l16(24000), l16be(8000)}) {
    CAPTURE(to_string(format));
    const auto codec = codec_for(format);
    CHECK(codec->delay() == Micros(0));
    Samples out{7};
    REQUIRE(codec->conceal(Micros(20000), out));
    CHECK(out.size() == 1 + format.sample_rate / 50);
    CHECK(std::all_of(out.begin() + 1, out.end(), [](std::int16_t s) { return s == 0; }));
    REQUIRE(codec->conceal(Micros(-1), out));
    CHECK(out.size() == 1 + format.sample_rate / 50);
    out.clear();
    REQUIRE(codec->conceal(std::chrono::seconds(5), out));
    CHECK(out.size() == format.sample_rate * 12 / 100);
  }
}

TEST_CASE("a reset L16 codec forgets half a sample") {
  const auto codec = codec_for(l16be(8000));
  Samples decoded;
  REQUIRE(codec->decode(Bytes{0x11}, decoded));
  codec->reset();
  REQUIRE(codec->decode(Bytes{0x01, 0x02}, decoded));
  CHECK(decoded == Samples{0x0102});
}
