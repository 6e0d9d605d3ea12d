#include "voicebridge/core/time.hpp"

#include "support/catch.hpp"

namespace voicebridge {

TEST_CASE("wall-clock time is written as ISO 8601 in UTC", "[time]") {
  CHECK(to_iso8601(0) == "1970-01-01T00:00:00.000Z");
  CHECK(to_iso8601(1'795'253'400'123) == "2026-11-21T09:30:00.123Z");
  CHECK(to_iso8601(951'782'400'000) == "2000-02-29T00:00:00.000Z");
  CHECK(to_iso8601(951'868'799'999) == "2000-02-29T23:59:59.999Z");
  CHECK(to_iso8601(4'107'542'400'000) == "2100-03-01T00:00:00.000Z");
  CHECK(to_iso8601(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(to_iso8601(-86'400'000) == "1969-12-31T00:00:00.000Z");
}

TEST_CASE("the wall clock is past the day this was written", "[time]") {
  CHECK(unix_now() > 1'700'000'000'000);
}

TEST_CASE("a missing deadline never is the earlier one", "[time]") {
  const TimePoint early{Millis(1)};
  const TimePoint late{Millis(2)};
  CHECK(earliest(early, late) == early);
  CHECK(earliest(late, early) == early);
  CHECK(earliest(std::nullopt, late) == late);
  CHECK(earliest(early, std::nullopt) == early);
  CHECK_FALSE(earliest(std::nullopt, std::nullopt));
}

}  // namespace voicebridge
