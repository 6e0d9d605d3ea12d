#include "call/media_scanner.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "unit/telnyx/samples.hpp"
#include "voicebridge/core/base64.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using detail::is_base64;
using detail::MediaFrame;
using detail::scan_message;
using detail::ScannedMessage;

namespace {

bool same(const MediaFrame& a, const MediaFrame& b) {
  return a.track == b.track && a.chunk == b.chunk && a.timestamp == b.timestamp &&
         a.payload == b.payload;
}

/// What the scanner says of a text must be what the parser says of it.
void check_against_parser(const std::string& text) {
  const auto scanned = scan_message(text);
  if (!scanned) return;
  INFO(text);
  const auto json = Json::parse(text);
  REQUIRE(json);
  if (scanned->kind == ScannedMessage::Kind::media) {
    REQUIRE((*json)["event"].string() == "media");
    REQUIRE(same(scanned->media, detail::media_frame((*json)["media"])));
    REQUIRE(base64_decode(scanned->media.payload));
  } else {
    REQUIRE((*json)["event"].string() == "mark");
    REQUIRE((*json)["mark"]["name"].string() == scanned->mark_name);
  }
}

using Random = std::mt19937;

std::string space(Random& random) {
  static constexpr const char* kSpaces[] = {"", "", "", " ", "\n  ", "\t", "\r\n"};
  return kSpaces[random() % 7];
}

std::string object(std::vector<std::string> members, Random& random) {
  std::shuffle(members.begin(), members.end(), random);
  std::string out = "{";
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i != 0) out += ",";
    out += space(random) + members[i] + space(random);
  }
  return out + "}";
}

std::string member(const std::string& key, const std::string& value, Random& random) {
  return "\"" + key + "\"" + space(random) + ":" + space(random) + value;
}

std::string number(Random& random) {
  const std::string digits = std::to_string(random() % 100000);
  return random() % 2 == 0 ? digits : "\"" + digits + "\"";
}

/// A proper media message with its keys in any order and spaces anywhere.
std::string random_media(Random& random) {
  Bytes audio(random() % 200 + 1);
  for (auto& byte : audio) byte = static_cast<std::uint8_t>(random());
  std::vector<std::string> media = {
      member("track", random() % 4 == 0 ? "\"outbound\"" : "\"inbound\"", random),
      member("chunk", number(random), random), member("timestamp", number(random), random),
      member("payload", "\"" + base64_encode(audio) + "\"", random)};
  std::vector<std::string> message = {member("event", "\"media\"", random),
                                      member("sequence_number", number(random), random),
                                      member("stream_id", "\"32de0dea-53cb\"", random),
                                      member("media", object(media, random), random)};
  return space(random) + object(message, random) + space(random);
}

}  // namespace

TEST_CASE("the scanner reads the media and mark samples by itself", "[media][scanner]") {
  for (const char* name : {"ws.in.media.pcmu", "ws.in.media.pcma", "ws.in.media.outbound_track",
                           "ws.in.media.l16_16k_le"}) {
    const std::string text = telnyx_sample(name);
    const auto scanned = scan_message(text);
    REQUIRE(scanned);
    CHECK(scanned->kind == ScannedMessage::Kind::media);
    CHECK(same(scanned->media, detail::media_frame(parsed(text)["media"])));
    CHECK(scanned->media.chunk == std::uint64_t{2});
    CHECK(scanned->media.timestamp == std::uint64_t{20});
  }
  const std::string mark = telnyx_sample("ws.in.mark");
  const auto scanned = scan_message(mark);
  REQUIRE(scanned);
  CHECK(scanned->kind == ScannedMessage::Kind::mark);
  CHECK(scanned->mark_name == "utt-0007-end");
}

TEST_CASE("the scanner leaves every other sample to the parser", "[media][scanner]") {
  for (const char* name : {"ws.in.connected", "ws.in.connected.with_token", "ws.in.start.pcmu",
                           "ws.in.dtmf", "ws.in.error.100002", "ws.in.stop", "ws.out.clear"}) {
    CHECK_FALSE(scan_message(telnyx_sample(name)));
  }
}

