#include "net/timer_queue.hpp"

#include <algorithm>
#include <map>
#include <random>

#include "support/catch.hpp"

using namespace voicebridge;
using net::TimerQueue;
using namespace std::chrono_literals;

namespace {
const TimePoint kBegin{};
}

TEST_CASE("timers run in the order of their deadlines, equal ones in the order added") {
  TimerQueue timers;
  std::vector<int> ran;
  for (const int i : {5, 1, 3, 1, 2}) {
    timers.add(kBegin + i * 1ms, [&ran, i, n = ran.size()] { ran.push_back(i); });
  }
  timers.add(kBegin + 2ms, [&ran] { ran.push_back(22); });
  CHECK(timers.next() == kBegin + 1ms);
  CHECK(timers.run_due(kBegin) == 0);
  CHECK(timers.run_due(kBegin + 2ms) == 4);
  CHECK(ran == std::vector<int>{1, 1, 2, 22});
  CHECK(timers.run_due(kBegin + 9ms) == 2);
  CHECK(ran == std::vector<int>{1, 1, 2, 22, 3, 5});
  CHECK_FALSE(timers.next());
}

TEST_CASE("a cancelled timer does not run; ids are never used again") {
  TimerQueue timers;
  int ran = 0;
  const auto first = timers.add(kBegin, [&] { ++ran; });
  CHECK(first != 0);
  timers.cancel(first);
  timers.cancel(first);
  timers.cancel(0);
  timers.cancel(12345678);
  const auto second = timers.add(kBegin, [&] { ran += 10; });
  CHECK(second != first);
  timers.cancel(first);
  CHECK(timers.run_due(kBegin) == 1);
  CHECK(ran == 10);
  timers.cancel(second);
  CHECK(timers.size() == 0);
}

TEST_CASE("what a task adds, also for the past, waits for the next turn") {
  TimerQueue timers;
  int ran = 0;
  timers.add(kBegin, [&] { timers.add(kBegin - 1s, [&] { ++ran; }); });
  CHECK(timers.run_due(kBegin) == 1);
  CHECK(ran == 0);
  CHECK(timers.run_due(kBegin) == 1);
  CHECK(ran == 1);
}

TEST_CASE("a task may cancel another that is due at the same time") {
  TimerQueue timers;
  int ran = 0;
  TimerQueue::TimerId second = 0;
  timers.add(kBegin, [&] { timers.cancel(second); });
  second = timers.add(kBegin, [&] { ++ran; });
  CHECK(timers.run_due(kBegin) == 1);
  CHECK(ran == 0);
}

TEST_CASE("many timers with random cancels behave as a sorted map does") {
  TimerQueue timers;
  std::map<std::pair<TimePoint, int>, TimerQueue::TimerId> model;
  std::vector<int> ran;
  std::mt19937 random(3);
  TimePoint now = kBegin;
  for (int i = 0; i < 20000; ++i) {
    const auto choice = random() % 10;
    if (choice < 6) {
      const TimePoint when = now + Millis(random() % 500);
      model[{when, i}] = timers.add(when, [&ran, i] { ran.push_back(i); });
    } else if (choice < 9 && !model.empty()) {
      const auto victim = std::next(
          model.begin(), static_cast<long>(random() % std::min<std::size_t>(model.size(), 50)));
      timers.cancel(victim->second);
      model.erase(victim);
    } else {
      now += Millis(random() % 40);
      std::vector<int> expected;
      while (!model.empty() && model.begin()->first.first <= now) {
        expected.push_back(model.begin()->first.second);
        model.erase(model.begin());
      }
      ran.clear();
      timers.run_due(now);
      REQUIRE(ran == expected);
    }
    REQUIRE(timers.size() == model.size());
    if (!model.empty()) REQUIRE(timers.next() == model.begin()->first.first);
  }
}
