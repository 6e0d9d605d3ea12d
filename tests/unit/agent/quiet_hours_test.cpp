#include "voicebridge/agent/quiet_hours.hpp"

#include "support/catch.hpp"
#include "voicebridge/agent/dial_policy.hpp"

using namespace voicebridge;

namespace {

/// A time of Thursday, 2 July 2026, UTC.
UnixMillis at(int hour, int minute = 0) {
  constexpr UnixMillis kMidnight = 1782950400000;
  return kMidnight + (hour * 60 + minute) * 60000LL;
}

const QuietHours kNight = QuietHours::parse("21:00-08:00").value();

}  // namespace

TEST_CASE("quiet hours are two times of the day", "[agent][quiet]") {
  CHECK(kNight.from == 1260);
  CHECK(kNight.until == 480);
  for (const char* wrong : {"", "21-8", "21:00", "21:00-24:00", "08:00-08:00", "21:00-08:60",
                            "21:00 -08:00", "-1:00-08:00", "21:00-08:00 "}) {
    CAPTURE(wrong);
    CHECK_FALSE(QuietHours::parse(wrong));
  }
}

TEST_CASE("a country is quiet by all its clocks", "[agent][quiet]") {
  // Paris has UTC+1 in winter and UTC+2 in summer: 8:00 is 7:00 UTC at the latest, 21:00 is 19:00
  // at the earliest.
  CHECK(quiet_for(kNight, "FR", at(6, 59)) == Millis(60000));
  CHECK_FALSE(quiet_for(kNight, "FR", at(7)));
  CHECK_FALSE(quiet_for(kNight, "FR", at(18, 59)));
  CHECK(quiet_for(kNight, "FR", at(19)) == Millis(12 * 3600000));
  // From Honolulu's morning to the evening of the east coast.
  CHECK(quiet_for(kNight, "US", at(17, 59)));
  CHECK_FALSE(quiet_for(kNight, "US", at(18)));
  CHECK_FALSE(quiet_for(kNight, "US", at(23, 59)));
  CHECK(quiet_for(kNight, "US", at(1)));
  // Half hours count.
  CHECK(quiet_for(kNight, "IN", at(2, 29)));
  CHECK_FALSE(quiet_for(kNight, "IN", at(2, 30)));
  // Hours that do not pass midnight.
  const QuietHours lunch = QuietHours::parse("12:00-14:00").value();
  CHECK(quiet_for(lunch, "GF", at(15)));
  CHECK_FALSE(quiet_for(lunch, "GF", at(17)));
}

TEST_CASE("numbers of North America have the clocks of their area code", "[agent][quiet]") {
  const auto shows = [](const char* number, int west, int east) {
    CAPTURE(number);
    const auto clocks = clocks_of_area(number);
    return clocks && clocks->west == west && clocks->east == east;
  };
  CHECK(shows("+12125550100", -300, -240));  // New York
  CHECK(shows("+12015550100", -300, -240));  // The first and the last of a group.
  CHECK(shows("+19895550100", -300, -240));
  CHECK(shows("+13125550100", -360, -300));  // Chicago
  CHECK(shows("+14155550100", -480, -420));  // San Francisco
  CHECK(shows("+18085550100", -600, -600));  // Honolulu
  CHECK(shows("+18505550100", -360, -240));  // Both sides of a border in Florida.
  CHECK(shows("+17095550100", -240, -150));  // St. John's and Labrador
  CHECK(shows("+16725550100", -480, -360));  // Laid over all of British Columbia.
  for (const char* other :
       {"", "+1", "+33612345678", "+18005550100", "+12425550100", "+15555550100", "+1212555010",
        "+121255501000", "12125550100", "+1 125550100", "+44125550100"}) {
    CAPTURE(other);
    CHECK_FALSE(clocks_of_area(other));
  }
}

TEST_CASE("an area is quiet by its own clocks", "[agent][quiet]") {
  DialPolicy policy;
  policy.quiet = kNight;
  const auto calls = make_memory_call_store();
  const auto called = [&](const char* number, int hour) {
    return policy.check(number, at(hour), *calls).has_value();
  };
  // New York: 8:00 is 13:00 UTC in winter, 21:00 is 1:00 UTC in summer.
  CHECK_FALSE(called("+12125550100", 12));
  CHECK(called("+12125550100", 13));
  CHECK(called("+12125550100", 0));
  CHECK_FALSE(called("+12125550100", 1));
  CHECK_FALSE(called("+18085550100", 17));
  CHECK(called("+18085550100", 18));
  CHECK(called("+18085550100", 6));
  CHECK_FALSE(called("+18085550100", 7));
}

TEST_CASE("where no clock is known it is always quiet somewhere", "[agent][quiet]") {
  for (int hour = 0; hour < 24; ++hour) {
    CAPTURE(hour);
    CHECK(quiet_for(kNight, "", at(hour)) == Millis(24 * 3600000));
  }
  CHECK_FALSE(clocks_of("ZZ"));
  CHECK_FALSE(clocks_of(""));
  CHECK(clocks_of("NP")->west == 345);
  CHECK(clocks_of("ZW"));
  CHECK(clocks_of("AC"));
}

TEST_CASE("the policy refuses a call in quiet hours and tells when to try again",
          "[agent][quiet]") {
  DialPolicy policy;
  const auto calls = make_memory_call_store();
  CHECK(policy.check("+33612345678", at(23), *calls));
  policy.quiet = kNight;
  CHECK(policy.check("+33612345678", at(12), *calls));
  const auto refused = policy.check("+33612345678", at(5), *calls);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::resource_exhausted);
  CHECK(refused.error().field == "to");
  CHECK(refused.error().retry_after == Millis(2 * 3600000));
  // Never named: a caller may not learn more than that.
  CHECK(refused.error().message.find("+33") == std::string::npos);
}
