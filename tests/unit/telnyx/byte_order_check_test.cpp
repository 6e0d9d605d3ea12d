#include "telnyx/byte_order_check.hpp"

#include "unit/audio/signals.hpp"
#include "unit/telnyx/media_harness.hpp"
#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/audio/wav.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using telnyx::ByteOrderCheck;
using Heard = ByteOrderCheck::Verdict;

namespace {

constexpr AudioFormat little(std::uint32_t rate) { return {AudioEncoding::l16le, rate}; }
constexpr AudioFormat big(std::uint32_t rate) { return {AudioEncoding::l16be, rate}; }

Samples recorded(const std::string& name) {
  const auto wav = read_wav(std::string(VOICEBRIDGE_TEST_DATA) + "/audio/" + name);
  REQUIRE(wav);
  return wav->samples;
}

Bytes laid_out(AudioFormat format, const Samples& samples) {
  Bytes bytes;
  REQUIRE((*make_audio_codec(format))->encode(samples, bytes));
  return bytes;
}

/// The first verdict over frames of 20 ms, and after how many of them.
std::pair<Heard, int> verdict_on(AudioFormat assumed, const Bytes& bytes) {
  ByteOrderCheck check(assumed);
  int frames = 0;
  for (ByteView left = bytes; !left.empty(); left = left.subview(assumed.frame_bytes())) {
    ++frames;
    const Heard verdict = check.listen(left.subview(0, assumed.frame_bytes()));
    if (verdict != Heard::unknown) return {verdict, frames};
  }
  return {Heard::unknown, frames};
}

}  // namespace

TEST_CASE("a voice tells its byte order within its first second", "[telnyx][l16]") {
  for (const char* name :
       {"speech_en_vm_intro.wav", "speech_en_no_service.wav", "speech_fr_forward.wav"}) {
    CAPTURE(name);
    const Samples speech = recorded(name);
    for (const auto& [assumed, real, expected] :
         {std::tuple{little(8000), little(8000), Heard::right},
          {big(8000), big(8000), Heard::right},
          {little(8000), big(8000), Heard::wrong},
          {big(8000), little(8000), Heard::wrong}}) {
      const auto [verdict, frames] = verdict_on(assumed, laid_out(real, speech));
      CHECK(verdict == expected);
      CHECK(frames >= 50);
    }
    // Quiet, too.
    Samples quiet = speech;
    for (std::int16_t& sample : quiet) sample = static_cast<std::int16_t>(sample / 8);
    CHECK(verdict_on(little(8000), laid_out(big(8000), quiet)).first != Heard::right);
    CHECK(verdict_on(little(8000), laid_out(little(8000), quiet)).first != Heard::wrong);
  }
}

TEST_CASE("an empty line tells nothing, and noise is no accusation", "[telnyx][l16]") {
  CHECK(verdict_on(little(16000), Bytes(64000, 0)).first == Heard::unknown);
  const Bytes hiss = laid_out(little(16000), white_noise(-66, 32000, 4));
  CHECK(verdict_on(little(16000), hiss).first == Heard::unknown);
  for (const AudioFormat real : {little(16000), big(16000)}) {
    CHECK(verdict_on(little(16000), laid_out(real, white_noise(-9, 32000, 4))).first ==
          Heard::right);
  }
}

TEST_CASE("a stream in the other byte order is told of once, by the name of the setting",
          "[telnyx][l16]") {
  const bool wrong = GENERATE(true, false);
  const bool listens = GENERATE(true, false);
  CAPTURE(wrong, listens);
  MediaSessionOptions options;
  options.l16 = AudioEncoding::l16le;
  options.check_l16 = listens;
  Stream stream(options);
  stream.get(R"({"event":"start","stream_id":"s","start":{"call_control_id":"c","media_format":)"
             R"({"encoding":"L16","sample_rate":8000,"channels":1}}})");
  const Bytes bytes =
      laid_out(wrong ? big(8000) : little(8000), recorded("speech_en_vm_intro.wav"));
  std::uint64_t chunk = 1;
  for (ByteView left = bytes; left.size() >= 320; left = left.subview(320)) {
    stream.get_media(chunk++, base64_encode(left.subview(0, 320)));
  }
  CHECK(stream.session.counters().frames_in == chunk - 1);
  const std::size_t told = wrong && listens ? 1 : 0;
  CHECK(stream.session.counters().byte_order_doubts == told);
  REQUIRE(stream.troubles.size() == told);
  if (told == 0) return;
  CHECK(stream.troubles[0].field == "l16");
  CHECK_THAT(stream.troubles[0].message, Catch::Contains("TELNYX_L16_BYTE_ORDER"));
}

TEST_CASE("packets of Opus go through one a message; what is none is counted", "[telnyx][opus]") {
  Stream stream;
  stream.get(R"({"event":"start","stream_id":"s","start":{"call_control_id":"c","media_format":)"
             R"({"encoding":"OPUS","sample_rate":16000,"channels":1}}})");
  const AudioFormat opus = AudioFormat::opus(16000);
  const Bytes packet{0x48, 1, 2, 3};  // SILK, wide band, one frame of 20 ms.
  stream.get_media(1, base64_encode(packet));
  stream.get_media(2, base64_encode(Bytes{0xFF, 0}));
  stream.get_media(3, base64_encode(packet));
  CHECK(stream.session.counters().frames_in == 2);
  CHECK(stream.session.counters().bad_media == 1);
  CHECK(stream.session.send_audio(AudioPayload::from_bytes(opus, packet)));
  CHECK_FALSE(stream.session.send_audio(AudioPayload::from_bytes(opus, Bytes{0xFF, 0})));
  CHECK(stream.session.counters().frames_out == 1);
  CHECK(stream.session.counters().dropped_out == 1);
}

TEST_CASE("a stream in AMR-WB ends with a word that helps", "[telnyx][codec]") {
  Stream stream;
  stream.get(R"({"event":"start","stream_id":"s","start":{"call_control_id":"c","media_format":)"
             R"({"encoding":"AMR-WB","sample_rate":16000,"channels":1}}})");
  REQUIRE(stream.observer.stops.size() == 1);
  const std::optional<Error>& why = stream.observer.stops[0];
  REQUIRE(why);
  CHECK(why->code == Errc::unsupported);
  CHECK(why->field == "media_format.encoding");
  CHECK_THAT(why->message, Catch::Contains("AMR-WB") && Catch::Contains("stream_codec"));
}
