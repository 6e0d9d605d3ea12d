#include <random>

#include "support/allocation_counter.hpp"
#include "unit/audio/speech_quality.hpp"
#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/transcoder.hpp"

using namespace voicebridge;

namespace {

using Packets = std::vector<Bytes>;

/// Log-spectral distance in dB that a healthy codec stays below at 8 and 16 kHz.
constexpr double kOpusLimit = 1.9;

std::unique_ptr<AudioCodec> opus(std::uint32_t rate) {
  auto codec = make_audio_codec(AudioFormat::opus(rate));
  REQUIRE(codec);
  return std::move(*codec);
}

/// One packet for every 20 ms, the last one filled up.
Packets opus_packets(SampleView samples, std::uint32_t rate) {
  const auto codec = opus(rate);
  Packets packets;
  for (; !samples.empty(); samples = samples.subview(rate / 50)) {
    Bytes packet;
    REQUIRE(codec->encode(samples.subview(0, rate / 50), packet));
    if (packet.empty()) REQUIRE(codec->flush(packet));
    packets.push_back(std::move(packet));
  }
  return packets;
}

Samples opus_decoded(const Packets& packets, std::uint32_t rate) {
  const auto codec = opus(rate);
  Samples samples;
  for (const Bytes& packet : packets) REQUIRE(codec->decode(packet, samples));
  return samples;
}

}  // namespace

TEST_CASE("Opus makes one packet of each 20 ms, of about its bit rate", "[opus]") {
  for (const std::uint32_t rate : {8000U, 12000U, 16000U, 24000U, 48000U}) {
    CAPTURE(rate);
    CHECK(opus(rate)->format() == AudioFormat::opus(rate));
    const Packets packets =
        opus_packets(test::recorded_speech(test::kRecordedSpeech[0], rate), rate);
    std::size_t bytes = 0;
    for (const Bytes& packet : packets) {
      REQUIRE(payload_duration(AudioPayload::from_bytes(AudioFormat::opus(rate), packet)) ==
              Micros(20000));
      bytes += packet.size();
    }
    const std::size_t bits_a_second = bytes * 8 * 50 / packets.size();
    CAPTURE(bits_a_second);
    CHECK(bits_a_second > 12000);
    CHECK(bits_a_second < 36000);
    CHECK(opus_decoded(packets, rate).size() == packets.size() * rate / 50);
  }
  const auto other = make_audio_codec(AudioFormat::opus(44100));
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Errc::invalid_argument);
  CHECK(other.error().field == "sample_rate");
}

// Opus codes what speech sounds like: its waveform strays (9.1 to 10.9 dB of segmental SNR, and
// libopus may trade that for something better one day), so the floor of it is low and tells only a
// codec from noise. The shape of the spectrum must stay: measured 1.1 to 1.7 dB of log-spectral
// distance at 8 and 16 kHz, to 2.1 above. One packet in ten gone mute is beyond the limit, see
// below.
TEST_CASE("Opus keeps the sound of recorded speech, by its lookahead later", "[opus][quality]") {
  struct Example {
    std::uint32_t rate;
    std::size_t voices;
    double limit;
  };
  for (const Example& example :
       {Example{8000, 3, kOpusLimit}, {16000, 2, kOpusLimit}, {48000, 1, 2.4}}) {
    const std::uint32_t rate = example.rate;
    for (std::size_t voice = 0; voice < example.voices; ++voice) {
      CAPTURE(rate, voice);
      const Samples speech = test::recorded_speech(test::kRecordedSpeech[voice], rate);
      const Samples heard = opus_decoded(opus_packets(speech, rate), rate);
      const std::size_t delay = test::measured_delay(speech, heard, rate / 100);
      const double millis = 1000.0 * static_cast<double>(delay) / rate;
      const auto said = static_cast<double>(opus(rate)->delay().count()) / 1000;
      CAPTURE(millis, said);
      CHECK(std::abs(millis - said) < 0.3);
      const SampleView aligned = SampleView(heard).subview(delay);
      const double snr = test::segmental_snr_db(speech, aligned, rate);
      const double distance = test::log_spectral_distance_db(speech, aligned, rate);
      CAPTURE(snr, distance);
      CHECK(snr > 7);
      CHECK(distance < example.limit);
    }
  }
}

