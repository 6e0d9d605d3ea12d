#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Compares in time that depends on the lengths only.
VOICEBRIDGE_API bool constant_time_equal(ByteView a, ByteView b) noexcept;
/// The same of text.
VOICEBRIDGE_API bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

/// HMAC (RFC 2104) with SHA-1.
VOICEBRIDGE_API std::array<std::uint8_t, 20> hmac_sha1(ByteView key, ByteView message);
/// HMAC (RFC 2104) with SHA-256.
VOICEBRIDGE_API std::array<std::uint8_t, 32> hmac_sha256(ByteView key, ByteView message);
/// The digest of FIPS 180-4.
VOICEBRIDGE_API std::array<std::uint8_t, 32> sha256(ByteView message);

/// Fills with bytes nobody can guess.
VOICEBRIDGE_API void random_bytes(std::uint8_t* out, std::size_t size);

/// An Ed25519 public key (RFC 8032).
class VOICEBRIDGE_API Ed25519PublicKey {
 public:
  /// Accepts the base64 of the raw 32 bytes, the base64 of the DER SubjectPublicKeyInfo, and PEM
  /// text.
  static Result<Ed25519PublicKey> parse(std::string_view text);
  /// Whether the signature is that key's. One of another length than 64 bytes is none.
  bool verify(ByteView message, ByteView signature) const noexcept;
  /// Of the raw 32 bytes.
  std::string to_base64() const;

 private:
  friend class Ed25519KeyPair;
  std::array<std::uint8_t, 32> key_{};
};

/// A signing key, for the simulators and tests.
class VOICEBRIDGE_API Ed25519KeyPair {
 public:
  /// A new one, from the system's randomness.
  static Ed25519KeyPair generate();
  /// Always the same one of a seed.
  static Ed25519KeyPair from_seed(const std::array<std::uint8_t, 32>& seed);
  /// What verifies its signatures.
  Ed25519PublicKey public_key() const;
  /// The signature of RFC 8032.
  std::array<std::uint8_t, 64> sign(ByteView message) const;

 private:
  std::array<std::uint8_t, 64> secret_{};
  std::array<std::uint8_t, 32> public_{};
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
