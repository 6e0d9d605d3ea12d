#include "voicebridge/audio/format.hpp"

#include "support/catch.hpp"

using namespace voicebridge;

TEST_CASE("formats are written as carriers name them") {
  CHECK(to_string(AudioFormat::pcmu()) == "PCMU/8000");
  CHECK(to_string(AudioFormat::pcma()) == "PCMA/8000");
  CHECK(to_string(AudioFormat::l16(16000)) == "L16/16000");
  CHECK(to_string(AudioFormat{AudioEncoding::l16be, 8000}) == "L16BE/8000");
  CHECK(to_string(AudioFormat{AudioEncoding::g722, 16000}) == "G722/16000");
  CHECK(to_string(AudioFormat{AudioEncoding::opus, 48000}) == "OPUS/48000");
}

TEST_CASE("bytes and time of a format") {
  CHECK(AudioFormat::pcmu().frame_bytes() == 160);
  CHECK(AudioFormat::l16(24000).frame_bytes() == 960);
  CHECK(AudioFormat::l16(24000).duration(961) == Micros(20020));
  CHECK(AudioFormat::pcmu().duration(1) == Micros(125));
  CHECK(AudioFormat{AudioEncoding::opus, 48000}.duration(100) == Micros(0));
  CHECK(AudioFormat{AudioEncoding::l16le, 0}.duration(100) == Micros(0));
}

TEST_CASE("a payload of bytes is used where it stands") {
  const Bytes bytes{1, 2, 3};
  const auto payload = AudioPayload::from_bytes(AudioFormat::pcmu(), bytes);
  CHECK(payload_size(payload) == 3);
  Bytes scratch;
  ByteView out;
  REQUIRE(payload_bytes(payload, scratch, out));
  CHECK(out.data() == bytes.data());
  CHECK(out.size() == 3);
  CHECK(scratch.empty());
}

TEST_CASE("a payload of base64 is decoded into the scratch buffer") {
  const auto payload = AudioPayload::from_base64(AudioFormat::pcmu(), "AQID/w==");
  CHECK(payload_size(payload) == 4);
  Bytes scratch{9, 9};
  ByteView out;
  REQUIRE(payload_bytes(payload, scratch, out));
  CHECK(Bytes(out.begin(), out.end()) == Bytes{1, 2, 3, 0xFF});
  CHECK(out.data() == scratch.data());
}

TEST_CASE("malformed base64 is refused") {
  Bytes scratch;
  ByteView out;
  for (const char* text : {"AQI", "AQ=D", "AQID/w==\n", "****"}) {
    CAPTURE(text);
    CHECK_FALSE(payload_bytes(AudioPayload::from_base64(AudioFormat::pcmu(), text), scratch, out));
  }
}

TEST_CASE("an empty payload is no bytes") {
  Bytes scratch;
  ByteView out;
  REQUIRE(payload_bytes(AudioPayload{}, scratch, out));
  CHECK(out.empty());
  CHECK(payload_size(AudioPayload{}) == 0);
}
