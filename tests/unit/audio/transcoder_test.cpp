#include "voicebridge/audio/transcoder.hpp"

#include "support/allocation_counter.hpp"
#include "support/catch.hpp"
#include "unit/audio/signals.hpp"

using namespace voicebridge;

namespace {

Transcoder transcoder_for(AudioFormat from, AudioFormat to) {
  auto transcoder = Transcoder::create(from, to);
  REQUIRE(transcoder);
  return std::move(*transcoder);
}

Bytes encoded(AudioFormat format, const Samples& samples) {
  Bytes bytes;
  REQUIRE((*make_audio_codec(format))->encode(samples, bytes));
  return bytes;
}

Samples decoded(AudioFormat format, const Bytes& bytes) {
  Samples samples;
  REQUIRE((*make_audio_codec(format))->decode(bytes, samples));
  return samples;
}

Bytes transcoded(AudioFormat from, AudioFormat to, const Bytes& in) {
  Transcoder transcoder = transcoder_for(from, to);
  Bytes out;
  REQUIRE(transcoder.process(in, out));
  REQUIRE(transcoder.flush(out));
  return out;
}

const std::vector<AudioFormat>& formats() {
  static const std::vector<AudioFormat> all{AudioFormat::pcmu(),          AudioFormat::pcma(),
                                            {AudioEncoding::l16be, 8000}, AudioFormat::l16(16000),
                                            AudioFormat::l16(24000),      AudioFormat::l16(48000)};
  return all;
}

}  // namespace

TEST_CASE("equal formats are copied, whatever they are") {
  for (const AudioFormat format : {AudioFormat::pcmu(), AudioFormat{AudioEncoding::opus, 48000}}) {
    Transcoder transcoder = transcoder_for(format, format);
    CHECK(transcoder.identity());
    CHECK(transcoder.delay() == Micros(0));
    Bytes out{9};
    REQUIRE(transcoder.process(Bytes{1, 2, 3}, out));
    REQUIRE(transcoder.flush(out));
    CHECK(out == Bytes{9, 1, 2, 3});
  }
}

TEST_CASE("a lane that cannot be is refused") {
  const auto to_opus = Transcoder::create(AudioFormat::pcmu(), AudioFormat::opus(48000));
  REQUIRE_FALSE(to_opus);
  CHECK(to_opus.error().code == Errc::unsupported);
  CHECK(to_opus.error().field == "to");
  CHECK(Transcoder::create(AudioFormat::pcmu(), AudioFormat::l16(1)).error().code ==
        Errc::invalid_argument);
}

TEST_CASE("from one law to the other every code passes through its output value") {
  Bytes codes;
  for (int code = 0; code < 256; ++code) codes.push_back(static_cast<std::uint8_t>(code));
  const Bytes out = transcoded(AudioFormat::pcmu(), AudioFormat::pcma(), codes);
  CHECK(out == encoded(AudioFormat::pcma(), decoded(AudioFormat::pcmu(), codes)));
}

TEST_CASE("the delay in time is 5 ms at most and belongs to the change of rate") {
  CHECK(transcoder_for(AudioFormat::pcmu(), AudioFormat::pcma()).delay() == Micros(0));
  CHECK(transcoder_for(AudioFormat::pcmu(), AudioFormat::l16(24000)).delay() == Micros(5000));
  CHECK(transcoder_for(AudioFormat::l16(24000), AudioFormat::pcmu()).delay() == Micros(5000));
  CHECK(transcoder_for(AudioFormat::l16(24000), AudioFormat::l16(16000)).delay() == Micros(2500));
}

TEST_CASE("a stream cut anywhere, even inside a sample, gives the same bytes") {
  for (const AudioFormat from : formats()) {
    const Bytes in = encoded(from, test::white_noise(-15, 8000, 7));
    for (const AudioFormat to : formats()) {
      CAPTURE(to_string(from), to_string(to));
      const Bytes whole = transcoded(from, to, in);
      for (unsigned seed = 0; seed < 4; ++seed) {
        Transcoder transcoder = transcoder_for(from, to);
        Bytes pieces;
        test::in_random_cuts(ByteView(in), seed, seed == 0 ? 5 : 999,
                             [&](ByteView part) { REQUIRE(transcoder.process(part, pieces)); });
        REQUIRE(transcoder.flush(pieces));
        REQUIRE(pieces == whole);
      }
    }
  }
}

TEST_CASE("there and back a sine stays clean") {
  const Bytes in = encoded(AudioFormat::l16(8000), test::sine(1000, 8000, 8000));
  for (const std::uint32_t rate : {16000U, 24000U}) {
    CAPTURE(rate);
    const auto model = AudioFormat::l16(rate);
    const Bytes out =
        transcoded(model, AudioFormat::l16(8000), transcoded(AudioFormat::l16(8000), model, in));
    const Samples samples = decoded(AudioFormat::l16(8000), out);
    CHECK(test::sine_snr_db(SampleView(samples).subview(800, 4000), 1000, 8000) > 65);
  }
}

TEST_CASE("a reset transcoder is as new") {
  const auto from = AudioFormat::l16(24000);
  const Bytes in = encoded(from, test::white_noise(-15, 999, 8));
  Transcoder transcoder = transcoder_for(from, AudioFormat::pcmu());
  Bytes out;
  REQUIRE(transcoder.process(ByteView(in).subview(0, 777), out));
  transcoder.reset();
  out.clear();
  REQUIRE(transcoder.process(in, out));
  REQUIRE(transcoder.flush(out));
  CHECK(out == transcoded(from, AudioFormat::pcmu(), in));
}

TEST_CASE("a running lane does not allocate") {
  for (const AudioFormat from : formats()) {
    for (const AudioFormat to : formats()) {
      CAPTURE(to_string(from), to_string(to));
      Transcoder transcoder = transcoder_for(from, to);
      const Bytes frame = encoded(from, test::sine(500, from.sample_rate, from.sample_rate / 50));
      Bytes out;
      REQUIRE(transcoder.process(frame, out));
      const std::size_t before = test::allocation_count();
      bool processed = true;
      for (int i = 0; i < 50; ++i) {
        out.clear();
        processed = processed && transcoder.process(frame, out);
      }
      CHECK(test::allocation_count() == before);
      CHECK(processed);
    }
  }
}
