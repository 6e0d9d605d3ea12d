#include "voicebridge/audio/format.hpp"

#include <fmt/format.h>

#include "voicebridge/core/base64.hpp"

namespace voicebridge {

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

}  // namespace voicebridge
