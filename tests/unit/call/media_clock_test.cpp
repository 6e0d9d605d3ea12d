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
