#include "telnyx/reorder_window.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "support/catch.hpp"

using namespace voicebridge;
using telnyx::MediaFrame;
using telnyx::ReorderWindow;
using Verdict = ReorderWindow::Verdict;

namespace {

/// Sends frames through a window and writes down what comes out.
struct Feed {
  ReorderWindow window;
  std::vector<std::uint64_t> out;
  std::uint64_t missing = 0;
  TimePoint now{std::chrono::hours(1)};

  Verdict give(std::uint64_t chunk) {
    const std::string payload = "payload" + std::to_string(chunk);
    MediaFrame frame;
    frame.chunk = chunk;
    frame.payload = payload;
    const Verdict verdict = window.offer(frame, chunk, now);
    if (verdict == Verdict::deliver) out.push_back(chunk);
    drain();
    return verdict;
  }
  void drain() {
    while (const auto released = window.pop()) {
      missing += released->missing;
      out.push_back(*released->frame.chunk);
      REQUIRE(released->frame.payload == "payload" + std::to_string(*released->frame.chunk));
    }
  }
  void wait(Millis time) {
    now += time;
    window.on_deadline(now);
    drain();
  }
};

using Chunks = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("frames in order go straight through", "[telnyx][reorder]") {
  Feed feed;
  for (std::uint64_t i = 1; i <= 5; ++i) CHECK(feed.give(i) == Verdict::deliver);
  CHECK(feed.out == Chunks{1, 2, 3, 4, 5});
  CHECK_FALSE(feed.window.next_deadline());
}

TEST_CASE("a frame that is ahead waits for the one before it", "[telnyx][reorder]") {
  Feed feed;
  feed.give(1);
  CHECK(feed.give(3) == Verdict::held);
  CHECK(feed.window.next_deadline() == feed.now + Millis(60));
  CHECK(feed.give(2) == Verdict::deliver);
  CHECK(feed.out == Chunks{1, 2, 3});
  CHECK(feed.missing == 0);
  CHECK_FALSE(feed.window.next_deadline());
}

TEST_CASE("the first frame may have been overtaken", "[telnyx][reorder]") {
  Feed feed;
  CHECK(feed.give(2) == Verdict::held);
  feed.give(1);
  CHECK(feed.out == Chunks{1, 2});
}

TEST_CASE("a track may begin anywhere", "[telnyx][reorder]") {
  for (const std::uint64_t first :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{5}, std::uint64_t{70000}}) {
    Feed feed;
    feed.give(first);
    feed.give(first + 1);
    CHECK(feed.out == Chunks{first, first + 1});
    CHECK(feed.missing == 0);
  }
}

TEST_CASE("what does not come is given up when three frames wait", "[telnyx][reorder]") {
  Feed feed;
  feed.give(1);
  feed.give(3);
  feed.give(5);
  CHECK(feed.out == Chunks{1});
  feed.give(4);
  CHECK(feed.out == Chunks{1, 3, 4, 5});
  CHECK(feed.missing == 1);
  CHECK(feed.give(2) == Verdict::late);
}

TEST_CASE("what does not come is given up after 60 ms", "[telnyx][reorder]") {
  Feed feed;
  feed.give(1);
  feed.give(3);
  feed.wait(Millis(59));
  CHECK(feed.out == Chunks{1});
  feed.wait(Millis(1));
  CHECK(feed.out == Chunks{1, 3});
  CHECK(feed.missing == 1);
}

TEST_CASE("a large gap is not waited for", "[telnyx][reorder]") {
  Feed feed;
  feed.give(1);
  feed.give(3);
  feed.give(20);
  CHECK(feed.out == Chunks{1, 3, 20});
  CHECK(feed.missing == 1 + 16);
}

TEST_CASE("a frame that came before is a duplicate, held or delivered", "[telnyx][reorder]") {
  Feed feed;
  feed.give(1);
  feed.give(2);
  CHECK(feed.give(2) == Verdict::duplicate);
  CHECK(feed.give(1) == Verdict::duplicate);
  CHECK(feed.give(4) == Verdict::held);
  CHECK(feed.give(4) == Verdict::duplicate);
  CHECK(feed.out == Chunks{1, 2});
}

TEST_CASE("a carrier that begins to count anew is followed after half a second",
          "[telnyx][reorder]") {
  Feed feed;
  for (std::uint64_t i = 1000; i < 1010; ++i) feed.give(i);
  feed.out.clear();
  for (std::uint64_t i = 1; i <= 30; ++i) feed.give(i);
  CHECK(feed.out == Chunks{25, 26, 27, 28, 29, 30});
}

TEST_CASE("any disorder comes out ascending, each frame at most once", "[telnyx][reorder]") {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::pair<double, std::uint64_t>> sent;
    std::uint64_t dropped = 0;
    for (std::uint64_t i = 1; i <= 200; ++i) {
      const double jitter = std::uniform_real_distribution<>(0, 2.5)(random);
      if (i != 1 && i != 200 && random() % 20 == 0) {
        ++dropped;
        continue;
      }
      sent.emplace_back(static_cast<double>(i) + jitter, i);
      if (random() % 15 == 0) sent.emplace_back(static_cast<double>(i) + jitter + 1, i);
    }
    std::sort(sent.begin(), sent.end());
    Feed feed;
    std::size_t refused = 0;
    for (const auto& [time, chunk] : sent) {
      const Verdict verdict = feed.give(chunk);
      refused += verdict == Verdict::late || verdict == Verdict::duplicate;
      feed.wait(Millis(5));
    }
    feed.wait(Millis(60));
    INFO("seed " << seed);
    REQUIRE(std::is_sorted(feed.out.begin(), feed.out.end()));
    REQUIRE(std::adjacent_find(feed.out.begin(), feed.out.end()) == feed.out.end());
    REQUIRE(feed.out.size() + refused == sent.size());
    REQUIRE(feed.missing >= dropped);
  }
}
