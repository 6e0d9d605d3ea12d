#include "voicebridge/audio/format.hpp"

#include <fmt/format.h>

#include "audio/opus_packet.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// The first two bytes of base64 text, as far as it has them.
std::size_t base64_head(std::string_view text, std::uint8_t (&head)[2]) noexcept {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  for (; digits < 3 && digits < text.size(); ++digits) {
    const std::size_t value = kAlphabet.find(text[digits]);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
  }
  if (digits < 2) return 0;
  bits <<= 6 * (3 - digits);
  head[0] = static_cast<std::uint8_t>(bits >> 10);
  head[1] = static_cast<std::uint8_t>(bits >> 2);
  return digits - 1;
}

}  // namespace

std::string_view to_string(AudioEncoding encoding) noexcept {
  switch (encoding) {
    case AudioEncoding::pcmu:
      return "PCMU";
    case AudioEncoding::pcma:
      return "PCMA";
    case AudioEncoding::l16le:
      return "L16";
    case AudioEncoding::l16be:
      return "L16BE";
    case AudioEncoding::g722:
      return "G722";
    case AudioEncoding::opus:
      return "OPUS";
  }
  return "unknown";
}

std::string to_string(AudioFormat format) {
  return fmt::format("{}/{}", to_string(format.encoding), format.sample_rate);
}

std::size_t payload_size(const AudioPayload& payload) noexcept {
  return payload.base64.empty() ? payload.bytes.size() : base64_decoded_size(payload.base64);
}

Micros payload_duration(const AudioPayload& payload) noexcept {
  const std::size_t size = payload_size(payload);
  if (payload.format.constant_rate()) return payload.format.duration(size);
  if (payload.base64.empty()) return detail::opus_packet_duration(payload.bytes);
  std::uint8_t head[2];
  return detail::opus_packet_duration(ByteView(head, base64_head(payload.base64, head)));
}

bool payload_bytes(const AudioPayload& payload, Bytes& scratch, ByteView& out) {
  if (payload.base64.empty()) {
    out = payload.bytes;
    return true;
  }
  scratch.clear();
  if (!base64_decode_append(scratch, payload.base64)) return false;
  out = scratch;
  return true;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
