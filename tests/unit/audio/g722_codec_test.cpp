#include "support/allocation_counter.hpp"
#include "unit/audio/speech_quality.hpp"
#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/silence.hpp"
#include "voicebridge/audio/transcoder.hpp"

using namespace voicebridge;

namespace {

constexpr std::uint32_t kG722Rate = 16000;

std::unique_ptr<AudioCodec> g722() {
  auto codec = make_audio_codec(AudioFormat::g722());
  REQUIRE(codec);
  return std::move(*codec);
}

Bytes g722_encoded(SampleView samples) {
  Bytes bytes;
  const auto codec = g722();
  REQUIRE(codec->encode(samples, bytes));
  REQUIRE(codec->flush(bytes));
  return bytes;
}

Samples g722_decoded(ByteView bytes) {
  Samples samples;
  REQUIRE(g722()->decode(bytes, samples));
  return samples;
}

}  // namespace

TEST_CASE("G.722 has two samples a byte and one rate", "[g722]") {
  CHECK(g722()->format() == AudioFormat::g722());
  CHECK(g722_encoded(Samples(320, 1)).size() == 160);
  CHECK(g722_encoded(Samples(321, 1)).size() == 161);
  CHECK(g722_decoded(Bytes(160, 0xFF)).size() == 320);
  const auto eight = make_audio_codec({AudioEncoding::g722, 8000});
  REQUIRE_FALSE(eight);
  CHECK(eight.error().code == Errc::invalid_argument);
  CHECK(eight.error().field == "sample_rate");
}

// Measured 38.4 to 41.6 dB. One sample lost at a border, or bits in the wrong order, and nothing of
// that is left.
TEST_CASE("G.722 keeps recorded speech above 36 dB, 22 samples later", "[g722][quality]") {
  for (const char* name : test::kRecordedSpeech) {
    CAPTURE(name);
    const Samples speech = test::recorded_speech(name, kG722Rate);
    const Samples heard = g722_decoded(g722_encoded(speech));
    const std::size_t delay = test::measured_delay(speech, heard, 200);
    CHECK(delay == 22);
    CHECK(g722()->delay() == Micros(delay * 1000000 / kG722Rate));
    const double snr = test::segmental_snr_db(speech, SampleView(heard).subview(delay), kG722Rate);
    CAPTURE(snr);
    CHECK(snr > 36);
  }
}

TEST_CASE("G.722 cut anywhere is the stream in one piece", "[g722]") {
  const Samples speech = test::recorded_speech(test::kRecordedSpeech[0], kG722Rate);
  const Bytes whole = g722_encoded(speech);
  const Samples heard = g722_decoded(whole);
  for (unsigned seed = 0; seed < 5; ++seed) {
    const auto codec = g722();
    Bytes bytes;
    test::in_random_cuts(SampleView(speech), seed, 777,
                         [&](SampleView part) { REQUIRE(codec->encode(part, bytes)); });
    REQUIRE(codec->flush(bytes));
    REQUIRE(bytes == whole);
    Samples samples;
    test::in_random_cuts(ByteView(whole), seed, 333,
                         [&](ByteView part) { REQUIRE(codec->decode(part, samples)); });
    REQUIRE(samples == heard);
  }
}

TEST_CASE("a reset G.722 codec is as new", "[g722]") {
  const auto codec = g722();
  const Samples noise = test::white_noise(-12, 999, 3);
  Bytes bytes;
  Samples samples;
  REQUIRE(codec->encode(noise, bytes));
  REQUIRE(codec->decode(bytes, samples));
  codec->reset();
  bytes.clear();
  samples.clear();
  REQUIRE(codec->encode(Samples(noise.begin(), noise.begin() + 640), bytes));
  CHECK(bytes == g722_encoded(Samples(noise.begin(), noise.begin() + 640)));
  REQUIRE(codec->decode(bytes, samples));
  CHECK(samples == g722_decoded(bytes));
}

TEST_CASE("G.722's silence comes to rest, at the start and behind speech", "[g722]") {
  Bytes silence;
  append_silence(silence, AudioFormat::g722(), Millis(200));
  for (const std::int16_t sample : g722_decoded(silence)) REQUIRE(std::abs(sample) <= 3);
  Bytes bytes = g722_encoded(test::recorded_speech(test::kRecordedSpeech[1], kG722Rate));
  bytes.resize(bytes.size() / 2);
  const std::size_t speech = 2 * bytes.size();
  bytes.insert(bytes.end(), silence.begin(), silence.end());
  const Samples heard = g722_decoded(bytes);
  CHECK(peak_dbfs(SampleView(heard).subview(speech + kG722Rate / 10)) < -60);
}

TEST_CASE("G.722 to the model and back to the phone", "[g722][quality]") {
  const auto model = AudioFormat::l16(24000);
  auto up = Transcoder::create(AudioFormat::g722(), model);
  auto down = Transcoder::create(model, AudioFormat::g722());
  REQUIRE(up);
  REQUIRE(down);
  const Samples speech = test::recorded_speech(test::kRecordedSpeech[0], kG722Rate);
  Bytes to_model;
  Bytes to_phone;
  REQUIRE(up->process(g722_encoded(speech), to_model));
  REQUIRE(down->process(to_model, to_phone));
  const Samples heard = g722_decoded(to_phone);
  const std::size_t delay = test::measured_delay(speech, heard, 600);
  // Two passes of the codec, and both ways of the resampler.
  CHECK(std::abs(static_cast<int>(delay) - (2 * 22 + 2 * 40)) <= 2);
  CHECK(test::segmental_snr_db(speech, SampleView(heard).subview(delay), kG722Rate) > 34);
}

TEST_CASE("a running G.722 codec does not allocate", "[g722]") {
  const auto codec = g722();
  const Samples frame = test::sine(500, kG722Rate, 320);
  Bytes bytes;
  Samples samples;
  REQUIRE(codec->encode(frame, bytes));
  REQUIRE(codec->decode(bytes, samples));
  const std::size_t before = test::allocation_count();
  bool worked = true;
  for (int i = 0; i < 50; ++i) {
    bytes.clear();
    samples.clear();
    worked = codec->encode(frame, bytes) && codec->decode(bytes, samples) && worked;
  }
  CHECK(test::allocation_count() == before);
  CHECK(worked);
}
