#include "voicebridge/core/crypto.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iterator>

#include "core/wipe.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

// Before sodium_init, libsodium has neither picked its fast paths nor opened its source of
// randomness.
void require_sodium() {
  static const int status = sodium_init();
  if (status < 0) std::abort();  // No randomness on this machine: every id and key would be a lie.
}

// OpenSSL refuses only what a policy forbids (SHA-1 in a FIPS provider). A digest that cannot be
// made must equal nothing that a peer could send: randomness fails closed, zeros would not.
template <std::size_t N>
std::array<std::uint8_t, N> digest_or_noise(bool made, std::array<std::uint8_t, N> digest) {
  if (!made) random_bytes(digest.data(), digest.size());
  return digest;
}

template <std::size_t N>
std::array<std::uint8_t, N> hmac(const EVP_MD* hash, ByteView key, ByteView message) {
  static constexpr std::uint8_t kEmptyKey = 0;  // A null key would mean "the key of last time".
  std::array<std::uint8_t, N> digest{};
  unsigned size = 0;
  const void* key_data = key.empty() ? &kEmptyKey : key.data();
  const bool made = HMAC(hash, key_data, static_cast<int>(key.size()), message.data(),
                         message.size(), digest.data(), &size) != nullptr &&
                    size == N;
  return digest_or_noise(made, digest);
}

constexpr std::size_t kKeySize = crypto_sign_PUBLICKEYBYTES;

// SubjectPublicKeyInfo of RFC 8410: SEQUENCE, AlgorithmIdentifier 1.3.101.112, BIT STRING of 33
// bytes.
constexpr std::uint8_t kSpkiPrefix[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                        0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

constexpr std::string_view kPemBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kPemEnd = "-----END PUBLIC KEY-----";

// The base64 text inside PEM armour, or the text itself; white space is dropped, as copied keys
// have some.
std::string key_base64(std::string_view text) {
  const std::size_t begin = text.find(kPemBegin);
  if (begin != std::string_view::npos) {
    text.remove_prefix(begin + kPemBegin.size());
    text = text.substr(0, text.find(kPemEnd));
  }
  std::string base64;
  std::copy_if(text.begin(), text.end(), std::back_inserter(base64),
               [](unsigned char c) { return std::isspace(c) == 0; });
  return base64;
}

}  // namespace

void detail::wipe(void* data, std::size_t size) noexcept { sodium_memzero(data, size); }

bool constant_time_equal(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
  return constant_time_equal(ByteView(a), ByteView(b));
}

std::array<std::uint8_t, 20> hmac_sha1(ByteView key, ByteView message) {
  return hmac<20>(EVP_sha1(), key, message);
}

std::array<std::uint8_t, 32> hmac_sha256(ByteView key, ByteView message) {
  return hmac<32>(EVP_sha256(), key, message);
}

std::array<std::uint8_t, 32> sha256(ByteView message) {
  std::array<std::uint8_t, 32> digest{};
  const bool made = EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha256(),
                               nullptr) == 1;
  return digest_or_noise(made, digest);
}

void random_bytes(std::uint8_t* out, std::size_t size) {
  require_sodium();
  randombytes_buf(out, size);
}

Result<Ed25519PublicKey> Ed25519PublicKey::parse(std::string_view text) {
  constexpr const char* kExpected =
      "an Ed25519 public key is the base64 of 32 bytes, the base64 of its DER form, or PEM text";
  Result<Bytes> decoded = base64_decode(key_base64(text));
  if (!decoded) return fail(Errc::invalid_argument, kExpected);
  ByteView raw(*decoded);
  if (raw.size() == sizeof(kSpkiPrefix) + kKeySize &&
      std::equal(std::begin(kSpkiPrefix), std::end(kSpkiPrefix), raw.begin())) {
    raw = raw.subview(sizeof(kSpkiPrefix));
  }
  if (raw.size() != kKeySize) return fail(Errc::invalid_argument, kExpected);
  require_sodium();
  if (crypto_core_ed25519_is_valid_point(raw.data()) != 1) {
    return fail(Errc::invalid_argument,
                "the 32 bytes are not a point of the Ed25519 curve that can be a key");
  }
  Ed25519PublicKey key;
  std::copy(raw.begin(), raw.end(), key.key_.begin());
  return key;
}

bool Ed25519PublicKey::verify(ByteView message, ByteView signature) const noexcept {
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                     key_.data()) == 0;
}

std::string Ed25519PublicKey::to_base64() const {
  return base64_encode(ByteView(key_.data(), key_.size()));
}

Ed25519KeyPair Ed25519KeyPair::generate() {
  std::array<std::uint8_t, 32> seed;
  random_bytes(seed.data(), seed.size());
  Ed25519KeyPair pair = from_seed(seed);
  detail::wipe(seed.data(), seed.size());
  return pair;
}

Ed25519KeyPair Ed25519KeyPair::from_seed(const std::array<std::uint8_t, 32>& seed) {
  require_sodium();
  Ed25519KeyPair pair;
  crypto_sign_seed_keypair(pair.public_.data(), pair.secret_.data(), seed.data());
  return pair;
}

Ed25519PublicKey Ed25519KeyPair::public_key() const {
  Ed25519PublicKey key;
  key.key_ = public_;
  return key;
}

std::array<std::uint8_t, 64> Ed25519KeyPair::sign(ByteView message) const {
  std::array<std::uint8_t, 64> signature{};
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_.data());
  return signature;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
