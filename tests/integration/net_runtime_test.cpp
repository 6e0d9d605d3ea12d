// Runtimes with their real threads and clock.
#include <atomic>
#include <future>
#include <thread>

#include "support/catch.hpp"
#include "voicebridge/net/runtime.hpp"

using namespace voicebridge;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Runtime> make_runtime(unsigned threads, std::size_t offload_queue = 1024) {
  RuntimeOptions options;
  options.threads = threads;
  options.offload_threads = 2;
  options.offload_queue = offload_queue;
  return Runtime::create(options).value();
}

}  // namespace

TEST_CASE("tasks run on the shard's thread in the order they were posted") {
  auto runtime = make_runtime(2);
  REQUIRE(runtime->shard_count() == 2);
  std::vector<int> ran;
  std::promise<std::thread::id> thread;
  for (int i = 0; i < 1000; ++i) runtime->shard(0).post([&ran, i] { ran.push_back(i); });
  runtime->shard(0).post([&] { thread.set_value(std::this_thread::get_id()); });
  const bool elsewhere = thread.get_future().get() != std::this_thread::get_id();
  CHECK(elsewhere);
  REQUIRE(ran.size() == 1000);
  for (int i = 0; i < 1000; ++i) REQUIRE(ran[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("every task from every thread runs once") {
  std::atomic<int> ran{0};
  {
    auto runtime = make_runtime(2);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) runtime->next_shard().post([&] { ++ran; });
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  CHECK(ran == 4000);
}

TEST_CASE("shards are given out in turn") {
  auto runtime = make_runtime(3);
  std::vector<Scheduler*> given;
  for (int i = 0; i < 6; ++i) given.push_back(&runtime->next_shard());
  CHECK(given[0] != given[1]);
  CHECK(given[1] != given[2]);
  CHECK(given[0] == given[3]);
}

TEST_CASE("a thousand timers run in order; the cancelled ones do not") {
  auto runtime = make_runtime(1);
  Scheduler& shard = runtime->shard(0);
  std::vector<int> ran;
  std::promise<void> done;
  shard.post([&] {
    const TimePoint start = shard.now();
    std::vector<Scheduler::TimerId> odd;
    for (int i = 999; i >= 0; --i) {
      const auto id = shard.run_at(start + i * 20us, [&ran, i] { ran.push_back(i); });
      if (i % 2 == 1) odd.push_back(id);
    }
    for (const auto id : odd) shard.cancel(id);
    shard.run_at(start + 21ms, [&] { done.set_value(); });
  });
  done.get_future().get();
  REQUIRE(ran.size() == 500);
  for (std::size_t i = 0; i < ran.size(); ++i) REQUIRE(ran[i] == static_cast<int>(2 * i));
}

TEST_CASE("a timer for the past runs soon, but not inside the call") {
  auto runtime = make_runtime(1);
  Scheduler& shard = runtime->shard(0);
  std::promise<bool> inside;
  shard.post([&] {
    auto calling = std::make_shared<bool>(true);
    shard.run_at(shard.now() - 1s, [&inside, calling] { inside.set_value(*calling); });
    *calling = false;
  });
  CHECK_FALSE(inside.get_future().get());
}

TEST_CASE("the offload pool refuses what its queue cannot take, and runs what it took") {
  std::atomic<int> ran{0};
  int accepted = 0;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future();
  {
    auto runtime = make_runtime(1, 10);
    Scheduler& shard = runtime->shard(0);
    std::promise<void> busy[2];
    for (auto& started : busy) {
      CHECK(shard.offload([&] {
        started.set_value();
        released.get();
      }));
    }
    for (auto& started : busy) started.get_future().get();
    while (shard.offload([&] { ++ran; })) ++accepted;
    release.set_value();
  }
  CHECK(accepted == 10);
  CHECK(ran == 10);
}

TEST_CASE("without threads the application drives the loop") {
  auto runtime = make_runtime(0);
  REQUIRE(runtime->shard_count() == 1);
  Scheduler& shard = runtime->shard(0);
  std::vector<std::thread::id> ran_on;
  CHECK(runtime->poll() == 0);
  shard.post([&] { ran_on.push_back(std::this_thread::get_id()); });
  CHECK(ran_on.empty());
  CHECK(runtime->poll() == 1);
  CHECK(ran_on == std::vector<std::thread::id>{std::this_thread::get_id()});
  shard.run_at(shard.now() + 1ms, [&] { runtime->stop(); });
  runtime->run();
  shard.post([] { FAIL("the loop has ended"); });
  CHECK(runtime->poll() == 0);
}

TEST_CASE("what was posted before a stop still runs, also what that posts") {
  std::atomic<int> ran{0};
  auto runtime = make_runtime(1);
  Scheduler& shard = runtime->shard(0);
  shard.post([&] {
    ++ran;
    shard.post([&] { ++ran; });
  });
  runtime->stop();
  runtime->stop();
  runtime.reset();
  CHECK(ran == 2);
}

TEST_CASE("tasks and timers that never run are destroyed") {
  const auto watched = std::make_shared<int>(1);
  {
    auto runtime = make_runtime(0);
    Scheduler& shard = runtime->shard(0);
    shard.run_at(shard.now() + 1h, [watched] {});
    runtime->stop();
    runtime->run();
    shard.post([watched] {});
    CHECK(watched.use_count() == 3);
  }
  CHECK(watched.use_count() == 1);
}

TEST_CASE("a tick without an interval is refused") {
  RuntimeOptions options;
  options.tick.mode = TickPolicy::Mode::fixed;
  options.tick.interval = 0us;
  const auto runtime = Runtime::create(options);
  REQUIRE_FALSE(runtime);
  CHECK(runtime.error().field == "tick.interval");
}
