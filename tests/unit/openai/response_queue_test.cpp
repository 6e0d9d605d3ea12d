#include "openai/response_queue.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using openai::detail::ResponseQueue;
using openai::detail::Wish;

namespace {

constexpr TimePoint kNow{std::chrono::hours(1)};

Wish after(const char* item) { return {"", true, item}; }

/// Sends the next wish and lets it meet a running response.
void meet_another(ResponseQueue& queue) {
  REQUIRE(queue.take(false, kNow));
  queue.on_created("");
  REQUIRE(queue.on_busy(kNow));
}

}  // namespace

TEST_CASE("a request that nobody refuses is done when its response begins") {
  ResponseQueue queue(Millis(10000));
  REQUIRE(queue.push({"Say.", false, ""}));
  CHECK_FALSE(queue.take(true, kNow));
  const auto order = queue.take(false, kNow);
  REQUIRE(order);
  CHECK(order->wish->instructions == "Say.");
  CHECK_FALSE(order->wish->allow_tools);
  CHECK(queue.lost_at() == kNow + Millis(10000));
  CHECK_FALSE(queue.take(false, kNow));
  const std::string tag(order->tag);
  CHECK_FALSE(queue.on_created("another"));
  CHECK(queue.on_created(tag));
  CHECK_FALSE(queue.requested());
  CHECK_FALSE(queue.lost_at());
}

TEST_CASE("a plain wish is answered by a response that knew its item and was completed") {
  ResponseQueue queue(Millis(10000));
  queue.push(after("i1"));
  const bool known = GENERATE(false, true);
  const bool completed = GENERATE(false, true);
  if (known) queue.on_item_known("i1");
  queue.on_item_known("other");
  meet_another(queue);
  queue.on_done(completed);
  CHECK(queue.take(false, kNow).has_value() == !(known && completed));
}

TEST_CASE("a response answers only what was wished before it") {
  ResponseQueue queue(Millis(10000));
  queue.push(after("i1"));
  queue.on_item_known("i1");
  meet_another(queue);
  SECTION("a cancelled one is no answer, and the next does not count unless it says so") {
    queue.on_done(false);
    queue.on_done(true);
    CHECK(queue.take(false, kNow));
  }
  SECTION("a later item asks anew") {
    queue.push(after("i2"));
    queue.on_done(true);
    CHECK(queue.take(false, kNow));
  }
}

TEST_CASE("what shall be said in given words is never answered by another response") {
  ResponseQueue queue(Millis(10000));
  queue.push({"Say.", true, ""});
  meet_another(queue);
  queue.on_done(true);
  CHECK(queue.take(false, kNow));
}

TEST_CASE("a refused request is repeated after a pause or when a response is done") {
  ResponseQueue queue(Millis(10000));
  queue.push({"Say.", true, ""});
  meet_another(queue);
  CHECK(queue.repeat_at() == kNow + ResponseQueue::kRefusalPause);
  SECTION("the pause") {
    CHECK_FALSE(queue.take(false, kNow));
    CHECK(queue.take(false, kNow + ResponseQueue::kRefusalPause));
  }
  SECTION("the end of the response") {
    queue.on_done(false);
    CHECK(queue.take(false, kNow));
  }
  CHECK_FALSE(queue.repeat_at());
}

TEST_CASE("wishes are bounded and kept in order") {
  ResponseQueue queue(Millis(10000));
  for (std::size_t i = 0; i < ResponseQueue::kMaxWishes; ++i) {
    CHECK(queue.push({"Say " + std::to_string(i), true, ""}));
  }
  CHECK_FALSE(queue.push({"One more", true, ""}));
  for (std::size_t i = 0; i < ResponseQueue::kMaxWishes; ++i) {
    const auto order = queue.take(false, kNow);
    REQUIRE(order);
    CHECK(order->wish->instructions == "Say " + std::to_string(i));
    queue.drop_requested();
  }
  CHECK_FALSE(queue.take(false, kNow));
}

TEST_CASE("plain wishes in a row are one, with the rights of all") {
  ResponseQueue queue(Millis(10000));
  queue.push({"", false, "i1"});
  queue.push({"", true, "i2"});
  const auto order = queue.take(false, kNow);
  REQUIRE(order);
  CHECK(order->wish->allow_tools);
  CHECK(order->wish->after_item == "i2");
  queue.drop_requested();
  CHECK_FALSE(queue.take(false, kNow));
}
