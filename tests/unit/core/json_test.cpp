#include "voicebridge/core/json.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "support/catch.hpp"

namespace voicebridge {
namespace {

Json parsed(std::string_view text) {
  auto json = Json::parse(text);
  INFO(text);
  REQUIRE(json);
  return *json;
}

Error refused(std::string_view text, JsonLimits limits = {}) {
  const auto json = Json::parse(text, limits);
  INFO(text);
  REQUIRE_FALSE(json);
  CHECK_FALSE(json.error().message.empty());
  return json.error();
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

constexpr std::string_view kEvent =
    R"({"data":{"event_type":"call.answered","id":"0ccc7b54-4df3-4bca-a65a-3da1ecc777f0","payload":{"call_control_id":)"
    R"("v3:abc","from":"+1202555","start":1.5e3,"tags":["a",null,true,false,-7,"\u00e9\ud83d\ude00"]}},"n":18446744073709551615})";

}  // namespace

TEST_CASE("look-ups chain through what is there and what is not", "[json]") {
  const Json json = parsed(kEvent);
  const JsonView payload = json["data"]["payload"];
  CHECK(payload["call_control_id"].string() == "v3:abc");
  CHECK(payload["tags"].size() == 6);
  CHECK(payload["tags"].at(0).string() == "a");
  CHECK(payload["tags"].at(1).is_null());
  CHECK(payload["tags"].at(2).boolean() == true);
  CHECK(payload["tags"].at(4).integer() == -7);
  CHECK(payload["tags"].at(5).string() == "\u00e9\U0001F600");
  CHECK(payload["start"].integer() == 1500);
  CHECK(payload["from"].string_or("x") == "+1202555");

  CHECK_FALSE(payload["nothing"]["at"]["all"].exists());
  CHECK_FALSE(payload["tags"]["key of an array"].exists());
  CHECK_FALSE(payload["tags"].at(6).exists());
  CHECK_FALSE(payload.at(0).exists());
  CHECK(payload["nothing"].string_or("fallback") == "fallback");
  CHECK(payload["from"].integer_or(5) == 5);
  CHECK(payload["tags"].number_or(1.5) == 1.5);
  CHECK(payload["from"].bool_or(true));
  CHECK(payload["nothing"].dump() == "null");
}

TEST_CASE("a missing value is nothing of all", "[json]") {
  const JsonView missing;
  CHECK_FALSE(missing.exists());
  CHECK_FALSE((missing.is_null() || missing.is_object() || missing.is_array() ||
               missing.is_string() || missing.is_number() || missing.is_bool()));
  CHECK_FALSE(missing[""].exists());
  CHECK_FALSE(missing[std::string_view()].exists());
  CHECK_FALSE(missing.at(0).exists());
  CHECK(missing.size() == 0);
  CHECK(missing.members().empty());
  CHECK(missing.elements().empty());
  CHECK_FALSE(missing.string());
  CHECK_FALSE(missing.integer());
  CHECK_FALSE(missing.number());
  CHECK_FALSE(missing.boolean());
  CHECK(missing == JsonView());
  CHECK_FALSE(missing == parsed("null").root());
}

TEST_CASE("a document made of nothing is null", "[json]") {
  const Json json;
  CHECK(json.root().is_null());
  CHECK(json.dump() == "null");
  CHECK_FALSE(json["a"].exists());
}

TEST_CASE("copies of a document share it beyond the life of the first", "[json]") {
  Json copy;
  {
    const Json first = parsed(R"({"a":"some text that is too long to be kept in place"})");
    copy = first;
  }
  CHECK(copy["a"].string() == "some text that is too long to be kept in place");
}

TEST_CASE("members and elements come in document order", "[json]") {
  const Json json = parsed(R"({"b":1,"a":[2,3],"":4})");
  const auto members = json.root().members();
  REQUIRE(members.size() == 3);
  CHECK(members[0].key == "b");
  CHECK(members[1].key == "a");
  CHECK(members[2].key.empty());
  CHECK(json[""].integer() == 4);
  CHECK(members[1].value.elements().at(1).integer() == 3);
  CHECK(json.root().elements().empty());
  CHECK(json["a"].members().empty());
}

TEST_CASE("numbers are whole when their value is", "[json]") {
  CHECK(parsed("3.0").root().integer() == 3);
  CHECK(parsed("-0").root().integer() == 0);
  CHECK_FALSE(parsed("3.5").root().integer());
  CHECK(parsed("9223372036854775807").root().integer() == std::numeric_limits<std::int64_t>::max());
  CHECK(parsed("-9223372036854775808").root().integer() ==
        std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(parsed("9223372036854775808").root().integer());
  CHECK_FALSE(parsed("18446744073709551615").root().integer());
  CHECK_FALSE(parsed("1e300").root().integer());
  CHECK_FALSE(parsed("-1e19").root().integer());
  CHECK(parsed("1e300").root().number() == 1e300);
  CHECK(parsed("18446744073709551615").root().number() == 18446744073709551615.0);
  CHECK(parsed("0.1").root().number() == 0.1);
  CHECK_FALSE(parsed("true").root().integer());
  CHECK_FALSE(parsed("\"1\"").root().number());
}

TEST_CASE("every spelling of a number is read exactly", "[json]") {
  const std::pair<std::string, double> numbers[] = {
      {"0", 0},
      {"-0", 0},
      {"0.0", 0},
      {"0e5", 0},
      {"0E-400", 0},
      {"0.000e+99", 0},
      {"-0.0", 0},
      {"1e0", 1},
      {"1E+2", 100},
      {"1.50e-1", 0.15},
      {"4.9e-324", 4.9e-324},
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {"9007199254740993.0", 9007199254740993.0},
      {"100000000000000000000", 1e20},
      {"-100000000000000000000", -1e20},
      {"0." + std::string(200, '0') + "1", 1e-201},
      {"0." + std::string(900, '3'), 1.0 / 3}};
  for (const auto& [text, value] : numbers) {
    INFO(text);
    CHECK(parsed(text).root().number() == value);
    CHECK(parsed(parsed(text).dump()).root().number() == value);
  }
}

TEST_CASE("random doubles survive reading and dumping", "[json]") {
  std::mt19937_64 random(23);
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value)) continue;
    const Json json = parsed(JsonWriter().array().number(value).end().take());
    REQUIRE(json.root().at(0).number() == value);
    REQUIRE(parsed(json.dump()).root().at(0).number() == value);
  }
}

