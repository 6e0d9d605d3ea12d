#include "openai/audio_delta_scan.hpp"

#include <random>
#include <string>

#include "support/catch.hpp"
#include "voicebridge/openai/server_event.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using openai::detail::scan_audio_delta;

namespace {

const std::string kDelta =
    R"({"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1","item_id":"item_1",)"
    R"("output_index":0,"content_index":0,"delta":"AAECAwQFBgcICQ=="})";

/// What the scanner finds must be what the parser finds.
void check_agrees(const std::string& text) {
  const auto scanned = scan_audio_delta(text);
  if (!scanned) return;
  INFO(text);
  const auto parsed = parse_server_event(text);
  REQUIRE(parsed);
  const auto* const delta = std::get_if<OutputAudioDelta>(&parsed->body);
  REQUIRE(delta != nullptr);
  CHECK(delta->delta == scanned->base64);
  CHECK(delta->item_id == scanned->item_id);
  CHECK(delta->response_id == scanned->response_id);
}

}  // namespace

TEST_CASE("the scanner finds the audio in place") {
  const auto delta = scan_audio_delta(kDelta);
  REQUIRE(delta);
  CHECK(delta->response_id == "resp_1");
  CHECK(delta->item_id == "item_1");
  CHECK(delta->base64 == "AAECAwQFBgcICQ==");
  CHECK(delta->base64.data() > kDelta.data());
  CHECK(delta->base64.data() + delta->base64.size() < kDelta.data() + kDelta.size());
}

TEST_CASE("the scanner takes any order, white space and the beta's name") {
  const auto delta = scan_audio_delta(
      " {\n \"delta\" : \"AAAA\" , \"content_index\":12,\"item_id\":\"i\", "
      "\"type\":\"response.audio.delta\"}\r\n\t");
  REQUIRE(delta);
  CHECK(delta->base64 == "AAAA");
  CHECK(delta->item_id == "i");
  CHECK(delta->response_id.empty());
}

TEST_CASE("the scanner leaves everything unusual to the parser") {
  const char* const unusual[] = {
      "",
      "{}",
      "[]",
      "null",
      R"({"type":"response.output_audio.delta"})",
      R"({"delta":"AAAA"})",
      R"({"type":"response.output_text.delta","delta":"AAAA"})",
      R"({"type":"response.output_audio.delta","delta":"AA\/A"})",
      R"({"type":"response.output_audio.delta","delta":"AAAA","delta":"BBBB"})",
      R"({"type":"response.output_audio.delta","delta":null})",
      R"({"type":"response.output_audio.delta","delta":12})",
      R"({"type":"response.output_audio.delta","delta":"AAAA","x":{}})",
      R"({"type":"response.output_audio.delta","delta":"AAAA","x":true})",
      R"({"type":"response.output_audio.delta","delta":"AAAA","x":01})",
      R"({"type":"response.output_audio.delta","delta":"AAAA","x":-})",
      R"({"type":"response.output_audio.delta","delta":"AAAA","x":1.5})",
      R"({"type":"response.output_audio.delta","delta":"AAAA",})",
      R"({"type":"response.output_audio.delta","delta":"AAAA"} x)",
      R"({"type":"response.output_audio.delta","delta":"AAAA"}})",
      "{\"type\":\"response.output_audio.delta\",\"delta\":\"AA\nA\"}",
      "{\"type\":\"response.output_audio.delta\",\"delta\":\"AA\xC3\xA9\"}",
  };
  for (const char* text : unusual) {
    INFO(text);
    CHECK_FALSE(scan_audio_delta(text));
  }
}

TEST_CASE("no truncation of an audio delta is taken for one") {
  for (std::size_t size = 0; size < kDelta.size(); ++size) {
    CHECK_FALSE(scan_audio_delta(std::string_view(kDelta).substr(0, size)));
  }
}

TEST_CASE("a character that ends a string is found at every distance") {
  const auto event_with = [](const std::string& base64) {
    return R"({"delta":")" + base64 + R"(","type":"response.output_audio.delta"})";
  };
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string base64(size, 'A');
    const std::string text = event_with(base64);
    const auto delta = scan_audio_delta(text);
    REQUIRE(delta);
    CHECK(delta->base64 == base64);
    for (std::size_t at = 0; at < size; ++at) {
      std::string broken = base64;
      for (const char c : {'\\', '\x1F', '\x80', '\0'}) {
        broken[at] = c;
        CHECK_FALSE(scan_audio_delta(event_with(broken)));
      }
    }
  }
}

TEST_CASE("the scanner agrees with the parser on mutated events") {
  std::mt19937 random(7);
  const std::string alphabet = "{}[]\",:\\ 01-.eE+ntAdelta_itm\n\x7F";
  for (int round = 0; round < 20000; ++round) {
    std::string text = kDelta;
    for (unsigned edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.insert(at, 1, c);
          break;
        default:
          text.erase(at, 1 + random() % 4);
      }
    }
    check_agrees(text);
  }
}
