// Of a build without one of the optional codecs.
#include "support/catch.hpp"
#include "voicebridge/audio/transcoder.hpp"
#include "voicebridge/version.hpp"

using namespace voicebridge;

namespace {

void check_switched_off(AudioFormat format, const std::string& option) {
  const auto codec = make_audio_codec(format);
  REQUIRE_FALSE(codec);
  CHECK(codec.error().code == Errc::unsupported);
  CHECK(codec.error().field == "encoding");
  CHECK_THAT(codec.error().message, Catch::Contains("switched off") && Catch::Contains(option));
  CHECK(Transcoder::create(format, AudioFormat::pcmu()).error().code == Errc::unsupported);
}

}  // namespace

TEST_CASE("a codec that is switched off says so, and how to switch it on") {
  if (!VOICEBRIDGE_WITH_G722) check_switched_off(AudioFormat::g722(), "VOICEBRIDGE_WITH_G722=ON");
  if (!VOICEBRIDGE_WITH_OPUS) {
    check_switched_off(AudioFormat::opus(16000), "VOICEBRIDGE_WITH_OPUS=ON");
  }
}
