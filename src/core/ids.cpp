#include "voicebridge/core/ids.hpp"

#include <array>

#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr char kUrlAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr char kUuidDigits[] = "0123456789abcdef";
constexpr std::size_t kIdCharacters = 22;

std::uint64_t splitmix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace

IdGenerator::IdGenerator() = default;
IdGenerator::IdGenerator(std::uint64_t seed) : seeded_(true), state_(seed) {}

void IdGenerator::fill(std::uint8_t* out, std::size_t size) {
  if (!seeded_) return random_bytes(out, size);
  for (std::size_t i = 0; i < size; ++i)
    out[i] = static_cast<std::uint8_t>(splitmix64(state_) >> 56);
}

std::string IdGenerator::make(std::string_view prefix) {
  std::array<std::uint8_t, kIdCharacters> random;
  fill(random.data(), random.size());
  std::string id(prefix);
  for (const std::uint8_t byte : random) id += kUrlAlphabet[byte & 63];
  return id;
}

std::string IdGenerator::uuid() {
  std::array<std::uint8_t, 16> random;
  fill(random.data(), random.size());
  random[6] = (random[6] & 0x0F) | 0x40;  // RFC 9562 section 5.4: version 4,
  random[8] = (random[8] & 0x3F) | 0x80;  // variant 10.
  std::string text;
  for (std::size_t i = 0; i < random.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kUuidDigits[random[i] >> 4];
    text += kUuidDigits[random[i] & 15];
  }
  return text;
}

std::string random_id(std::string_view prefix) { return IdGenerator().make(prefix); }
std::string random_uuid() { return IdGenerator().uuid(); }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
