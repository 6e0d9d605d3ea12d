#include "call/media_clock.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using detail::MediaClock;

namespace {
constexpr Micros kFrame{20000};
}

TEST_CASE("without timestamps the bytes are counted", "[media]") {
  MediaClock clock;
  CHECK(clock.next({}, 0, kFrame) == Millis(0));
  CHECK(clock.next({}, 0, kFrame) == Millis(20));
  CHECK(clock.next({}, 0, Micros(40000)) == Millis(40));
  CHECK(clock.next({}, 0, kFrame) == Millis(80));
}

TEST_CASE("a lost frame takes the time of the one after it", "[media]") {
  MediaClock clock;
  clock.next({}, 0, kFrame);
  CHECK(clock.next({}, 3, kFrame) == Millis(80));
}

TEST_CASE("timestamps that prove to be milliseconds show a gap", "[media]") {
  MediaClock clock;
  CHECK(clock.next(1000, 0, kFrame) == Millis(0));
  CHECK(clock.next(1020, 0, kFrame) == Millis(20));
  CHECK(clock.next(1540, 0, kFrame) == Millis(540));
  CHECK(clock.next(1600, 2, kFrame) == Millis(600));
}

TEST_CASE("timestamps in another unit are not believed", "[media]") {
  MediaClock samples;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(samples.next(static_cast<std::uint64_t>(i) * 160, 0, kFrame) == Millis(20 * i));
  }
}

TEST_CASE("a first pair with a gap only delays the belief", "[media]") {
  MediaClock clock;
  CHECK(clock.next(0, 0, kFrame) == Millis(0));
  CHECK(clock.next(500, 0, kFrame) == Millis(20));
  CHECK(clock.next(520, 0, kFrame) == Millis(40));
  CHECK(clock.next(1020, 0, kFrame) == Millis(540));
}

TEST_CASE("the clock never goes back and survives absurd numbers", "[media]") {
  MediaClock clock;
  clock.next(0, 0, kFrame);
  clock.next(20, 0, kFrame);
  CHECK(clock.next(10, 0, kFrame) == Millis(40));
  CHECK(clock.next(999999999999999999ULL, 0, kFrame) == Millis(60));
  CHECK(clock.next(0, 999999999999999999ULL, kFrame) == Millis(80));
  CHECK(clock.next({}, 0, kFrame) == Millis(100));
}

TEST_CASE("timestamps that are documented are believed at once", "[media]") {
  MediaClock clock(MediaClock::Timestamps::in_milliseconds);
  CHECK(clock.next(5, 0, kFrame) == Millis(0));
  CHECK(clock.next(425, 0, kFrame) == Millis(420));
  CHECK(clock.next(445, 0, kFrame) == Millis(440));
  // Without one, or with one that stands still, the bytes go on.
  CHECK(clock.next({}, 0, kFrame) == Millis(460));
  CHECK(clock.next(100, 0, kFrame) == Millis(480));
  CHECK(clock.next(100, 0, kFrame) == Millis(500));
}

TEST_CASE("a burst that was stamped late is counted once", "[media]") {
  MediaClock clock(MediaClock::Timestamps::in_milliseconds);
  CHECK(clock.next(0, 0, kFrame) == Millis(0));
  // Four frames at once, 60 ms late: by their stamps, only the first of them has left a gap.
  CHECK(clock.next(80, 0, kFrame) == Millis(80));
  CHECK(clock.next(80, 0, kFrame) == Millis(100));
  CHECK(clock.next(80, 0, kFrame) == Millis(120));
  CHECK(clock.next(80, 0, kFrame) == Millis(140));
  SECTION("what comes in time again leaves none, nor does a burst that is no later") {
    CHECK(clock.next(100, 0, kFrame) == Millis(160));
    CHECK(clock.next(160, 0, kFrame) == Millis(180));
    CHECK(clock.next(160, 0, kFrame) == Millis(200));
    CHECK(clock.next(160, 0, kFrame) == Millis(220));
    CHECK(clock.next(180, 0, kFrame) == Millis(240));
  }
  SECTION("a gap after it stands where the timestamps say") {
    CHECK(clock.next(600, 0, kFrame) == Millis(600));
    CHECK(clock.next(620, 0, kFrame) == Millis(620));
  }
}

TEST_CASE("timestamps that tremble leave a gap once", "[media]") {
  MediaClock clock(MediaClock::Timestamps::in_milliseconds);
  CHECK(clock.next(0, 0, kFrame) == Millis(0));
  CHECK(clock.next(32, 0, kFrame) == Millis(32));  // 12 ms late
  CHECK(clock.next(40, 0, kFrame) == Millis(52));
  for (std::uint64_t i = 3; i < 1000; ++i) {
    const std::uint64_t late = i % 3 == 0 ? 12 : 0;
    REQUIRE(clock.next(20 * i + late, 0, kFrame) == Millis(20 * static_cast<int>(i) + 12));
  }
}

TEST_CASE("timestamps that begin again are followed from there", "[media]") {
  MediaClock clock(MediaClock::Timestamps::in_milliseconds);
  clock.next(3600000, 0, kFrame);
  for (int i = 0; i < 100; ++i) clock.next(0, 0, kFrame);  // Two seconds without a clock.
  CHECK(clock.next(20, 0, kFrame) == Millis(2020));
  // What was counted without it is not taken for an hour's credit.
  CHECK(clock.next(2040, 0, kFrame) == Millis(3040));
}
