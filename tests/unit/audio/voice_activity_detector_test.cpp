#include "voicebridge/audio/voice_activity_detector.hpp"

#include <filesystem>
#include <limits>
#include <string>

#include "support/allocation_counter.hpp"
#include "support/catch.hpp"
#include "unit/audio/signals.hpp"
#include "voicebridge/audio/level.hpp"
#include "voicebridge/audio/resampler.hpp"
#include "voicebridge/audio/wav.hpp"

using namespace voicebridge;

namespace {

using Events = std::vector<VadEvent>;

constexpr std::uint32_t kRate = 8000;

VoiceActivityDetector detector(std::uint32_t rate = kRate, VadOptions options = {}) {
  auto vad = VoiceActivityDetector::create(rate, options);
  REQUIRE(vad);
  return std::move(*vad);
}

Events detect(const Samples& samples, std::uint32_t rate = kRate, VadOptions options = {}) {
  Events events;
  detector(rate, options).process(samples, events);
  return events;
}

Samples speech(const std::string& name) {
  auto wav = read_wav(std::string(VOICEBRIDGE_TEST_DATA "/audio/speech_") + name + ".wav");
  REQUIRE(wav);
  REQUIRE(wav->sample_rate == kRate);
  REQUIRE(wav->channels == 1);
  return std::move(wav->samples);
}

constexpr std::size_t kLead = kRate;              // silence before the speech
constexpr std::size_t kTail = kRate + kRate / 2;  // and after it

Samples between_silence(const Samples& spoken) {
  Samples samples(kLead, 0);
  samples.insert(samples.end(), spoken.begin(), spoken.end());
  samples.resize(samples.size() + kTail, 0);
  return samples;
}

/// Alternating, beginning with a start, in order, ending with a stop.
void check_order(const Events& events) {
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const bool start = i % 2 == 0;
    CHECK((events[i].kind == VadEvent::Kind::speech_started) == start);
    CHECK(events[i].sample >= last);
    last = events[i].sample;
  }
  CHECK(events.size() % 2 == 0);
}

double seconds(std::uint64_t sample) { return static_cast<double>(sample) / kRate; }

bool same(const Events& a, const Events& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const VadEvent& x, const VadEvent& y) {
                      return x.kind == y.kind && x.sample == y.sample;
                    });
}

/// A sound as speech is to an energy detector: loud, and never of one level.
Samples babble(std::size_t count, double amplitude = 8000) {
  Samples samples = test::sine(440, kRate, count, amplitude);
  for (std::size_t i = 0; i < count; ++i) {
    const double envelope =
        0.55 + 0.45 * std::sin(2 * test::kPi * 5 * static_cast<double>(i) / kRate);
    samples[i] = test::to_sample(samples[i] * envelope);
  }
  return samples;
}

void append(Samples& to, const Samples& more) { to.insert(to.end(), more.begin(), more.end()); }

}  // namespace

TEST_CASE("options out of their range are named") {
  const auto field_of = [](std::uint32_t rate, VadOptions options) {
    const auto vad = VoiceActivityDetector::create(rate, options);
    return vad ? std::string("none") : vad.error().field;
  };
  const auto with = [](auto member, auto value) {
    VadOptions options;
    options.*member = value;
    return options;
  };
  CHECK(field_of(8000, {}) == "none");
  CHECK(field_of(7950, {}) == "sample_rate");
  CHECK(field_of(8001, {}) == "sample_rate");
  CHECK(field_of(96000, {}) == "sample_rate");
  CHECK(field_of(8000, with(&VadOptions::threshold, 1.01)) == "threshold");
  CHECK(field_of(8000, with(&VadOptions::threshold, -0.1)) == "threshold");
  CHECK(field_of(8000, with(&VadOptions::threshold, std::numeric_limits<double>::quiet_NaN())) ==
        "threshold");
  CHECK(field_of(8000, with(&VadOptions::prefix_padding, Millis(-1))) == "prefix_padding");
  CHECK(field_of(8000, with(&VadOptions::silence_duration, Millis(19))) == "silence_duration");
  CHECK(field_of(8000, with(&VadOptions::silence_duration, Millis(10001))) == "silence_duration");
  CHECK(field_of(8000, with(&VadOptions::minimum_speech, Millis(0))) == "minimum_speech");
}

