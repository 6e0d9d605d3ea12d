#include "voicebridge/audio/level.hpp"

#include "support/catch.hpp"
#include "unit/audio/signals.hpp"

using namespace voicebridge;

TEST_CASE("levels of known signals") {
  const Samples tone = test::sine(1000, 8000, 8000, 32767);
  CHECK(rms_dbfs(tone) == Approx(-3.01).margin(0.01));
  CHECK(peak_dbfs(tone) == Approx(0).margin(0.01));
  const Samples square{-32768, -32768};
  CHECK(rms_dbfs(square) == Approx(0).margin(1e-9));
  CHECK(peak_dbfs(square) == Approx(0).margin(1e-9));
  CHECK(rms_dbfs(test::white_noise(-35, 80000, 1)) == Approx(-35).margin(0.1));
}

TEST_CASE("silence has the lowest level") {
  CHECK(rms_dbfs({}) == kSilenceDbfs);
  CHECK(peak_dbfs({}) == kSilenceDbfs);
  CHECK(rms_dbfs(Samples(100, 0)) == kSilenceDbfs);
  CHECK(peak_dbfs(Samples{0, 1}) == Approx(-90.3).margin(0.01));
  CHECK(rms_dbfs([] {
          Samples s(100000, 0);
          s[7] = 1;
          return s;
        }()) == kSilenceDbfs);
}
