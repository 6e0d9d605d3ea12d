#include "agent/recent_calls.hpp"

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

TimePoint at(int seconds) { return TimePoint() + std::chrono::seconds(seconds); }

}  // namespace

TEST_CASE("the last call for a key is remembered until it is forgotten", "[recent_calls]") {
  RecentCalls calls;
  CHECK(calls.find("+1") == nullptr);
  calls.put("+1", {"call_1", at(1), "wish"});
  REQUIRE(calls.find("+1") != nullptr);
  CHECK(calls.find("+1")->wish == "wish");
  calls.put("+1", {"call_2", at(2), {}});
  CHECK(calls.find("+1")->call_id == "call_2");
  calls.forget("+1", "call_1");  // It does not lead there any more.
  CHECK(calls.find("+1") != nullptr);
  calls.forget("+1", "call_2");
  CHECK(calls.find("+1") == nullptr);
}

TEST_CASE("beyond the limit the key that was put longest ago goes", "[recent_calls]") {
  RecentCalls calls(3);
  for (int i = 1; i <= 3; ++i) calls.put(std::to_string(i), {"call", at(i), {}});
  calls.put("1", {"call_1", at(4), {}});  // Renewed: not the oldest any more.
  calls.put("4", {"call", at(5), {}});
  CHECK(calls.find("1") != nullptr);
  CHECK(calls.find("2") == nullptr);
  CHECK(calls.find("3") != nullptr);
  CHECK(calls.find("4") != nullptr);
  for (int i = 10; i < 1000; ++i) calls.put(std::to_string(i), {"call", at(i), {}});
  CHECK(calls.find("999") != nullptr);
  CHECK(calls.find("996") == nullptr);
}
