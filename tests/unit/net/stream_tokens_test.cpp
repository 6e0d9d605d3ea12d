#include "voicebridge/net/stream_tokens.hpp"

#include <set>

#include "support/catch.hpp"

using namespace voicebridge;

namespace {
const TimePoint kNow{std::chrono::hours(1)};
constexpr Millis kMinute{60000};
}  // namespace

TEST_CASE("a token opens the stream of its call once", "[telnyx][tokens]") {
  StreamTokens tokens;
  const Secret token = tokens.issue("call-1", kNow, kMinute);
  CHECK(tokens.outstanding() == 1);
  const auto call = tokens.redeem(token.reveal(), "call-1", kNow);
  REQUIRE(call);
  CHECK(*call == "call-1");
  CHECK(tokens.outstanding() == 0);
  CHECK(tokens.redeem(token.reveal(), "call-1", kNow).error().code == Errc::unauthenticated);
}

TEST_CASE("a socket that names no call gets that of the token", "[telnyx][tokens]") {
  StreamTokens tokens;
  const Secret token = tokens.issue("call-1", kNow, kMinute);
  CHECK(*tokens.redeem(token.reveal(), "", kNow) == "call-1");
}

TEST_CASE("a token for another call is refused and used up", "[telnyx][tokens]") {
  StreamTokens tokens;
  const Secret token = tokens.issue("call-1", kNow, kMinute);
  CHECK_FALSE(tokens.redeem(token.reveal(), "call-2", kNow));
  CHECK_FALSE(tokens.redeem(token.reveal(), "call-1", kNow));
}

TEST_CASE("a token expires", "[telnyx][tokens]") {
  StreamTokens tokens;
  const Secret early = tokens.issue("a", kNow, kMinute);
  const Secret late = tokens.issue("b", kNow, kMinute);
  CHECK(tokens.redeem(early.reveal(), "a", kNow + kMinute - Millis(1)));
  CHECK_FALSE(tokens.redeem(late.reveal(), "b", kNow + kMinute));
}

TEST_CASE("all refusals look alike", "[telnyx][tokens]") {
  StreamTokens tokens;
  const Secret expired = tokens.issue("a", kNow, kMinute);
  const Secret other = tokens.issue("a", kNow, kMinute);
  const auto unknown = tokens.redeem("st_guess", "a", kNow).error();
  CHECK(tokens.redeem("", "", kNow).error().message == unknown.message);
  CHECK(tokens.redeem(expired.reveal(), "a", kNow + kMinute).error().message == unknown.message);
  CHECK(tokens.redeem(other.reveal(), "b", kNow).error().message == unknown.message);
}

TEST_CASE("tokens cannot be guessed from one another", "[telnyx][tokens]") {
  StreamTokens tokens;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(std::string(tokens.issue("a", kNow, kMinute).reveal()));
  CHECK(seen.size() == 1000);
  CHECK(seen.begin()->size() >= 25);
}

TEST_CASE("too many tokens push out the oldest", "[telnyx][tokens]") {
  StreamTokens tokens(2);
  const Secret first = tokens.issue("1", kNow, kMinute);
  const Secret second = tokens.issue("2", kNow, kMinute);
  const Secret third = tokens.issue("3", kNow, kMinute);
  CHECK(tokens.outstanding() == 2);
  CHECK(tokens.forgotten_early() == 1);
  CHECK_FALSE(tokens.redeem(first.reveal(), "1", kNow));
  CHECK(tokens.redeem(second.reveal(), "2", kNow));
  CHECK(tokens.redeem(third.reveal(), "3", kNow));
}

TEST_CASE("used and expired tokens take no place", "[telnyx][tokens]") {
  StreamTokens tokens(2);
  for (int i = 0; i < 100; ++i) {
    const Secret token = tokens.issue("a", kNow, kMinute);
    REQUIRE(tokens.redeem(token.reveal(), "a", kNow));
  }
  for (int i = 0; i < 100; ++i) tokens.issue("a", kNow + i * kMinute, kMinute);
  CHECK(tokens.outstanding() == 1);
  CHECK(tokens.forgotten_early() == 0);
}
