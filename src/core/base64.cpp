#include "voicebridge/core/base64.hpp"

#include <array>
#include <cstring>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

using CharPair = std::array<char, 2>;
using EncodeTable = std::array<CharPair, 4096>;
using DecodeTable = std::array<std::array<std::uint32_t, 256>, 4>;

// Both characters of every 12-bit value: half the look-ups and stores of a table of 64.
constexpr EncodeTable make_encode_table() {
  EncodeTable table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {kAlphabet[i >> 6], kAlphabet[i & 63]};
  return table;
}

// A set bit above the 24 that a group carries says that one of its characters is not in the
// alphabet.
constexpr std::uint32_t kInvalid = 1u << 24;

// One table for each place in a group of four, so that a group is three ORs and one check.
constexpr DecodeTable make_decode_table() {
  DecodeTable table{};
  for (auto& place : table) {
    for (auto& entry : place) entry = kInvalid;
  }
  for (std::uint32_t value = 0; value < 64; ++value) {
    const auto character = static_cast<unsigned char>(kAlphabet[value]);
    for (unsigned place = 0; place < 4; ++place)
      table[place][character] = value << (18 - 6 * place);
  }
  return table;
}

constexpr EncodeTable kEncode = make_encode_table();
constexpr DecodeTable kDecode = make_decode_table();

void encode_group(char* out, const std::uint8_t* in) {
  const std::uint32_t bits = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
  std::memcpy(out, kEncode[bits >> 12].data(), 2);
  std::memcpy(out + 2, kEncode[bits & 0xFFF].data(), 2);
}

void encode_tail(char* out, const std::uint8_t* in, std::size_t size) {
  const std::uint8_t last[3] = {in[0], size == 2 ? in[1] : std::uint8_t{0}, 0};
  encode_group(out, last);
  out[3] = '=';
  if (size == 1) out[2] = '=';
}

std::uint32_t group_bits(const unsigned char* in) {
  return kDecode[0][in[0]] | kDecode[1][in[1]] | kDecode[2][in[2]] | kDecode[3][in[3]];
}

void store_group(std::uint8_t* out, std::uint32_t bits) {
  out[0] = static_cast<std::uint8_t>(bits >> 16);
  out[1] = static_cast<std::uint8_t>(bits >> 8);
  out[2] = static_cast<std::uint8_t>(bits);
}

// The last group may be padded; the bits that padding leaves unused must be 0.
bool decode_last_group(std::uint8_t* out, const unsigned char* in, std::size_t bytes) {
  unsigned char filled[4] = {in[0], in[1], in[2], in[3]};
  for (std::size_t i = bytes + 1; i < 4; ++i) filled[i] = 'A';
  const std::uint32_t bits = group_bits(filled);
  const std::uint32_t unused = (1u << (8 * (3 - bytes))) - 1;
  if ((bits & (kInvalid | unused)) != 0) return false;
  for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<std::uint8_t>(bits >> (16 - 8 * i));
  return true;
}

bool decode_into(std::uint8_t* out, std::string_view text) {
  if (text.empty()) return true;
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t whole_groups = text.size() / 4 - 1;
  std::uint32_t seen = 0;  // Judged once at the end: a branch a group would halve the speed.
  for (std::size_t i = 0; i < whole_groups; ++i, in += 4, out += 3) {
    const std::uint32_t bits = group_bits(in);
    seen |= bits;
    store_group(out, bits);
  }
  if ((seen & kInvalid) != 0) return false;
  return decode_last_group(out, in, base64_decoded_size(text) - 3 * whole_groups);
}

}  // namespace

void base64_append(std::string& out, ByteView bytes) {
  const std::size_t before = out.size();
  out.resize(before + base64_encoded_size(bytes.size()));
  char* to = out.data() + before;
  const std::uint8_t* from = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 3; left -= 3, from += 3, to += 4) encode_group(to, from);
  if (left > 0) encode_tail(to, from, left);
}

std::string base64_encode(ByteView bytes) {
  std::string out;
  base64_append(out, bytes);
  return out;
}

std::size_t base64_decoded_size(std::string_view text) noexcept {
  const std::size_t size = text.size();
  if (size == 0 || size % 4 != 0) return 0;
  const std::size_t padding = text[size - 1] != '=' ? 0 : text[size - 2] != '=' ? 1 : 2;
  return size / 4 * 3 - padding;
}

bool base64_decode_append(Bytes& out, std::string_view text) {
  if (text.size() % 4 != 0) return false;
  const std::size_t before = out.size();
  out.resize(before + base64_decoded_size(text));
  if (decode_into(out.data() + before, text)) return true;
  out.resize(before);
  return false;
}

Result<Bytes> base64_decode(std::string_view text) {
  Bytes out;
  if (base64_decode_append(out, text)) return out;
  return fail(Errc::invalid_argument,
              text.size() % 4 != 0 ? "base64 text must be padded to a multiple of 4 characters"
                                   : "base64 text holds a character that does not belong there, or "
                                     "unused bits that are not 0");
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
