#include "voicebridge/agent/digit_collector.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using namespace std::chrono_literals;

namespace {

struct Entry {
  explicit Entry(DigitRules rules = {})
      : collector(DigitCollector::create(std::move(rules), at).value()) {}
  std::optional<CollectedDigits> press(const std::string& keys) {
    std::optional<CollectedDigits> result;
    for (const char key : keys) {
      at += 500ms;
      CHECK_FALSE(result);
      result = collector.key(key, at);
    }
    return result;
  }
  std::optional<CollectedDigits> wait() {
    REQUIRE(collector.next_deadline());
    at = *collector.next_deadline();
    CHECK_FALSE(collector.on_deadline(at - 1ms));
    return collector.on_deadline(at);
  }
  TimePoint at{std::chrono::hours(1)};
  DigitCollector collector;
};

DigitRules of_length(std::size_t least, std::size_t most) {
  DigitRules rules;
  rules.min_digits = least;
  rules.max_digits = most;
  return rules;
}

}  // namespace

TEST_CASE("an entry is complete with its last key", "[digits]") {
  Entry entry(of_length(4, 4));
  const auto result = entry.press("1234");
  REQUIRE(result);
  CHECK(result->digits == "1234");
  CHECK(result->how == DigitsEnd::complete);
  CHECK(result->enough);
  CHECK_FALSE(entry.collector.next_deadline());
  CHECK_FALSE(entry.collector.key('5', entry.at));
}

TEST_CASE("a terminator ends an entry and is no part of it", "[digits]") {
  Entry entry(of_length(3, 10));
  const bool enough = GENERATE(true, false);
  const auto result = entry.press(enough ? "123#" : "12#");
  REQUIRE(result);
  CHECK(result->digits == (enough ? "123" : "12"));
  CHECK(result->how == DigitsEnd::terminator);
  CHECK(result->enough == enough);
}

TEST_CASE("keys that do not belong there are passed over", "[digits]") {
  DigitRules rules = of_length(1, 2);
  rules.terminators = "";
  rules.valid = "12";
  Entry entry(rules);
  const auto result = entry.press("*91#2");
  REQUIRE(result);
  CHECK(result->digits == "12");
  CHECK(result->passed_over == 3);
}

TEST_CASE("an entry ends when no more keys come", "[digits]") {
  DigitRules rules;
  rules.total_timeout = 12s;
  SECTION("none at all") {
    Entry entry(rules);
    const TimePoint begin = entry.at;
    const auto result = entry.wait();
    REQUIRE(result);
    CHECK(entry.at - begin == rules.first_key_timeout);
    CHECK(result->how == DigitsEnd::timeout);
    CHECK_FALSE(result->enough);
  }
  SECTION("after one") {
    Entry entry(rules);
    entry.press("7");
    const TimePoint last = entry.at;
    const auto result = entry.wait();
    REQUIRE(result);
    CHECK(entry.at - last == rules.inter_digit_timeout);
    CHECK(result->digits == "7");
    CHECK(result->enough);
  }
  SECTION("who is slow has the whole time and no more") {
    rules.first_key_timeout = 20s;
    rules.inter_digit_timeout = 20s;
    Entry entry(rules);
    const TimePoint begin = entry.at;
    entry.press("7");
    REQUIRE(entry.wait());
    CHECK(entry.at - begin == rules.total_timeout);
  }
}

TEST_CASE("a voice ends an entry only where it shall", "[digits]") {
  DigitRules rules;
  rules.voice_ends = GENERATE(false, true);
  Entry entry(rules);
  entry.press("12");
  const auto result = entry.collector.voice();
  REQUIRE(result.has_value() == rules.voice_ends);
  if (result) CHECK(result->how == DigitsEnd::voice);
}

TEST_CASE("wrong rules are named", "[digits]") {
  const auto field = [](auto change) {
    DigitRules rules;
    change(rules);
    const auto made = DigitCollector::create(rules, TimePoint());
    return made ? std::string() : made.error().field;
  };
  CHECK(field([](DigitRules& r) { r.max_digits = 0; }) == "max_digits");
  CHECK(field([](DigitRules& r) { r.max_digits = 65; }) == "max_digits");
  CHECK(field([](DigitRules& r) { r.min_digits = 21; }) == "min_digits");
  CHECK(field([](DigitRules& r) { r.terminators = "x"; }) == "terminators");
  CHECK(field([](DigitRules& r) { r.valid = ""; }) == "valid");
  CHECK(field([](DigitRules& r) { r.first_key_timeout = 0ms; }) == "first_key_timeout");
  CHECK(field([](DigitRules& r) { r.inter_digit_timeout = 0ms; }) == "inter_digit_timeout");
  CHECK(field([](DigitRules& r) { r.total_timeout = 999ms; }) == "total_timeout");
  CHECK(field([](DigitRules& r) { r.total_timeout = 601s; }) == "total_timeout");
  CHECK(field([](DigitRules&) {}).empty());
}