TEST_CASE("real speech is one turn, at several levels and noise floors") {
  struct Recording {
    const char* name;
    double first_sound;  ///< Seconds into the file, read off its waveform.
    double last_sound;
  };
  const std::vector<Recording> recordings{
      {"en_vm_intro", 0.10, 5.45}, {"en_no_service", 0.18, 4.75}, {"fr_forward", 0.06, 4.08}};
  for (const auto& recording : recordings) {
    const Samples spoken = between_silence(speech(recording.name));
    for (const double gain : {6.0, 0.0, -10.0}) {
      for (const double noise : {-100.0, -60.0, -50.0, -45.0}) {
        CAPTURE(recording.name, gain, noise);
        const Events events =
            detect(test::mixed(spoken, gain, test::white_noise(noise, spoken.size(), 1)));
        check_order(events);
        REQUIRE(events.size() == 2);
        CHECK(seconds(events[0].sample) == Approx(1 + recording.first_sound - 0.3).margin(0.1));
        CHECK(seconds(events[1].sample) == Approx(1 + recording.last_sound + 0.5).margin(0.3));
      }
    }
  }
}

TEST_CASE(
    "soft speech and speech over loud noise are found from their first to their last second") {
  struct Condition {
    double gain;
    double noise;
  };
  for (const char* name : {"en_vm_intro", "en_no_service", "fr_forward"}) {
    const Samples spoken = between_silence(speech(name));
    for (const Condition condition :
         {Condition{-20, -100}, Condition{-20, -60}, Condition{0, -35}}) {
      CAPTURE(name, condition.gain, condition.noise);
      const Events events = detect(test::mixed(
          spoken, condition.gain, test::white_noise(condition.noise, spoken.size(), 2)));
      check_order(events);
      REQUIRE_FALSE(events.empty());
      CHECK(seconds(events.front().sample) < 1.6);
      CHECK(seconds(events.back().sample) > seconds(spoken.size() - kTail) - 0.5);
    }
  }
}

TEST_CASE("constant noise is not speech, from its first sample to its last") {
  for (const double noise : {-60.0, -45.0, -40.0, -35.0, -32.0}) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
      CAPTURE(noise, seed);
      Samples samples = test::white_noise(noise, 20 * kRate, seed);
      CHECK(detect(samples).empty());
      Samples later(2 * kRate + 77, 0);
      append(later, samples);
      CHECK(detect(later).empty());
    }
  }
}

TEST_CASE("noise that goes on after speech does not keep the turn open") {
  Samples samples = speech("en_vm_intro");
  const double end = seconds(samples.size());
  append(samples, test::white_noise(-35, 3 * kRate, 3));
  const Events events = detect(samples);
  check_order(events);
  REQUIRE(events.size() == 2);
  CHECK(seconds(events[1].sample) < end + 1.0);
}

TEST_CASE("DC is not sound") {
  const Samples dc(3 * kRate, 12000);
  CHECK(detect(dc).empty());
  Samples stepped(kRate, 0);
  append(stepped, dc);
  CHECK(detect(stepped).empty());

  const Samples spoken = between_silence(speech("en_no_service"));
  const Events clean = detect(spoken);
  Samples shifted = test::mixed(spoken, 0, Samples(spoken.size(), 1500));
  CHECK(same(detect(shifted), clean));
}

TEST_CASE("mains hum is not sound") {
  const Samples hum = test::sine(50, kRate, 5 * kRate, 600);  // -38 dBFS
  CHECK(detect(hum).empty());
}

TEST_CASE("clicks do not begin a turn, nor keep one open") {
  Samples samples(4 * kRate, 0);
  for (std::size_t at = 0; at + 80 < samples.size(); at += 2000) {
    for (std::size_t i = 0; i < 80; ++i) samples[at + i] = i % 2 == 0 ? 20000 : -20000;
  }
  CHECK(detect(samples).empty());

  Samples after = babble(kRate);
  append(after, samples);
  const Events events = detect(after);
  REQUIRE(events.size() == 2);
  CHECK(seconds(events[1].sample) == Approx(1.5).margin(0.05));
}

TEST_CASE("a turn begins with its padding and ends with its silence, to the frame") {
  Samples samples(kRate, 0);
  append(samples, babble(kRate));
  samples.resize(samples.size() + 2 * kRate, 0);
  for (const int prefix : {0, 100, 300}) {
    for (const int silence : {200, 500, 810}) {
      VadOptions options;
      options.prefix_padding = Millis(prefix);
      options.silence_duration = Millis(silence);
      const Events events = detect(samples, kRate, options);
      CAPTURE(prefix, silence);
      REQUIRE(events.size() == 2);
      const auto frames_of_silence = static_cast<std::uint64_t>((silence + 19) / 20);
      CHECK(events[0].sample == kRate - static_cast<std::uint64_t>(prefix) * 8);
      // The high-pass filter rings into the first silent frame.
      CHECK(events[1].sample == 2 * kRate + (frames_of_silence + 1) * 160);
    }
  }
}

