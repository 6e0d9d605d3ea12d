#include "testing/openai_input_audio.hpp"

#include "support/catch.hpp"
#include "voicebridge/audio/wav.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

SessionConfig configured(const std::string& format, const std::string& turn_detection) {
  SessionConfig config("m");
  const auto session = Json::parse(R"({"type":"realtime","audio":{"input":{"format":{"type":")" +
                                   format + R"("},"turn_detection":)" + turn_detection + "}}}");
  REQUIRE_FALSE(config.update(*session, false));
  return config;
}

Bytes ulaw(const std::string& file) {
  const auto wav = read_wav(std::string(VOICEBRIDGE_TEST_DATA) + "/audio/" + file);
  REQUIRE(wav);
  Bytes bytes;
  REQUIRE((*make_audio_codec(AudioFormat::pcmu()))->encode(wav->samples, bytes));
  return bytes;
}

Bytes silence(std::size_t millis) { return Bytes(millis * 8, 0xFF); }

std::vector<SpeechEdge> edges_of(InputAudio& input, ByteView audio, std::size_t chunk) {
  std::vector<SpeechEdge> edges;
  for (std::size_t at = 0; at < audio.size(); at += chunk) {
    ByteView rest = audio.subview(at, chunk);
    while (auto edge = input.consume(rest)) edges.push_back(*edge);
  }
  return edges;
}

constexpr const char* kVad =
    R"({"type":"server_vad","prefix_padding_ms":300,"silence_duration_ms":700})";

TEST_CASE("real speech through µ-law is one turn, however it is cut", "[openai_input_audio]") {
  for (const char* file : {"speech_en_vm_intro.wav", "speech_fr_forward.wav"}) {
    CAPTURE(file);
    const Bytes speech = ulaw(file);
    Bytes audio = silence(1000);
    audio.insert(audio.end(), speech.begin(), speech.end());
    const Bytes tail = silence(1500);
    audio.insert(audio.end(), tail.begin(), tail.end());
    for (const std::size_t chunk : {160u, 1u, 333u, 8000u, 1000000u}) {
      CAPTURE(chunk);
      InputAudio input;
      input.configure(configured("audio/pcmu", kVad));
      const auto edges = edges_of(input, audio, chunk);
      REQUIRE(edges.size() == 2);
      CHECK(edges[0].started);
      CHECK(edges[0].at >= Millis(600));
      CHECK(edges[0].at <= Millis(1300));
      CHECK_FALSE(edges[1].started);
      const Micros speech_end = Millis(1000) + AudioFormat::pcmu().duration(speech.size());
      CHECK(edges[1].at >= speech_end - Millis(500));
      CHECK(edges[1].at <= speech_end + Millis(800));
      CHECK(input.received() == Millis(audio.size() / 8));
    }
  }
}

TEST_CASE("a turn begins at its prefix", "[openai_input_audio]") {
  InputAudio input;
  input.configure(configured("audio/pcmu", kVad));
  Bytes audio = silence(2000);
  const Bytes speech = ulaw("speech_en_vm_intro.wav");
  audio.insert(audio.end(), speech.begin(), speech.end());
  ByteView rest(audio);
  const auto edge = input.consume(rest);
  REQUIRE(edge);
  // What is buffered reaches from the reported start to what was listened to.
  const Millis listened = input.received();
  CHECK(input.pending() == listened - edge->at);
}

TEST_CASE("while nobody speaks only the prefix is kept", "[openai_input_audio]") {
  InputAudio input;
  input.configure(configured("audio/pcmu", kVad));
  CHECK(edges_of(input, silence(60000), 160).empty());
  CHECK(input.pending() == Millis(600));
  CHECK(input.received() == Millis(60000));
}

TEST_CASE("without turn detection everything is kept until it is taken", "[openai_input_audio]") {
  InputAudio input;
  input.configure(configured("audio/pcmu", "null"));
  CHECK(edges_of(input, ulaw("speech_en_vm_intro.wav"), 160).empty());
  CHECK(input.pending() == input.received());
  const Millis length = input.pending();
  CHECK(input.take()->size() / 8 == static_cast<std::size_t>(length.count()));
  CHECK(input.pending() == Millis(0));
  CHECK(input.received() == length);
}

TEST_CASE("the clock goes on when the format changes", "[openai_input_audio]") {
  InputAudio input;
  CHECK(edges_of(input, Bytes(48 * 500), 960).empty());
  CHECK(input.received() == Millis(500));
  input.configure(configured("audio/pcmu", kVad));
  CHECK(input.pending() == Millis(0));
  Bytes audio = silence(1000);
  const Bytes speech = ulaw("speech_en_vm_intro.wav");
  audio.insert(audio.end(), speech.begin(), speech.end());
  const auto edges = edges_of(input, audio, 160);
  REQUIRE_FALSE(edges.empty());
  CHECK(edges[0].at >= Millis(1100));
  CHECK(edges[0].at <= Millis(1800));
}

TEST_CASE("an update that leaves the turn detection alone does not interrupt it",
          "[openai_input_audio]") {
  InputAudio input;
  SessionConfig config = configured("audio/pcmu", kVad);
  input.configure(config);
  const Bytes speech = ulaw("speech_en_vm_intro.wav");
  ByteView rest(speech);
  REQUIRE(input.consume(rest));
  REQUIRE(input.speaking());
  REQUIRE_FALSE(config.update(*Json::parse(R"({"type":"realtime","instructions":"x"})"), false));
  input.configure(config);
  CHECK(input.speaking());
}

TEST_CASE("L16 is taken in whole samples", "[openai_input_audio]") {
  InputAudio input;
  CHECK(input.whole_samples(960));
  CHECK_FALSE(input.whole_samples(961));
  input.configure(configured("audio/pcma", kVad));
  CHECK(input.whole_samples(961));
}

}  // namespace
}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
