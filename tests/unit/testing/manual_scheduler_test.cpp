#include "voicebridge/testing/manual_scheduler.hpp"

#include <memory>
#include <thread>
#include <vector>

#include "support/catch.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using Order = std::vector<int>;

}  // namespace

TEST_CASE("tasks run in the order posted, and never inside the call that took them",
          "[manual_scheduler]") {
  ManualScheduler scheduler;
  Order order;
  scheduler.post([&] {
    order.push_back(1);
    scheduler.post([&] { order.push_back(3); });
  });
  scheduler.post([&] { order.push_back(2); });
  CHECK(order.empty());
  CHECK(scheduler.run_ready() == 3);
  CHECK(order == Order{1, 2, 3});
  CHECK(scheduler.run_ready() == 0);
}

TEST_CASE("the clock moves from one due time to the next", "[manual_scheduler]") {
  ManualScheduler scheduler;
  const TimePoint start = scheduler.now();
  std::vector<Millis> at;
  const auto note = [&] {
    at.push_back(std::chrono::duration_cast<Millis>(scheduler.now() - start));
  };
  scheduler.run_at(start + Millis(30), note);
  scheduler.run_at(start + Millis(10), [&] {
    note();
    scheduler.run_at(scheduler.now() + Millis(5), note);
  });
  CHECK(scheduler.next_due() == start + Millis(10));
  scheduler.advance(Millis(29));
  CHECK(at == std::vector<Millis>{Millis(10), Millis(15)});
  CHECK(scheduler.now() == start + Millis(29));
  scheduler.advance(Millis(1));
  CHECK(at.back() == Millis(30));
  CHECK(scheduler.pending_timers() == 0);
  CHECK_FALSE(scheduler.next_due());
}

TEST_CASE("timers of one moment run in the order they were asked for", "[manual_scheduler]") {
  ManualScheduler scheduler;
  Order order;
  const TimePoint when = scheduler.now() + Millis(5);
  for (int i = 0; i < 5; ++i) scheduler.run_at(when, [&order, i] { order.push_back(i); });
  scheduler.advance(Millis(5));
  CHECK(order == Order{0, 1, 2, 3, 4});
}

TEST_CASE("a time in the past is now, and the clock does not go back", "[manual_scheduler]") {
  ManualScheduler scheduler;
  bool ran = false;
  scheduler.run_at(scheduler.now() - Millis(50), [&] { ran = true; });
  CHECK_FALSE(ran);
  scheduler.run_ready();
  CHECK(ran);
  const TimePoint before = scheduler.now();
  scheduler.advance_to(before - Millis(10));
  CHECK(scheduler.now() == before);
}

TEST_CASE("a cancelled timer does not run, nor does cancelling harm what is gone",
          "[manual_scheduler]") {
  ManualScheduler scheduler;
  int runs = 0;
  const auto first = scheduler.run_at(scheduler.now() + Millis(1), [&] { ++runs; });
  const auto second = scheduler.run_at(scheduler.now() + Millis(2), [&] { ++runs; });
  CHECK(first != 0);
  CHECK(first != second);
  scheduler.cancel(first);
  scheduler.cancel(first);
  scheduler.cancel(0);
  scheduler.cancel(999);
  CHECK(scheduler.pending_timers() == 1);
  scheduler.advance(Millis(5));
  scheduler.cancel(second);
  CHECK(runs == 1);
}

TEST_CASE("what a cancelled task holds may use the scheduler as it goes", "[manual_scheduler]") {
  ManualScheduler scheduler;
  bool ran = false;
  std::shared_ptr<void> posts_when_it_goes(nullptr,
                                           [&](void*) { scheduler.post([&] { ran = true; }); });
  const auto timer =
      scheduler.run_at(scheduler.now() + Millis(1), [held = std::move(posts_when_it_goes)] {});
  scheduler.cancel(timer);
  scheduler.run_ready();
  CHECK(ran);
}

TEST_CASE("offloaded work takes its virtual time and has a limit", "[manual_scheduler]") {
  ManualScheduler::Options options;
  options.offload_delay = Millis(20);
  options.offload_limit = 2;
  ManualScheduler scheduler(options);
  int done = 0;
  CHECK(scheduler.offload([&] { ++done; }));
  CHECK(scheduler.offload([&] { ++done; }));
  CHECK_FALSE(scheduler.offload([&] { ++done; }));
  CHECK(scheduler.pending_offloads() == 2);
  scheduler.advance(Millis(19));
  CHECK(done == 0);
  scheduler.advance(Millis(1));
  CHECK(done == 2);
  scheduler.set_offload_delay(Millis(0));
  CHECK(scheduler.offload([&] { ++done; }));
  scheduler.run_ready();
  CHECK(done == 3);
}

TEST_CASE("other threads may post", "[manual_scheduler]") {
  ManualScheduler scheduler;
  int runs = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) scheduler.post([&] { ++runs; });
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(scheduler.run_ready() == 400);
  CHECK(runs == 400);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
