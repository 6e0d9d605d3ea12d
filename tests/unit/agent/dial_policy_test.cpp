#include "voicebridge/agent/dial_policy.hpp"

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

constexpr UnixMillis kNoon = 1'790'000'000'000;
constexpr UnixMillis kHour = 60 * 60 * 1000;
const std::string kParis = "+33142685300";

/// Calls made an hour apart, the latest an hour ago.
std::unique_ptr<CallStore> calls_made(std::size_t count, const std::string& to,
                                      const char* direction = "outbound") {
  auto store = make_memory_call_store();
  for (std::size_t i = 1; i <= count; ++i) {
    StoredCall call;
    call.id = "call_" + std::to_string(i);
    call.direction = direction;
    call.to = to;
    call.created_at = kNoon - static_cast<UnixMillis>(i) * kHour;
    REQUIRE(store->save(call));
  }
  return store;
}

}  // namespace

TEST_CASE("numbers that cost their caller are never dialed", "[dial_policy]") {
  const auto none = make_memory_call_store();
  const DialPolicy policy;
  CHECK(policy.check(kParis, kNoon, *none));
  for (const char* number : {"+33899123456", "+19002345678", "+447012345678"}) {
    CAPTURE(number);
    const auto checked = policy.check(number, kNoon, *none);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Errc::permission_denied);
    CHECK(checked.error().field == "to");
  }
}

TEST_CASE("only numbers of the countries named are dialed", "[dial_policy]") {
  const auto none = make_memory_call_store();
  DialPolicy policy;
  policy.countries = {"FR", "US"};
  CHECK(policy.check(kParis, kNoon, *none));
  CHECK(policy.check("+12025550100", kNoon, *none));
  // Of the plan of North America, but of Canada and of Jamaica; then a satellite phone.
  for (const char* number : {"+16135550100", "+18765230100", "+4930123456", "+881612345678"}) {
    CAPTURE(number);
    CHECK_FALSE(policy.check(number, kNoon, *none));
  }
}

TEST_CASE("a number is not called more often than it may be in a day", "[dial_policy]") {
  DialPolicy policy;
  policy.calls_to_a_number = 3;
  const auto two = calls_made(2, kParis);
  CHECK(policy.check(kParis, kNoon, *two));
  const auto three = calls_made(3, kParis);
  const auto checked = policy.check(kParis, kNoon, *three);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == Errc::resource_exhausted);
  CHECK(policy.check("+33142685301", kNoon, *three));
  // The oldest of them is a day ago then.
  CHECK(policy.check(kParis, kNoon + 21 * kHour + 1, *three));
}

TEST_CASE("no more calls are made than may be in a day, whoever they are to", "[dial_policy]") {
  DialPolicy policy;
  policy.calls_a_day = 5;
  CHECK(policy.check(kParis, kNoon, *calls_made(4, "+12025550100")));
  CHECK_FALSE(policy.check(kParis, kNoon, *calls_made(5, "+12025550100")));
  CHECK(policy.check(kParis, kNoon, *calls_made(20, "+12025550100", "inbound")));
  policy.calls_a_day = 0;
  CHECK(policy.check(kParis, kNoon, *calls_made(20, "+12025550100")));
}