TEST_CASE("the measure of Opus sees what is broken", "[opus][quality]") {
  constexpr std::uint32_t kRate = 16000;
  const Samples speech = test::recorded_speech(test::kRecordedSpeech[0], kRate);
  Samples mute = opus_decoded(opus_packets(speech, kRate), kRate);
  const std::size_t delay = test::measured_delay(speech, mute, kRate / 100);
  for (std::size_t at = 0; at + 320 <= mute.size(); at += 3200) {
    std::fill_n(mute.begin() + static_cast<std::ptrdiff_t>(at), 320, std::int16_t{0});
  }
  const SampleView broken = SampleView(mute).subview(delay);
  CHECK(test::log_spectral_distance_db(speech, broken, kRate) > kOpusLimit);
}

TEST_CASE("what the sender knows of borders does not matter: samples may come in any pieces",
          "[opus]") {
  constexpr std::uint32_t kRate = 16000;
  Samples speech = test::recorded_speech(test::kRecordedSpeech[0], kRate);
  speech.resize(speech.size() / 320 * 320);
  const Packets whole = opus_packets(speech, kRate);
  for (unsigned seed = 0; seed < 3; ++seed) {
    const auto codec = opus(kRate);
    Packets packets;
    test::in_random_cuts(SampleView(speech), seed, 320, [&](SampleView part) {
      Bytes packet;
      REQUIRE(codec->encode(part, packet));
      if (!packet.empty()) packets.push_back(packet);
    });
    CHECK(packets == whole);
  }
}

TEST_CASE("more than one packet at a time is refused and leaves the encoder alone", "[opus]") {
  const auto codec = opus(16000);
  const Samples tone = test::sine(400, 16000, 640);
  Bytes packet;
  const auto refused = codec->encode(tone, packet);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid_argument);
  CHECK(refused.error().field == "samples");
  CHECK(packet.empty());
  REQUIRE(codec->encode(SampleView(tone).subview(0, 639), packet));
  CHECK(packet == opus_packets(SampleView(tone).subview(0, 320), 16000).front());
  // 319 samples wait: one makes the next packet, the flush has nothing left.
  packet.clear();
  REQUIRE(codec->encode(SampleView(tone).subview(639), packet));
  CHECK_FALSE(packet.empty());
  packet.clear();
  REQUIRE(codec->flush(packet));
  CHECK(packet.empty());
}

TEST_CASE("bytes that are no packet are refused and forgotten", "[opus]") {
  constexpr std::uint32_t kRate = 16000;
  const Packets packets =
      opus_packets(test::recorded_speech(test::kRecordedSpeech[0], kRate), kRate);
  const Samples clean = opus_decoded(packets, kRate);
  const auto codec = opus(kRate);
  Samples heard;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    for (const Bytes& bad :
         {Bytes{}, Bytes{0xFF}, Bytes{0xFF, 0x00}, Bytes{0x4B, 0x3F}, Bytes{0x4A, 0xFF, 0xFF}}) {
      const auto refused = codec->decode(bad, heard);
      REQUIRE_FALSE(refused);
      REQUIRE(refused.error().code == Errc::protocol_error);
    }
    REQUIRE(codec->decode(packets[i], heard));
  }
  CHECK(heard == clean);
}

TEST_CASE("whatever comes, the decoder lives", "[opus]") {
  std::mt19937 random(5);
  const auto codec = opus(48000);
  Samples out;
  for (unsigned i = 0; i < 3000; ++i) {
    out.clear();
    const Bytes noise = test::random_payload(random() % 90, i);
    if (!codec->decode(noise, out)) CHECK(out.empty());
    REQUIRE(out.size() <= 5760);
  }
}

