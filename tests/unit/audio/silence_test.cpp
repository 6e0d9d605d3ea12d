#include "voicebridge/audio/silence.hpp"

#include "support/catch.hpp"

using namespace voicebridge;

TEST_CASE("silence is what the encoding calls silence") {
  Bytes out{1};
  append_silence(out, AudioFormat::pcmu(), Millis(2));
  CHECK(out == [] {
    Bytes b(17, 0xFF);
    b[0] = 1;
    return b;
  }());
  out.clear();
  append_silence(out, AudioFormat::pcma(), Millis(1));
  CHECK(out == Bytes(8, 0xD5));
  out.clear();
  append_silence(out, AudioFormat::l16(24000), Millis(20));
  CHECK(out == Bytes(960, 0));
  out.clear();
  append_silence(out, AudioFormat::g722(), Millis(20));
  CHECK(out == Bytes(160, 0xFF));
}

TEST_CASE("silence comes in whole samples") {
  Bytes out;
  append_silence(out, AudioFormat::l16(11025), Millis(1));  // 11.025 samples
  CHECK(out.size() == 22);
}

TEST_CASE("no silence for no time and for formats without a constant rate") {
  Bytes out;
  append_silence(out, AudioFormat::pcmu(), Millis(0));
  append_silence(out, AudioFormat::pcmu(), Millis(-5));
  append_silence(out, AudioFormat{AudioEncoding::opus, 48000}, Millis(20));
  append_silence(out, AudioFormat::l16(0), Millis(20));
  CHECK(out.empty());
}
