#include "web_tokens.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using server::SessionTokens;

TEST_CASE("a session token opens its session as often as it is used", "[server][tokens]") {
  SessionTokens tokens(Millis(1000));
  const TimePoint now{};
  const std::string mine(tokens.issue("web_a", now).reveal());
  const std::string theirs(tokens.issue("web_b", now).reveal());
  CHECK(mine != theirs);
  CHECK(mine.size() > 22);
  CHECK(tokens.check(mine, "web_a", now).value() == "web_a");
  CHECK(tokens.check(mine, {}, now).value() == "web_a");
  CHECK(tokens.check(mine, "web_a", now).value() == "web_a");
}

TEST_CASE("a session token is bound, and wrong ones tell nothing", "[server][tokens]") {
  SessionTokens tokens(Millis(1000));
  const TimePoint now{};
  const std::string mine(tokens.issue("web_a", now).reveal());
  tokens.issue("web_b", now);
  const auto foreign = tokens.check(mine, "web_b", now);
  const auto unknown = tokens.check("wst_nothing", "web_a", now);
  const auto empty = tokens.check("", "web_a", now);
  for (const auto& refused : {foreign, unknown, empty}) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::unauthenticated);
    CHECK(refused.error().message == "the session token is not valid");
  }
}

TEST_CASE("use puts off the end of a session token", "[server][tokens]") {
  SessionTokens tokens(Millis(1000));
  TimePoint now{};
  const std::string used(tokens.issue("web_a", now).reveal());
  const std::string unused(tokens.issue("web_b", now).reveal());
  now += Millis(999);
  CHECK(tokens.check(used, "web_a", now));
  now += Millis(1);
  CHECK_FALSE(tokens.check(unused, "web_b", now));
  now += Millis(998);
  CHECK(tokens.check(used, "web_a", now));
  now += Millis(1000);
  CHECK_FALSE(tokens.check(used, "web_a", now));
}

TEST_CASE("a revoked session token is forgotten", "[server][tokens]") {
  SessionTokens tokens(Millis(1000));
  const TimePoint now{};
  const std::string mine(tokens.issue("web_a", now).reveal());
  const std::string other(tokens.issue("web_b", now).reveal());
  tokens.revoke("web_a");
  CHECK_FALSE(tokens.check(mine, "web_a", now));
  CHECK(tokens.check(other, "web_b", now));
  CHECK(tokens.count() == 1);
}