TEST_CASE("padding does not reach before the stream or into the turn before") {
  Samples samples = babble(kRate);
  samples.resize(samples.size() + 4320, 0);  // the 500 ms that end a turn, and two frames
  append(samples, babble(kRate));
  samples.resize(samples.size() + kRate, 0);
  const Events events = detect(samples);
  check_order(events);
  REQUIRE(events.size() == 4);
  CHECK(events[0].sample == 0);
  CHECK(events[1].sample == 12160);
  CHECK(events[2].sample == 12160);
}

TEST_CASE("a higher threshold wants louder speech") {
  Samples soft(kRate, 0);
  append(soft, babble(kRate, 250));  // about -49 dBFS
  VadOptions options;
  options.threshold = 0;
  CHECK(detect(soft, kRate, options).size() == 1);
  options.threshold = 1;
  CHECK(detect(soft, kRate, options).empty());
}

TEST_CASE("the same speech at other sample rates gives the same turns") {
  const Samples spoken = between_silence(speech("fr_forward"));
  const Events at_8k = detect(spoken);
  for (const std::uint32_t rate : {16000U, 24000U}) {
    CAPTURE(rate);
    Samples resampled;
    auto resampler = Resampler::create(kRate, rate);
    REQUIRE(resampler);
    resampler->process(spoken, resampled);
    const Events events = detect(resampled, rate);
    REQUIRE(events.size() == at_8k.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      CHECK(static_cast<double>(events[i].sample) / rate ==
            Approx(seconds(at_8k[i].sample)).margin(0.061));
    }
  }
}

TEST_CASE("how the stream is cut makes no difference") {
  const Samples spoken = between_silence(speech("en_vm_intro"));
  const Events whole = detect(spoken);
  for (unsigned seed = 0; seed < 10; ++seed) {
    auto vad = detector();
    Events events;
    test::in_random_cuts(SampleView(spoken), seed, 700,
                         [&](SampleView part) { vad.process(part, events); });
    CHECK(same(events, whole));
    CHECK(vad.position() == spoken.size());
  }
}

TEST_CASE("a reset detector is as new") {
  const Samples spoken = between_silence(speech("en_no_service"));
  auto vad = detector();
  Events events;
  vad.process(SampleView(spoken).subview(0, 3 * kRate), events);
  CHECK(vad.speaking());
  vad.reset();
  CHECK_FALSE(vad.speaking());
  CHECK(vad.position() == 0);
  events.clear();
  vad.process(spoken, events);
  CHECK(same(events, detect(spoken)));
}

TEST_CASE("positions are told as time of their stream") {
  CHECK(detector(24000).to_millis(24012) == Millis(1000));
  CHECK(detector(8000).to_millis(7999) == Millis(999));
}

TEST_CASE("the noise floor follows the noise") {
  auto vad = detector();
  Events events;
  vad.process(test::white_noise(-42, kRate, 9), events);
  CHECK(vad.noise_floor_dbfs() == Approx(-42).margin(1));
  vad.process(Samples(kRate, 0), events);
  CHECK(vad.noise_floor_dbfs() == Approx(-70).margin(1));
}

TEST_CASE("listening does not allocate") {
  const Samples spoken = speech("en_vm_intro");
  auto vad = detector();
  Events events;
  events.reserve(16);
  const std::size_t before = test::allocation_count();
  vad.process(spoken, events);
  CHECK(test::allocation_count() == before);
}

// Every prompt of two voices, not only the three that come with the tests.
TEST_CASE("prompts installed on this machine are found") {
  int files = 0;
  for (const char* folder :
       {"/usr/share/asterisk/sounds/en_US_f_Allison", "/usr/share/asterisk/sounds/fr_CA_f_June"}) {
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
      if (entry.path().extension() != ".wav") continue;
      const auto wav = read_wav(entry.path());
      REQUIRE(wav);
      // Beeps and single syllables are shorter, the tone of a beep is steady.
      const bool prompt = wav->duration() > Millis(900) && wav->duration() < Millis(60000) &&
                          rms_dbfs(wav->samples) > -30;
      if (!prompt || wav->sample_rate != kRate) continue;
      ++files;
      CAPTURE(entry.path().string());
      const Samples spoken = between_silence(wav->samples);
      const Events events =
          detect(test::mixed(spoken, -6, test::white_noise(-50, spoken.size(), 4)));
      check_order(events);
      CHECK_FALSE(events.empty());
    }
  }
  if (files == 0) WARN("the Asterisk sounds are not installed: not listened to");
}