TEST_CASE("strict JSON refuses what RFC 8259 does not know", "[json]") {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[1,]",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{'a':1}",
                           "[1 2]",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "-",
                           "1e",
                           "0x1",
                           "NaN",
                           "Infinity",
                           "-Infinity",
                           "nul",
                           "True",
                           "// x\n1",
                           "/* */1",
                           "1 2",
                           "[]]",
                           "{}{}",
                           "\"a",
                           "\"\t\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\ud83d\"",
                           "\"\\ud83d\\u0041\"",
                           "\"\\ude00\"",
                           "\"\\ude00\\ud83d\"",
                           "{\"\\ude00\":1}",
                           "1e999",
                           "-1e999",
                           "1.8e308",
                           "1e-999",
                           "1e99999999999",
                           "-",
                           "--1",
                           "1e+",
                           "[-]",
                           "0.e1",
                           "00",
                           "-01",
                           "[\"a\":1]",
                           "{\"a\"}",
                           "{1:2}",
                           "\xEF\xBB\xBF{}",
                           "\xEF"
                           "1"}) {
    CHECK(refused(text).code == Errc::invalid_argument);
  }
}

TEST_CASE("strict JSON refuses bytes that are not UTF-8", "[json]") {
  for (const char* bytes :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98"}) {
    CHECK(refused("\"" + std::string(bytes) + "\"").code == Errc::invalid_argument);
  }
  CHECK(parsed("\"\xED\x9F\xBF \xEE\x80\x80 \xF4\x8F\xBF\xBF\"").root().is_string());
}

