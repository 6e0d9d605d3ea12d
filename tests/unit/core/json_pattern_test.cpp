#include "core/json_pattern.hpp"

#include <optional>
#include <random>
#include <vector>

#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

/// What a schema with this pattern says to a text; nothing when the pattern is refused.
std::optional<bool> matches(std::string_view pattern, std::string_view text) {
  const Json schema =
      Json::parse(JsonWriter().object().field("pattern", pattern).end().take()).value();
  const auto compiled = JsonSchema::compile(schema);
  if (!compiled) return std::nullopt;
  return compiled->validate(Json::parse(JsonWriter().string(text).take()).value()).has_value();
}

}  // namespace

TEST_CASE("patterns are rewritten into what the matcher reads", "[json_pattern]") {
  CHECK(translate_pattern("^\\+[1-9]\\d{7,14}$") == "^\\+[1-9][0-9]{7,14}$");
  CHECK(translate_pattern("[\\w.-]") == "[A-Za-z0-9_-_\\.-\\.---]");
  CHECK(translate_pattern("(?:a|b)?") == "(a|b)?");
  CHECK(translate_pattern("\\S\\/\\-") == "[^ - \\t-\\r]/-");
  CHECK(translate_pattern("a\\$") == "a\\$");
  CHECK(translate_pattern("a\\\\$") == "a\\\\$");
  CHECK(translate_pattern("\u00e9{2,}") == "\u00e9{2,}");
}

TEST_CASE("malformed and unsupported patterns are refused with a reason", "[json_pattern]") {
  for (const char* pattern : {"",
                              "(",
                              ")",
                              "(a",
                              "a)",
                              "()",
                              "a|",
                              "|a",
                              "a||b",
                              "(a|)",
                              "*",
                              "+a",
                              "?",
                              "{2}",
                              "a{",
                              "a{}",
                              "a{,2}",
                              "a{2",
                              "a{2,1}",
                              "a{0}",
                              "a{0,0}",
                              "a{256}",
                              "a{99999999999}",
                              "a**",
                              "a+?",
                              "a{2}{3}",
                              "[",
                              "[]",
                              "[a",
                              "[^]",
                              "[z-a]",
                              "\\",
                              "a\\",
                              "[\\",
                              "\\b",
                              "\\1",
                              "\\p{L}",
                              "\\u0041",
                              "[\\D]",
                              "(?=a)",
                              "(?!a)",
                              "(?<n>a)",
                              "a^b",
                              "a$b",
                              "^a|b",
                              "a|b$",
                              "]",
                              "}",
                              "^",
                              "$",
                              "^$"}) {
    INFO(pattern);
    const auto translated = translate_pattern(pattern);
    REQUIRE_FALSE(translated);
    CHECK_FALSE(translated.error().message.empty());
  }
  CHECK_FALSE(translate_pattern(std::string(200, '(') + "a" + std::string(200, ')')));
  CHECK_FALSE(translate_pattern(std::string_view("a\0b", 3)));
  CHECK_FALSE(translate_pattern("\xFF"));
}

TEST_CASE("patterns match as they do elsewhere", "[json_pattern]") {
  struct Example {
    const char* pattern;
    std::vector<const char*> matching;
    std::vector<const char*> others;
  };
  const Example examples[] = {
      {"^\\d{2,3}$", {"12", "123"}, {"", "1", "1234", "12a", "a12"}},
      {"[a-c]+", {"a", "xcx", "cab"}, {"", "xyz", "-"}},
      {"^[^a-c]*$", {"", "xyz", "12"}, {"a", "xbx"}},
      {"^(ab|c)+$", {"ab", "c", "cab", "abab"}, {"", "a", "abb"}},
      {"^a?b*c+$", {"c", "ac", "abbc", "bcc"}, {"", "aac", "ab"}},
      {"^.b$", {"ab", "bb", "-b", "\u00e9b"}, {"b", "abc"}},
      {"\\w\\s\\w", {"a b", "1\t_"}, {"ab", "a  b", "- -"}},
      {"^\\W$", {"-", " ", "!"}, {"a", "_", "", "--"}},
      {"^\\S+$", {"abc", "-"}, {"", "a b", "\t"}},
      {"[-a]b", {"-b", "ab"}, {"b", "cb"}},
      {"^[\\d\\-]+$", {"1-2", "-"}, {"1a", ""}},
      {"^(a(b|c)?)+$", {"a", "abac", "aaa"}, {"b", "abc"}},
      {"b{2}", {"bb", "abba"}, {"b", "bab"}},
      {"^a{1,}b$", {"ab", "aab"}, {"b", "a"}},
      {"^[\\]^$.]$", {"]", "^", "$", "."}, {"a", "\\"}},
  };
  for (const Example& example : examples) {
    for (const char* text : example.matching) {
      INFO(example.pattern << " on '" << text << "'");
      CHECK(matches(example.pattern, text) == true);
    }
    for (const char* text : example.others) {
      INFO(example.pattern << " on '" << text << "'");
      CHECK(matches(example.pattern, text) == false);
    }
  }
}

TEST_CASE("no pattern, however broken, harms the matcher", "[json_pattern]") {
  std::mt19937 random(17);
  constexpr std::string_view kParts = "ab19()[]{}|?*+^$.\\-,:dws\xC3";
  int accepted = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string pattern;
    for (unsigned size = random() % 9 + 1; size > 0; --size)
      pattern += kParts[random() % kParts.size()];
    if (matches(pattern, "ab1-(9)")) ++accepted;
  }
  CHECK(accepted > 1000);
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
