#include "voicebridge/testing/deadline_driver.hpp"

#include <optional>
#include <vector>

#include "support/catch.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

struct Rules {
  Deadline next_deadline() const { return next; }
  void on_deadline(TimePoint now) {
    calls.push_back(now);
    next.reset();
    if (again.count() != 0) next = now + again;
  }
  Deadline next;
  Millis again{0};
  std::vector<TimePoint> calls;
};

}  // namespace

TEST_CASE("the driver calls once at each deadline and follows it when it moves") {
  ManualScheduler clock;
  Rules rules;
  DeadlineDriver driver(clock, rules);
  driver.rearm();
  CHECK(clock.pending_timers() == 0);

  const TimePoint start = clock.now();
  rules.next = start + Millis(50);
  driver.rearm();
  driver.rearm();
  CHECK(clock.pending_timers() == 1);
  rules.next = start + Millis(20);
  driver.rearm();
  CHECK(clock.pending_timers() == 1);
  clock.advance(Millis(100));
  CHECK(rules.calls == std::vector<TimePoint>{start + Millis(20)});
}

TEST_CASE("the driver goes on by itself and stops when told") {
  ManualScheduler clock;
  Rules rules;
  rules.again = Millis(10);
  rules.next = clock.now() + Millis(10);
  {
    DeadlineDriver driver(clock, rules);
    driver.rearm();
    clock.advance(Millis(35));
    CHECK(rules.calls.size() == 3);
    driver.stop();
    clock.advance(Millis(35));
    CHECK(rules.calls.size() == 3);
    driver.rearm();
  }
  clock.advance(Millis(100));
  CHECK(rules.calls.size() == 3);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
