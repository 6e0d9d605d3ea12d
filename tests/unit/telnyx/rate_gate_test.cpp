#include "telnyx/rate_gate.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using voicebridge::telnyx::RateLimit;

namespace {

HttpHeaders quota(const char* remaining, const char* reset) {
  return {{"X-RateLimit-Limit", "30"},
          {"X-RateLimit-Remaining", remaining},
          {"X-RateLimit-Reset", reset}};
}

}  // namespace

TEST_CASE("when nothing remains, the next request waits for the reset", "[telnyx][control]") {
  RateLimit limit;
  const TimePoint now{std::chrono::seconds(100)};
  CHECK(limit.wait(now) == Millis(0));
  limit.note(quota("1", "5"), now);
  CHECK(limit.wait(now) == Millis(0));
  limit.note(quota("0", "2"), now);
  CHECK(limit.wait(now) == Millis(2000));
  CHECK(limit.wait(now + Millis(1500)) == Millis(500));
  CHECK(limit.wait(now + Millis(2000)) == Millis(0));
}

TEST_CASE("an earlier reset does not shorten the wait, an absurd one is not believed",
          "[telnyx][control]") {
  RateLimit limit;
  const TimePoint now{std::chrono::seconds(100)};
  limit.note(quota("0", "4"), now);
  limit.note(quota("0", "1"), now);
  CHECK(limit.wait(now) == Millis(4000));
  limit.note(quota("0", "999999"), now);
  CHECK(limit.wait(now) == RateLimit::kLongestWait);
  RateLimit odd;
  odd.note(quota("0", "soon"), now);
  odd.note(quota("", "5"), now);
  odd.note(quota("-1", "5"), now);
  odd.note(quota("0", "99999999999999999999"), now);
  odd.note({}, now);
  CHECK(odd.wait(now) == Millis(0));
}
