#include "voicebridge/web/event_feed.hpp"

#include <atomic>
#include <thread>

#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/web/page_event.hpp"

using namespace voicebridge;

namespace {

std::int64_t number_of(const std::string& event) {
  const auto json = Json::parse(event);
  REQUIRE(json);
  return (*json)["seq"].integer_or(-1);
}

}  // namespace

TEST_CASE("Events get numbers from 1 and are read from any of them") {
  EventFeed feed;
  CHECK(feed.last() == 0);
  CHECK(feed.add(R"({"type":"a"})") == 1);
  CHECK(feed.add(R"({"type":"b"})") == 2);
  CHECK(feed.add(R"({"type":"c"})") == 3);
  const auto all = feed.read(0, 10);
  CHECK(all.events == std::vector<std::string>{R"({"type":"a","seq":1})", R"({"type":"b","seq":2})",
                                               R"({"type":"c","seq":3})"});
  CHECK(all.last == 3);
  CHECK(all.lost == 0);
  CHECK_FALSE(all.end);
  CHECK(feed.read(2, 10).events == std::vector<std::string>{R"({"type":"c","seq":3})"});
  CHECK(feed.read(0, 2).last == 2);
  CHECK(feed.read(3, 10).events.empty());
  CHECK(feed.read(99, 10).last == 3);
}

TEST_CASE("What is no object with members is no event") {
  EventFeed feed;
  CHECK(feed.add("{}") == 0);
  CHECK(feed.add("[1,2]") == 0);
  CHECK(feed.add("") == 0);
  CHECK(feed.last() == 0);
}

TEST_CASE("Of 500 events the oldest are forgotten, and it is told how many") {
  EventFeed feed;
  for (int i = 0; i < 620; ++i) feed.add(R"({"type":"a"})");
  const auto batch = feed.read(100, 1000);
  CHECK(batch.lost == 20);
  REQUIRE(batch.events.size() == 500);
  CHECK(number_of(batch.events.front()) == 121);
  CHECK(number_of(batch.events.back()) == 620);
  CHECK(feed.read(120, 1000).lost == 0);
}

TEST_CASE("Large events are forgotten before they fill the memory") {
  EventFeedOptions options;
  options.max_bytes = 1000;
  EventFeed feed(options);
  for (int i = 0; i < 10; ++i) feed.add(R"({"text":")" + std::string(300, 'x') + "\"}");
  CHECK(feed.read(0, 100).events.size() == 3);
  CHECK(feed.read(0, 100).lost == 7);
}

TEST_CASE("A closed feed takes nothing more and says that it is over") {
  EventFeed feed;
  int woken = 0;
  const auto listening = feed.listen([&] { ++woken; });
  feed.add(R"({"type":"bye"})");
  feed.close();
  feed.close();
  CHECK(feed.add(R"({"type":"late"})") == 0);
  CHECK(woken == 2);
  CHECK_FALSE(feed.read(0, 0).end);
  CHECK(feed.read(0, 5).end);
  CHECK(feed.read(1, 5).end);
}

TEST_CASE("Few may listen, and who goes makes room") {
  EventFeedOptions options;
  options.max_listeners = 2;
  EventFeed feed(options);
  int woken = 0;
  auto one = feed.listen([&] { ++woken; });
  const auto two = feed.listen([&] { ++woken; });
  REQUIRE(two);
  CHECK_FALSE(feed.listen([] {}));
  one.reset();
  const auto three = feed.listen([&] { ++woken; });
  CHECK(three);
  feed.add(R"({"type":"a"})");
  CHECK(woken == 2);
}

TEST_CASE("Threads that add and one that reads lose and double nothing") {
  EventFeedOptions options;
  options.max_events = 100000;
  EventFeed feed(options);
  std::atomic<int> woken{0};
  const auto listening = feed.listen([&] { ++woken; });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) feed.add(R"({"type":"a"})");
    });
  }
  std::uint64_t at = 0;
  std::int64_t expected = 0;
  while (at < 2000) {
    const auto batch = feed.read(at, 7);
    REQUIRE(batch.lost == 0);
    for (const auto& event : batch.events) REQUIRE(number_of(event) == ++expected);
    at = batch.last;
  }
  for (auto& thread : threads) thread.join();
  CHECK(woken == 2000);
}

TEST_CASE("Events are written as the page reads them") {
  using namespace web;
  CHECK(to_json(StateEvent{TalkState::ended, "hangup"}) ==
        R"({"type":"state","state":"ended","reason":"hangup"})");
  CHECK(to_json(StateEvent{TalkState::listening, {}}) == R"({"type":"state","state":"listening"})");
  TranscriptEvent cut;
  cut.who = TranscriptEvent::Who::agent;
  cut.turn = "t1";
  cut.text = "Good";
  cut.final = cut.cut = true;
  cut.heard = Millis(420);
  CHECK(
      to_json(cut) ==
      R"({"type":"transcript","who":"agent","turn":"t1","text":"Good","final":true,"cut":true,"heard_ms":420})");
  CHECK(
      to_json(LeadEvent{"l_1", "Ada", "L", "+336", true}) ==
      R"({"type":"lead","lead":{"lead_id":"l_1","first_name":"Ada","last_name":"L","phone":"+336","consent":true}})");
  CallEvent call;
  call.call_id = "c_1";
  call.state = "ended";
  call.reason = "goodbye";
  call.transcript = {{false, "Hello", true}, {true, "Hi", false}};
  CHECK(
      to_json(call) ==
      R"({"type":"call","call_id":"c_1","state":"ended","reason":"goodbye","transcript":[{"who":"agent","text":"Hello","cut":true},{"who":"lead","text":"Hi"}]})");
  CHECK(to_json(ErrorEvent{"unavailable", "No.", true}) ==
        R"({"type":"error","code":"unavailable","message":"No.","fatal":true})");
  CHECK(to_json(ByeEvent{"hangup"}) == R"({"type":"bye","reason":"hangup"})");
}