TEST_CASE("the scanner does not guess", "[media][scanner]") {
  for (const char* text : {
           "",
           "{",
           "{}",
           "[]",
           "null",
           "\"media\"",
           R"({"event":"media"})",
           R"({"event":"media","media":{}})",
           R"({"event":"media","media":{"payload":""}})",
           R"({"event":"media","media":{"payload":"AAA"}})",
           R"({"event":"media","media":{"payload":"AA\/A"}})",
           R"({"event":"media","media":{"payload":"AAAA"},"media":{"payload":"BBBB"}})",
           R"({"event":"media","media":{"payload":"AAAA","payload":"BBBB"}})",
           R"({"event":"media","media":{"payload":"AAAA","chunk":"1","chunk":"2"}})",
           R"({"event":"media","event":"mark","media":{"payload":"AAAA"}})",
           R"({"event":"m\u0065dia","media":{"payload":"AAAA"}})",
           R"({"event":"media","media":{"payload":"AAAA","chunk":01}})",
           R"({"event":"media","media":{"payload":"AAAA","chunk":1.5}})",
           R"({"event":"media","media":{"payload":"AAAA","chunk":-1}})",
           R"({"event":"media","media":{"payload":"AAAA","chunk":null}})",
           R"({"event":"media","media":{"payload":"AAAA","x":{}}})",
           R"({"event":"media","media":{"payload":"AAAA"},})",
           R"({"event":"media","media":{"payload":"AAAA"}} x)",
           R"({"event":"media","media":{"payload":"AAAA"})",
           R"({"event":"mark","mark":{}})",
           R"({"event":"mark","media":{"payload":"AAAA"}})",
           R"({"event":"media","mark":{"name":"x"}})",
       }) {
    INFO(text);
    CHECK_FALSE(scan_message(text));
  }
}

TEST_CASE("a counter that is no number is no counter", "[media][scanner]") {
  const auto scanned =
      scan_message(R"({"event":"media","media":{"payload":"AAAA","chunk":"1a","timestamp":""}})");
  REQUIRE(scanned);
  CHECK_FALSE(scanned->media.chunk);
  CHECK_FALSE(scanned->media.timestamp);
}

TEST_CASE("the scanner reads every order and spacing as the parser does", "[media][scanner]") {
  Random random(7);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = random_media(random);
    INFO(text);
    REQUIRE(scan_message(text));
    check_against_parser(text);
  }
}

TEST_CASE("the scanner never disagrees with the parser on a damaged message", "[media][scanner]") {
  static constexpr char kPieces[] = "\"\\{}[]:,0123456789=+/ \nmediaAZ\x01\xC3\xA9-.e";
  Random random(11);
  for (int i = 0; i < 20000; ++i) {
    std::string text = random_media(random);
    for (unsigned n = random() % 3 + 1; n > 0; --n) {
      const std::size_t at = random() % text.size();
      const char piece = kPieces[random() % (sizeof kPieces - 1)];
      switch (random() % 3) {
        case 0:
          text[at] = piece;
          break;
        case 1:
          text.insert(at, 1, piece);
          break;
        case 2:
          text.erase(at, 1 + random() % 3);
          break;
      }
      if (text.empty()) text = "x";
    }
    check_against_parser(text);
  }
}

TEST_CASE("no truncated message is taken for a whole one", "[media][scanner]") {
  for (const char* name : {"ws.in.media.pcmu", "ws.in.mark"}) {
    std::string text = telnyx_sample(name);
    while (text.back() != '}') text.pop_back();
    for (std::size_t size = 0; size < text.size(); ++size) {
      // A copy of exactly this size, so that a read beyond it is seen by the address sanitizer.
      const std::vector<char> cut(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
      REQUIRE_FALSE(scan_message({cut.data(), cut.size()}));
    }
  }
}

TEST_CASE("is_base64 accepts what the decoder accepts", "[media][scanner]") {
  CHECK_FALSE(is_base64(""));
  for (const char* bad : {"A", "AA", "AAA", "=", "====", "A===", "AB==", "AAB=", "AA=A",
                          "AAAA====", "AAA-", "AA A", "AAAA\n"}) {
    INFO(bad);
    CHECK_FALSE(is_base64(bad));
    CHECK_FALSE(base64_decode(bad));
  }
  Random random(3);
  for (int i = 0; i < 5000; ++i) {
    Bytes bytes(random() % 20 + 1);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    std::string text = base64_encode(bytes);
    REQUIRE(is_base64(text));
    text[random() % text.size()] = static_cast<char>(random() % 128);
    REQUIRE(is_base64(text) == base64_decode(text).has_value());
  }
}
