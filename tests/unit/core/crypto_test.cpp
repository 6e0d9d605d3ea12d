#include "voicebridge/core/crypto.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge {
namespace {

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

template <class Digest>
std::string to_hex(const Digest& digest) {
  std::string hex;
  for (const std::uint8_t byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

ByteView view(std::string_view text) { return ByteView(text); }

std::array<std::uint8_t, 32> seed_of(std::string_view hex) {
  const Bytes bytes = from_hex(hex);
  std::array<std::uint8_t, 32> seed{};
  std::copy(bytes.begin(), bytes.end(), seed.begin());
  return seed;
}

struct SignatureVector {
  const char* seed;
  const char* public_key;
  const char* message;
  const char* signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr SignatureVector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe"
     "24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302a"
     "eeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e9716ed2"
     "8dc027beceea1ec40a"}};

}  // namespace

TEST_CASE("SHA-256 of the FIPS 180 examples", "[crypto]") {
  CHECK(to_hex(sha256(view(""))) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256(view("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256(view("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(to_hex(sha256(view(std::string(1'000'000, 'a')))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("HMAC-SHA-256 of RFC 4231", "[crypto]") {
  CHECK(to_hex(hmac_sha256(Bytes(20, 0x0b), view("Hi There"))) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(to_hex(hmac_sha256(view("Jefe"), view("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha256(Bytes(20, 0xaa), Bytes(50, 0xdd))) ==
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  CHECK(to_hex(hmac_sha256(Bytes(131, 0xaa),
                           view("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("HMAC-SHA-1 of RFC 2202", "[crypto]") {
  CHECK(to_hex(hmac_sha1(Bytes(20, 0x0b), view("Hi There"))) ==
        "b617318655057264e28bc0b6fb378c8ef146be00");
  CHECK(to_hex(hmac_sha1(view("Jefe"), view("what do ya want for nothing?"))) ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST_CASE("an empty key is a key, not the one of last time", "[crypto]") {
  const auto with_key = hmac_sha256(view("key"), view(""));
  const auto without_key = hmac_sha256(ByteView(), ByteView());
  CHECK(with_key != without_key);
  CHECK(to_hex(without_key) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(to_hex(hmac_sha1(ByteView(), ByteView())) == "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

TEST_CASE("comparison in constant time is still comparison", "[crypto]") {
  CHECK(constant_time_equal("", ""));
  CHECK(constant_time_equal("abc", "abc"));
  CHECK_FALSE(constant_time_equal("abc", "abd"));
  CHECK_FALSE(constant_time_equal("abc", "abcd"));
  CHECK_FALSE(constant_time_equal("", "a"));
  CHECK(constant_time_equal(ByteView(), ByteView()));
}

TEST_CASE("random bytes differ from call to call", "[crypto]") {
  std::array<std::uint8_t, 32> first{};
  std::array<std::uint8_t, 32> second{};
  random_bytes(first.data(), first.size());
  random_bytes(second.data(), second.size());
  CHECK(first != second);
}

TEST_CASE("Ed25519 signs and verifies the vectors of RFC 8032", "[crypto]") {
  for (const SignatureVector& vector : kVectors) {
    const auto pair = Ed25519KeyPair::from_seed(seed_of(vector.seed));
    const Bytes message = from_hex(vector.message);
    CHECK(pair.public_key().to_base64() == base64_encode(from_hex(vector.public_key)));
    CHECK(to_hex(pair.sign(message)) == vector.signature);
    const auto key = Ed25519PublicKey::parse(base64_encode(from_hex(vector.public_key)));
    REQUIRE(key);
    CHECK(key->verify(message, from_hex(vector.signature)));
  }
}

TEST_CASE("Ed25519 refuses every changed bit of signature or message", "[crypto]") {
  const auto pair = Ed25519KeyPair::generate();
  const auto key = pair.public_key();
  const Bytes message = {'h', 'e', 'l', 'l', 'o'};
  const auto made = pair.sign(message);
  const Bytes signature(made.begin(), made.end());
  REQUIRE(key.verify(message, signature));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    Bytes changed = signature;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    REQUIRE_FALSE(key.verify(message, changed));
  }
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    Bytes changed = message;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    REQUIRE_FALSE(key.verify(changed, signature));
  }
  for (std::size_t size = 0; size < signature.size(); ++size) {
    REQUIRE_FALSE(key.verify(message, ByteView(signature).subview(0, size)));
  }
  CHECK_FALSE(key.verify(message, Bytes(65, 0)));
  CHECK_FALSE(Ed25519KeyPair::generate().public_key().verify(message, signature));
}

TEST_CASE("a public key may come raw, as DER or as PEM", "[crypto]") {
  const Bytes raw = from_hex(kVectors[0].public_key);
  Bytes der = from_hex("302a300506032b6570032100");
  der.insert(der.end(), raw.begin(), raw.end());
  const std::string expected = base64_encode(raw);
  const std::string der_text = base64_encode(der);
  CHECK(Ed25519PublicKey::parse(expected).value().to_base64() == expected);
  CHECK(Ed25519PublicKey::parse(" " + expected + "\n").value().to_base64() == expected);
  CHECK(Ed25519PublicKey::parse(der_text).value().to_base64() == expected);
  const std::string pem =
      "-----BEGIN PUBLIC KEY-----\r\n" + der_text + "\r\n-----END PUBLIC KEY-----\r\n";
  CHECK(Ed25519PublicKey::parse(pem).value().to_base64() == expected);
}

TEST_CASE("what is no Ed25519 key is refused with a sentence", "[crypto]") {
  const Bytes raw = from_hex(kVectors[0].public_key);
  Bytes rsa_prefix = from_hex("302a300506032b6571032100");
  rsa_prefix.insert(rsa_prefix.end(), raw.begin(), raw.end());
  Bytes small_order(32, 0);
  small_order[0] = 1;
  for (const std::string& text :
       {std::string(), std::string("not base64"), base64_encode(Bytes(31, 7)),
        base64_encode(Bytes(33, 7)), base64_encode(rsa_prefix), base64_encode(Bytes(32, 0xFF)),
        base64_encode(small_order), std::string("-----BEGIN PUBLIC KEY-----"),
        std::string("-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----")}) {
    INFO(text);
    const auto key = Ed25519PublicKey::parse(text);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == Errc::invalid_argument);
    CHECK_FALSE(key.error().message.empty());
  }
}

}  // namespace voicebridge
