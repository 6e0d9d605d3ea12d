#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

}  // namespace

TEST_CASE("the writer places commas and closers", "[json]") {
  JsonWriter json;
  json.object()
      .field("type", "session.update")
      .key("session")
      .object()
      .field("voice", std::string("cedar"))
      .field("on", true)
      .field("n", 3)
      .field("x", 0.25)
      .field("none", std::optional<std::string>())
      .field("some", std::optional<int>(7))
      .end()
      .key("list")
      .array()
      .integer(-1)
      .string("a")
      .null()
      .boolean(false)
      .array()
      .end()
      .object()
      .end()
      .raw("{\"r\":1}")
      .end()
      .end();
  CHECK(json.take() ==
        R"({"type":"session.update","session":{"voice":"cedar","on":true,"n":3,"x":0.25,"some":7},)"
        R"("list":[-1,"a",null,false,[],{},{"r":1}]})");
}

TEST_CASE("a view is written as it was read", "[json]") {
  const Json json = Json::parse(R"({"a":[1,2.5,"\n"],"b":{}})").value();
  CHECK(JsonWriter().object().field("copy", json.root()).field("missing", json["c"]).end().take() ==
        R"({"copy":{"a":[1,2.5,"\n"],"b":{}},"missing":null})");
}

TEST_CASE("one close too many is ignored", "[json]") {
  CHECK(JsonWriter().end().array().end().end().take() == "[]");
}

TEST_CASE("numbers keep their value, and what is no number is null", "[json]") {
  CHECK(JsonWriter().integer(std::numeric_limits<std::int64_t>::min()).take() ==
        "-9223372036854775808");
  CHECK(JsonWriter().number(std::nan("")).take() == "null");
  CHECK(JsonWriter().number(std::numeric_limits<double>::infinity()).take() == "null");
  std::mt19937_64 random(5);
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t bits = random();
    double value;
    static_assert(sizeof(value) == sizeof(bits));
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value)) continue;
    const auto json = Json::parse(JsonWriter().number(value).take());
    REQUIRE(json);
    REQUIRE(json->root().number() == value);
  }
}

TEST_CASE("strings are escaped", "[json]") {
  using namespace std::string_literals;
  CHECK(quoted("") == "\"\"");
  CHECK(quoted("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(quoted("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(quoted("\0\x01\x1F\x7F"s) == "\"\\u0000\\u0001\\u001f\x7F\"");
  CHECK(quoted("\u00e9\u20ac\U0001F600") == "\"\u00e9\u20ac\U0001F600\"");
}

TEST_CASE("bytes that are not UTF-8 become replacement characters", "[json]") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(quoted("a\xFFz") == "\"a" + r + "z\"");
  CHECK(quoted("\xC3") == "\"" + r + "\"");
  CHECK(quoted("\xC3(") == "\"" + r + "(\"");
  CHECK(quoted("\xED\xA0\x80") == "\"" + r + r + r + "\"");
  CHECK(quoted("\xF0\x9F\x98") == "\"" + r + r + r + "\"");
  std::mt19937 random(9);
  for (int round = 0; round < 5000; ++round) {
    std::string noise(random() % 20, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    REQUIRE(Json::parse(quoted(noise)));
  }
}

TEST_CASE("random Unicode text survives writing and reading", "[json]") {
  std::mt19937 random(13);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (unsigned i = random() % 30; i > 0; --i) {
      const std::uint32_t limits[] = {0x20, 0x80, 0x800, 0x10000, 0x110000};
      const std::uint32_t code = random() % limits[random() % 5];
      if (code < 0xD800 || code > 0xDFFF) append_utf8(text, code);
    }
    const auto json = Json::parse(quoted(text));
    REQUIRE(json);
    REQUIRE(json->root().string() == text);
    REQUIRE(Json::parse(json->dump())->root().string() == text);
  }
}

}  // namespace voicebridge
