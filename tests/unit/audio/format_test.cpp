#include "voicebridge/audio/format.hpp"

#include "support/catch.hpp"
#include "voicebridge/core/base64.hpp"

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

TEST_CASE("G.722 counts 8000 bytes a second for 16000 samples") {
  CHECK(AudioFormat::g722().sample_rate == 16000);
  CHECK(AudioFormat::g722().frame_bytes() == 160);
  CHECK(AudioFormat::g722().duration(160) == Micros(20000));
  CHECK(payload_duration(AudioPayload::from_bytes(AudioFormat::g722(), Bytes(80))) ==
        Micros(10000));
}

TEST_CASE("an Opus packet tells its length by its head") {
  struct Example {
    Bytes head;
    std::int64_t micros;
  };
  // RFC 6716 section 3.1, table 2, and the count of frames in the last two bits.
  const Example examples[] = {
      {{0 << 3}, 10000},
      {{1 << 3}, 20000},
      {{11 << 3}, 60000},
      {{12 << 3}, 10000},
      {{15 << 3}, 20000},
      {{16 << 3}, 2500},
      {{31 << 3 | 0}, 20000},
      {{31 << 3 | 1}, 40000},
      {{31 << 3 | 2}, 40000},
      {{16 << 3 | 3, 48}, 120000},
      {{16 << 3 | 3, 0x80 | 0x40 | 2}, 5000},  // VBR and padding say nothing of the time.
      {{}, 0},
      {{31 << 3 | 3}, 0},     // The count is missing,
      {{31 << 3 | 3, 0}, 0},  // is none,
      {{31 << 3 | 3, 7}, 0},  // or makes 140 ms.
      {{11 << 3 | 1}, 120000},
  };
  for (const Example& example : examples) {
    for (const std::size_t tail : {0, 1, 2, 3}) {
      Bytes packet = example.head;
      if (packet.size() == 1 && (packet[0] & 3) == 3 && tail > 0) continue;
      if (packet.empty() && tail > 0) continue;
      packet.resize(packet.size() + tail, 0xA5);
      CAPTURE(packet);
      CHECK(payload_duration(AudioPayload::from_bytes(AudioFormat::opus(16000), packet)) ==
            Micros(example.micros));
      const std::string text = base64_encode(packet);
      if (text.empty()) continue;
      CHECK(payload_duration(AudioPayload::from_base64(AudioFormat::opus(16000), text)) ==
            Micros(example.micros));
    }
  }
  CHECK(payload_duration(AudioPayload::from_base64(AudioFormat::opus(16000), "*AAA")) == Micros(0));
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