TEST_CASE("a lost packet is carried over: closer to what was said than silence is",
          "[opus][loss]") {
  constexpr std::uint32_t kRate = 16000;
  const Samples speech = test::recorded_speech(test::kRecordedSpeech[0], kRate);
  const Packets packets = opus_packets(speech, kRate);
  const auto codec = opus(kRate);
  Samples concealed;
  Samples silent;
  const auto other = opus(kRate);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i % 10 == 9) {
      REQUIRE(codec->conceal(Micros(20000), concealed));
      REQUIRE(other->conceal(Micros(20000), silent));
      std::fill(silent.end() - 320, silent.end(), std::int16_t{0});
    } else {
      REQUIRE(codec->decode(packets[i], concealed));
      REQUIRE(other->decode(packets[i], silent));
    }
  }
  // Time is kept.
  REQUIRE(concealed.size() == packets.size() * 320);
  const std::size_t delay = test::measured_delay(speech, concealed, 400);
  const double with =
      test::log_spectral_distance_db(speech, SampleView(concealed).subview(delay), kRate);
  const double without =
      test::log_spectral_distance_db(speech, SampleView(silent).subview(delay), kRate);
  CAPTURE(with, without);
  CHECK(with < 0.9 * without);
}

TEST_CASE("concealment fades, and lasts 120 ms at most", "[opus][loss]") {
  constexpr std::uint32_t kRate = 16000;
  const auto codec = opus(kRate);
  Samples out;
  for (const Bytes& packet : opus_packets(test::sine(300, kRate, 16000, 8000), kRate)) {
    REQUIRE(codec->decode(packet, out));
  }
  out.clear();
  REQUIRE(codec->conceal(std::chrono::seconds(9), out));
  CHECK(out.size() == 12 * kRate / 100);
  for (int i = 0; i < 10; ++i) REQUIRE(codec->conceal(Micros(100000), out));
  CHECK(rms_dbfs(SampleView(out).subview(out.size() - 1600)) < -50);
  out.clear();
  REQUIRE(codec->conceal(Micros(2499), out));
  REQUIRE(codec->conceal(Micros(-1), out));
  CHECK(out.empty());
}

TEST_CASE("a reset Opus codec is as new", "[opus]") {
  const auto codec = opus(24000);
  const Samples noise = test::white_noise(-20, 480, 3);
  Bytes first;
  Bytes packet;
  Samples samples;
  Samples again;
  REQUIRE(codec->encode(noise, first));
  REQUIRE(codec->decode(first, samples));
  REQUIRE(codec->encode(SampleView(noise).subview(0, 99), packet));
  codec->reset();
  REQUIRE(codec->encode(noise, packet));
  CHECK(packet == first);
  REQUIRE(codec->decode(packet, again));
  CHECK(again == samples);
}

TEST_CASE("an Opus line goes to the model by packets", "[opus]") {
  auto up = Transcoder::create(AudioFormat::opus(16000), AudioFormat::l16(24000));
  REQUIRE(up);
  CHECK(up->delay() > Micros(6000));
  CHECK(up->delay() < Micros(12000));
  Bytes linear;
  for (const Bytes& packet : opus_packets(test::sine(300, 16000, 3200, 8000), 16000)) {
    linear.clear();
    REQUIRE(up->process(packet, linear));
    CHECK(linear.size() == 960);
  }
}

TEST_CASE("a running Opus codec does not allocate", "[opus]") {
  const auto codec = opus(16000);
  const Samples speech = test::recorded_speech(test::kRecordedSpeech[0], 16000);
  Bytes packet;
  packet.reserve(1500);
  Samples samples;
  samples.reserve(2000);
  bool worked = true;
  const std::size_t before = test::allocation_count();
  for (std::size_t at = 0; at + 320 <= speech.size(); at += 320) {
    packet.clear();
    samples.clear();
    worked = codec->encode(SampleView(speech).subview(at, 320), packet) &&
             codec->decode(packet, samples) && codec->conceal(Micros(20000), samples) && worked;
  }
  CHECK(test::allocation_count() == before);
  CHECK(worked);
}
