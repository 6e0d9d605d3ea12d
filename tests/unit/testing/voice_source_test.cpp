#include "voicebridge/testing/voice_source.hpp"

#include "support/catch.hpp"
#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/level.hpp"
#include "voicebridge/audio/voice_activity_detector.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

Samples decoded(const Bytes& bytes, AudioFormat format) {
  Samples samples;
  REQUIRE((*make_audio_codec(format))->decode(bytes, samples));
  return samples;
}

TEST_CASE("the tone lasts 65 ms a character in every format", "[voice_source]") {
  const ToneVoice voice;
  const std::string text = "Hello, how are you today?";
  for (const AudioFormat format :
       {AudioFormat::pcmu(), AudioFormat::pcma(), AudioFormat::l16(24000)}) {
    const auto speech = voice.speak("en", text, format);
    CHECK(format.duration(speech->size()) == Millis(65 * text.size()));
    CHECK(*speech == *voice.speak("fr", text, format));
    CHECK(*speech != *voice.speak("en", "Hello, how are you todaz?", format));
  }
  CHECK(voice.speak("en", "", AudioFormat::pcmu())->empty());
}

TEST_CASE("a detector takes the tone for speech, once", "[voice_source]") {
  const ToneVoice voice;
  Samples samples =
      decoded(*voice.speak("en", "Please tell me what you need.", AudioFormat::pcmu()),
              AudioFormat::pcmu());
  samples.insert(samples.begin(), 8000, 0);
  samples.resize(samples.size() + 8000);
  auto detector = VoiceActivityDetector::create(8000);
  REQUIRE(detector);
  std::vector<VadEvent> events;
  detector->process(samples, events);
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == VadEvent::Kind::speech_started);
  CHECK(events[1].kind == VadEvent::Kind::speech_stopped);
}

TEST_CASE("espeak-ng speaks what it was given, the tone speaks the rest", "[voice_source]") {
  if (!EspeakVoice::available()) {
    WARN("espeak-ng is not installed");
    CHECK(EspeakVoice::render({{"en", "Hello"}}).error().code == Errc::unavailable);
    return;
  }
  const std::string tricky = "-- \"Hello\"; $(touch /tmp/x) & 'you'";
  const auto voice =
      EspeakVoice::render({{"en", "Hello world."}, {"en", "Hello world."}, {"en", tricky}});
  REQUIRE(voice);
  CHECK((*voice)->size() == 2);
  for (const AudioFormat format :
       {AudioFormat::pcmu(), AudioFormat::pcma(), AudioFormat::l16(24000)}) {
    const auto speech = (*voice)->speak("en", "Hello world.", format);
    CHECK(format.duration(speech->size()) > Millis(400));
    CHECK(format.duration(speech->size()) < Millis(3000));
    CHECK(rms_dbfs(decoded(*speech, format)) > -35);
  }
  CHECK(*(*voice)->speak("en", "not made", AudioFormat::pcmu()) ==
        *ToneVoice().speak("en", "not made", AudioFormat::pcmu()));
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
