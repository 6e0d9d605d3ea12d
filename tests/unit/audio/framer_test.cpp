#include "voicebridge/audio/framer.hpp"

#include "support/catch.hpp"
#include "unit/audio/signals.hpp"

using namespace voicebridge;

namespace {

Framer framer_for(AudioFormat format, Millis frame = Millis(20)) {
  auto framer = Framer::create(format, frame);
  REQUIRE(framer);
  return std::move(*framer);
}

}  // namespace

TEST_CASE("only what can be cut by bytes has a framer") {
  const auto opus = Framer::create(AudioFormat{AudioEncoding::opus, 48000});
  REQUIRE_FALSE(opus);
  CHECK(opus.error().code == Errc::unsupported);
  for (const Millis frame : {Millis(9), Millis(0), Millis(-20), Millis(1001)}) {
    const auto framer = Framer::create(AudioFormat::pcmu(), frame);
    REQUIRE_FALSE(framer);
    CHECK(framer.error().field == "frame");
  }
  CHECK_FALSE(Framer::create(AudioFormat::l16(11025)));  // 220.5 samples
  CHECK_FALSE(Framer::create(AudioFormat::l16(0)));
}

TEST_CASE("frames have the bytes of their time") {
  CHECK(framer_for(AudioFormat::pcmu()).frame_bytes() == 160);
  CHECK(framer_for(AudioFormat::pcmu(), Millis(30)).frame_bytes() == 240);
  CHECK(framer_for(AudioFormat::l16(24000)).frame_bytes() == 960);
  CHECK(framer_for(AudioFormat{AudioEncoding::g722, 16000}).frame_bytes() == 160);
}

TEST_CASE("whole frames in one chunk are not copied") {
  Framer framer = framer_for(AudioFormat::pcmu());
  const Bytes bytes = test::random_payload(330, 1);
  std::vector<const std::uint8_t*> starts;
  framer.push(bytes, [&](ByteView frame) {
    CHECK(frame.size() == 160);
    starts.push_back(frame.data());
  });
  CHECK(starts == std::vector<const std::uint8_t*>{bytes.data(), bytes.data() + 160});
  CHECK(framer.pending() == 10);
}

TEST_CASE("any cut of a stream gives the same frames") {
  const Bytes bytes = test::random_payload(10007, 2);
  for (unsigned seed = 0; seed < 50; ++seed) {
    Framer framer = framer_for(AudioFormat::pcmu());
    Bytes framed;
    test::in_random_cuts(ByteView(bytes), seed, seed % 2 == 0 ? 50 : 700, [&](ByteView part) {
      framer.push(part, [&](ByteView frame) {
        REQUIRE(frame.size() == 160);
        framed.insert(framed.end(), frame.begin(), frame.end());
      });
      REQUIRE(framer.pending() < framer.frame_bytes());
    });
    CHECK(framed == Bytes(bytes.begin(), bytes.begin() + 62 * 160));
    CHECK(framer.pending() == 10007 - 62 * 160);
  }
}

TEST_CASE("the last frame is filled with the silence of the format") {
  Framer framer = framer_for(AudioFormat::pcma());
  framer.push(Bytes{1, 2}, [](ByteView) { FAIL("no frame is complete"); });
  Bytes last;
  framer.flush([&](ByteView frame) { last.assign(frame.begin(), frame.end()); });
  Bytes expected(160, 0xD5);
  expected[0] = 1;
  expected[1] = 2;
  CHECK(last == expected);
  CHECK(framer.pending() == 0);
  framer.flush([](ByteView) { FAIL("nothing is left"); });
}

TEST_CASE("a reset framer starts with the next byte") {
  Framer framer = framer_for(AudioFormat::pcmu());
  framer.push(Bytes{1, 2, 3}, [](ByteView) {});
  framer.reset();
  Bytes first;
  framer.push(Bytes(160, 7), [&](ByteView frame) { first.assign(frame.begin(), frame.end()); });
  CHECK(first == Bytes(160, 7));
}
