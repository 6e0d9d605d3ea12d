#include "net/tick_governor.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using net::TickGovernor;
using namespace std::chrono_literals;

namespace {

TickPolicy policy(TickPolicy::Mode mode) {
  TickPolicy p;
  p.mode = mode;
  p.interval = 2000us;
  p.frames_per_second_on = 1000;
  p.frames_per_second_off = 500;
  return p;
}

const TimePoint kStart = TimePoint{} + 1h;

/// Batches every 10 ms with so many messages, for 300 ms; whether the last one asked for a tick.
bool ticks_at(TickGovernor& governor, TimePoint& now, std::size_t messages) {
  bool ticks = false;
  for (int i = 0; i < 30; ++i) {
    now += 10ms;
    ticks = governor.after_batch(now, messages, true).has_value();
  }
  return ticks;
}

}  // namespace

TEST_CASE("off: never ticks") {
  TickGovernor governor(policy(TickPolicy::Mode::off));
  TimePoint now = kStart;
  CHECK_FALSE(ticks_at(governor, now, 100000));
}

TEST_CASE("fixed: ticks keep their rhythm, and a batch that ran over some leaves them out") {
  TickGovernor governor(policy(TickPolicy::Mode::fixed));
  CHECK(governor.after_batch(kStart, 1, true) == kStart + 2ms);
  CHECK(governor.after_batch(kStart + 2100us, 1, true) == kStart + 4ms);
  CHECK(governor.after_batch(kStart + 4ms, 1, true) == kStart + 6ms);
  CHECK(governor.after_batch(kStart + 11ms, 1, true) == kStart + 12ms);
}

TEST_CASE("fixed: sleeps after nine empty ticks, and ticks again after the next wake-up") {
  TickGovernor governor(policy(TickPolicy::Mode::fixed));
  TimePoint now = kStart;
  governor.after_batch(now, 1, true);
  for (int i = 0; i < 8; ++i) CHECK(governor.after_batch(now += 2ms, 0, false));
  CHECK_FALSE(governor.after_batch(now += 2ms, 0, false));
  now += 1s;
  CHECK(governor.after_batch(now, 1, true) == now + 2ms);
}

TEST_CASE("by load: on above the upper rate, off below the lower, no flapping between") {
  TickGovernor governor(policy(TickPolicy::Mode::by_load));
  TimePoint now = kStart;
  CHECK_FALSE(ticks_at(governor, now, 8));  // 800 a second
  CHECK(ticks_at(governor, now, 12));       // 1200
  CHECK(ticks_at(governor, now, 8));
  CHECK_FALSE(ticks_at(governor, now, 4));  // 400
  CHECK_FALSE(ticks_at(governor, now, 8));
}
