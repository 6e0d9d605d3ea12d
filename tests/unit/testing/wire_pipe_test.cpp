#include "voicebridge/testing/wire_pipe.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

struct PipeEnd {
  WirePipeEnd callbacks() {
    return {[this](std::string_view text) { texts.emplace_back(text); },
            [this](std::uint16_t code, std::string_view) { closed.push_back(code); }};
  }
  std::vector<std::string> texts;
  std::vector<int> closed;
};

struct Fixture {
  explicit Fixture(WirePipeOptions options = {}) : pipe(clock, options) {
    pipe.connect(left.callbacks(), right.callbacks());
  }
  ManualScheduler clock;
  WirePipe pipe;
  PipeEnd left;
  PipeEnd right;
};

}  // namespace

TEST_CASE(
    "text arrives at the other end, in one piece, after the delay and never inside the call") {
  WirePipeOptions options;
  options.delay = Millis(10);
  Fixture f(options);
  CHECK(f.pipe.left().send_text("a", "b", "c") == SendStatus::sent);
  CHECK(f.pipe.left().backlog() == 3);
  f.clock.advance(Millis(9));
  CHECK(f.right.texts.empty());
  f.clock.advance(Millis(1));
  CHECK(f.right.texts == std::vector<std::string>{"abc"});
  CHECK(f.left.texts.empty());
  CHECK(f.pipe.left().backlog() == 0);
}

TEST_CASE("jitter never changes the order, and the same seed gives the same times") {
  const auto run = [](std::uint64_t seed) {
    WirePipeOptions options;
    options.jitter = Millis(40);
    options.seed = seed;
    Fixture f(options);
    std::vector<std::int64_t> times;
    f.pipe.connect({}, {[&](std::string_view text) {
                          CHECK(text == std::to_string(times.size()));
                          times.push_back(f.clock.now().time_since_epoch().count());
                        },
                        nullptr});
    for (int i = 0; i < 100; ++i) {
      f.pipe.left().send_text(std::to_string(i));
      f.clock.advance(Millis(5));
    }
    f.clock.advance(Millis(100));
    return times;
  };
  const auto first = run(7);
  CHECK(first.size() == 100);
  CHECK(first == run(7));
  CHECK(first != run(8));
}

TEST_CASE("a close comes after what was sent before, ends both sides once and refuses later text") {
  Fixture f;
  f.pipe.left().send_text("last words");
  f.pipe.left().close(4001, "bye");
  CHECK(f.pipe.left().send_text("too late") == SendStatus::closed);
  f.pipe.left().close(1000, "");
  f.clock.advance(Millis(1));
  CHECK(f.right.texts == std::vector<std::string>{"last words"});
  CHECK(f.right.closed == std::vector<int>{4001});
  CHECK(f.left.closed == std::vector<int>{4001});
  CHECK(f.pipe.right().send_text("x") == SendStatus::closed);
}

TEST_CASE("a cut loses what is on its way and tells both ends 1006, once") {
  WirePipeOptions options;
  options.delay = Millis(10);
  Fixture f(options);
  f.pipe.left().send_text("lost");
  f.pipe.cut();
  f.pipe.cut();
  f.clock.advance(Millis(50));
  CHECK(f.right.texts.empty());
  CHECK(f.left.closed == std::vector<int>{1006});
  CHECK(f.right.closed == std::vector<int>{1006});
}

TEST_CASE("a full pipe drops whole messages and counts them") {
  WirePipeOptions options;
  options.max_backlog_bytes = 10;
  Fixture f(options);
  CHECK(f.pipe.left().send_text("12345678") == SendStatus::sent);
  CHECK(f.pipe.left().send_text("901") == SendStatus::dropped);
  CHECK(f.pipe.left().send_text("90") == SendStatus::sent);
  CHECK(f.pipe.dropped() == 1);
  f.clock.advance(Millis(1));
  CHECK(f.right.texts == std::vector<std::string>{"12345678", "90"});
}

TEST_CASE("nothing is delivered after the pipe has gone") {
  ManualScheduler clock;
  PipeEnd left;
  PipeEnd right;
  {
    WirePipe pipe(clock);
    pipe.connect(left.callbacks(), right.callbacks());
    pipe.left().send_text("x");
    pipe.cut();
  }
  clock.advance(Millis(1));
  CHECK(right.texts.empty());
  CHECK(right.closed.empty());
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
