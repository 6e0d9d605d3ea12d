#include "voicebridge/core/base64.hpp"

#include <random>

#include "support/catch.hpp"

namespace voicebridge {
namespace {

std::string encode(std::string_view text) { return base64_encode(ByteView(text)); }

std::string decode(std::string_view text) {
  const auto bytes = base64_decode(text);
  REQUIRE(bytes);
  return std::string(ByteView(*bytes).text());
}

/// The definition of RFC 4648, bit by bit: slow and plainly right.
std::string encode_by_bits(const Bytes& bytes) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    unsigned value = 0;
    for (std::size_t i = bit; i < bit + 6; ++i) {
      const bool set = i < bytes.size() * 8 && (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
      value = value << 1 | (set ? 1u : 0u);
    }
    out += kAlphabet[value];
  }
  while (out.size() % 4 != 0) out += '=';
  return out;
}

}  // namespace

TEST_CASE("base64 of the vectors of RFC 4648 section 10", "[base64]") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    CHECK(encode(plain) == text);
    CHECK(decode(text) == plain);
    CHECK(base64_decoded_size(text) == std::string_view(plain).size());
    CHECK(base64_encoded_size(std::string_view(plain).size()) == std::string_view(text).size());
  }
}

TEST_CASE("base64 agrees with the definition for every length and random bytes", "[base64]") {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 400; ++size) {
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const std::string text = base64_encode(bytes);
    REQUIRE(text == encode_by_bits(bytes));
    REQUIRE(base64_decode(text).value() == bytes);
  }
}

TEST_CASE("strict base64 refuses every character outside the alphabet, at every place",
          "[base64]") {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string good = "QUJDREVGR0hJSktM";
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (int c = 0; c < 256; ++c) {
      std::string text = good;
      text[place] = static_cast<char>(c);
      const bool in_alphabet = kAlphabet.find(static_cast<char>(c)) != std::string_view::npos;
      // "…SktM" with its last character replaced by "=" leaves bits that are not 0.
      REQUIRE(base64_decode(text).has_value() == in_alphabet);
    }
  }
}

TEST_CASE("strict base64 refuses wrong lengths, padding and unused bits", "[base64]") {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zm9vY", "Zm9vYg=", "=", "==", "====", "Z===", "Zg=A",
        "Z=g=", "Zg==Zg==", "Zm8=Zm8=", "Zg==\n", " Zg==", "Zh==", "Zm9=", "Zg-_", "Zm9v===="}) {
    INFO(text);
    const auto bytes = base64_decode(text);
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().code == Errc::invalid_argument);
    CHECK_FALSE(bytes.error().message.empty());
  }
  CHECK(base64_decode("Zg==").value() == Bytes{'f'});
}

TEST_CASE("every truncation of base64 text is refused or is a whole number of groups", "[base64]") {
  const std::string text = encode("The quick brown fox jumps over the lazy dog");
  for (std::size_t size = 0; size < text.size(); ++size) {
    CHECK(base64_decode(text.substr(0, size)).has_value() == (size % 4 == 0));
  }
}

TEST_CASE("decoding onto a buffer keeps it on failure and its memory on success", "[base64]") {
  Bytes out = {1, 2, 3};
  CHECK_FALSE(base64_decode_append(out, "Zm9v!g=="));
  CHECK(out == Bytes{1, 2, 3});
  CHECK_FALSE(base64_decode_append(out, "Zm9"));
  CHECK(out == Bytes{1, 2, 3});
  out.reserve(64);
  const auto* memory = out.data();
  CHECK(base64_decode_append(out, "Zm9vYg=="));
  CHECK(out == Bytes{1, 2, 3, 'f', 'o', 'o', 'b'});
  CHECK(out.data() == memory);
}

TEST_CASE("encoding appends behind what is there", "[base64]") {
  std::string out = "data:";
  base64_append(out, ByteView(std::string_view("foob")));
  CHECK(out == "data:Zm9vYg==");
}

}  // namespace voicebridge
