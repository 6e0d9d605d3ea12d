#include "core/deadline_timer.hpp"

#include <map>
#include <optional>

#include "support/catch.hpp"

using namespace voicebridge;
using namespace std::chrono_literals;

namespace {

/// Keeps timers and fires them when it is told to.
class Clock final : public Scheduler {
 public:
  TimePoint now() const override { return now_; }
  void post(Task task) override { task(); }
  TimerId run_at(TimePoint when, Task task) override {
    ++set;
    timers[++last_] = {when, std::move(task)};
    return last_;
  }
  void cancel(TimerId timer) override { timers.erase(timer); }
  bool offload(Task) override { return false; }
  void advance(Millis by) {
    now_ += by;
    while (!timers.empty() && timers.begin()->second.first <= now_) {
      const Task task = std::move(timers.begin()->second.second);
      timers.erase(timers.begin());
      task();
    }
  }

  std::map<TimerId, std::pair<TimePoint, Task>> timers;
  int set = 0;

 private:
  TimePoint now_{};
  TimerId last_ = 0;
};

struct Owner : std::enable_shared_from_this<Owner> {
  explicit Owner(Clock& c) : clock(c) {}
  void follow(Deadline next) {
    timer.follow(clock, next, *this, [](Owner& self) { ++self.told; });
  }
  Clock& clock;
  detail::DeadlineTimer timer;
  int told = 0;
};

constexpr TimePoint at(Millis since) { return TimePoint() + since; }

}  // namespace

TEST_CASE("a deadline is told once", "[deadline_timer]") {
  Clock clock;
  const auto owner = std::make_shared<Owner>(clock);
  owner->follow(at(20ms));
  clock.advance(19ms);
  CHECK(owner->told == 0);
  clock.advance(1ms);
  CHECK(owner->told == 1);
  clock.advance(1s);
  CHECK(owner->told == 1);
  CHECK(clock.timers.empty());
}

TEST_CASE("a deadline that moves away moves no timer, one that comes nearer does",
          "[deadline_timer]") {
  Clock clock;
  const auto owner = std::make_shared<Owner>(clock);
  owner->follow(at(20ms));
  for (int frame = 1; frame < 50; ++frame) owner->follow(at(20ms * frame));
  owner->follow({});
  CHECK(clock.set == 1);
  CHECK(owner->timer.fires_by(at(20ms)));
  CHECK_FALSE(owner->timer.fires_by(at(19ms)));
  owner->follow(at(5ms));
  CHECK(clock.set == 2);
  CHECK(clock.timers.size() == 1);
  clock.advance(5ms);
  CHECK(owner->told == 1);
  // At rest, it is set again.
  owner->follow(at(980ms));
  CHECK(clock.timers.size() == 1);
}

TEST_CASE("who is gone is not told, and who cancels neither", "[deadline_timer]") {
  Clock clock;
  auto owner = std::make_shared<Owner>(clock);
  owner->follow(at(20ms));
  owner->timer.cancel(clock);
  owner->timer.cancel(clock);
  CHECK(clock.timers.empty());
  CHECK_FALSE(owner->timer.fires_by(at(1s)));
  owner->follow(at(20ms));
  owner.reset();
  clock.advance(20ms);
  CHECK(clock.timers.empty());
}