TEST_CASE("a NUL byte does not end the text", "[json]") {
  using namespace std::string_literals;
  for (const std::string& text : {"1\0"s, "1\0junk"s, "{}\0"s, "\0"s, "\"a\0b\""s, "[1,\0 2]"s}) {
    CHECK(refused(text).code == Errc::invalid_argument);
  }
  CHECK(parsed(R"("a\u0000b")").root().string() == "a\0b"s);
}

TEST_CASE("an error tells where", "[json]") {
  CHECK(refused("[1,2,x]").message.find("at offset 5") != std::string::npos);
  using namespace std::string_literals;
  CHECK(refused("12\0x"s).message.find("a NUL byte at offset 2") != std::string::npos);
}

TEST_CASE("size and depth have limits", "[json]") {
  JsonLimits limits;
  limits.max_bytes = 10;
  CHECK(parsed("[12345678]").root().is_array());
  CHECK(Json::parse("[12345678]", limits));
  CHECK(refused("[123456789]", limits).code == Errc::payload_too_large);
  limits = {};
  limits.max_depth = 3;
  CHECK(Json::parse(nested(3), limits));
  CHECK(refused(nested(4), limits).code == Errc::payload_too_large);
  CHECK(refused(R"({"a":[{"b":{}}]})", limits).code == Errc::payload_too_large);
  CHECK(Json::parse("[[],[],[[]],[[]]]", limits));
  limits.max_depth = 0;
  CHECK(Json::parse("1", limits));
  CHECK(refused("[]", limits).code == Errc::payload_too_large);
}

TEST_CASE("very deep input is refused and cannot exhaust the stack", "[json]") {
  CHECK(refused(nested(10'000)).code == Errc::payload_too_large);
  CHECK(refused(std::string(500'000, '[')).code == Errc::payload_too_large);
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  CHECK(refused(objects).code == Errc::payload_too_large);
  JsonLimits generous;
  generous.max_depth = 1'000'000;
  CHECK(refused(nested(10'000), generous).code == Errc::payload_too_large);
  const auto deep = Json::parse(nested(512), generous);
  REQUIRE(deep);
  CHECK(deep->dump() == nested(512));
  CHECK(deep->root() == Json::parse(nested(512), generous)->root());
}

TEST_CASE("every truncation of a document is refused", "[json]") {
  for (std::size_t size = 0; size < kEvent.size(); ++size) {
    CHECK(refused(kEvent.substr(0, size)).code == Errc::invalid_argument);
  }
}

TEST_CASE("mutated documents never crash, and what is accepted is stable", "[json]") {
  std::mt19937 random(11);
  constexpr std::string_view kSpice = "{}[]\",:\\0123456789eE+-.truefalsn\x80\xED\xFF ";
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text(kEvent);
    for (unsigned changes = random() % 4 + 1; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      const char spice = kSpice[random() % kSpice.size()];
      switch (random() % 3) {
        case 0:
          text[at] = spice;
          break;
        case 1:
          text.insert(at, 1, spice);
          break;
        default:
          text.erase(at, random() % 3 + 1);
      }
    }
    const auto json = Json::parse(text);
    if (!json) continue;
    ++accepted;
    const std::string once = json->dump();
    const auto again = Json::parse(once);
    REQUIRE(again);
    REQUIRE(again->dump() == once);
  }
  CHECK(accepted > 1000);
}

TEST_CASE("equality is deep and blind to the order of members", "[json]") {
  CHECK(parsed(R"({"a":1,"b":[1,{"c":null}]})").root() ==
        parsed(R"({"b":[1,{"c":null}],"a":1})").root());
  CHECK_FALSE(parsed("[1,2]").root() == parsed("[2,1]").root());
  CHECK_FALSE(parsed(R"({"a":1})").root() == parsed(R"({"a":1,"b":2})").root());
  CHECK_FALSE(parsed(R"({"a":1})").root() == parsed(R"({"a":"1"})").root());
  CHECK(parsed("1.0").root() == parsed("1").root());
}

TEST_CASE("the first of repeated members counts", "[json]") {
  CHECK(parsed(R"({"a":1,"a":2})")["a"].integer() == 1);
}

}  // namespace voicebridge
