#include "net/ws/codec.hpp"

#include <algorithm>
#include <cstring>

#include "voicebridge/core/crypto.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net::ws {
namespace {

constexpr std::uint8_t kFinBit = 0x80;
constexpr std::uint8_t kReservedBits = 0x70;
constexpr std::uint8_t kOpcodeBits = 0x0F;
constexpr std::uint8_t kMaskBit = 0x80;
constexpr std::uint8_t kLengthBits = 0x7F;
constexpr std::uint8_t kLength16 = 126;  // the length follows in 2 bytes
constexpr std::uint8_t kLength64 = 127;  // … in 8 bytes
constexpr std::size_t kMaxControlPayload = 125;

std::uint64_t read_big_endian(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

char* write_big_endian_before(char* end, std::uint64_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) *--end = static_cast<char>(value >> (8 * i));
  return end;
}

bool is_known(Opcode opcode) {
  return opcode <= Opcode::binary || (opcode >= Opcode::close && opcode <= Opcode::pong);
}

}  // namespace

bool is_wire_close_code(unsigned code) {
  if (code >= 3000 && code <= 4999) return true;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

std::size_t FrameDecoder::feed(char* data, std::size_t size, FrameSink& sink) {
  std::size_t used = 0;
  while (used < size && error_ == 0) {
    if (!in_payload_) {
      used += take_header(data + used, size - used);
      if (!in_payload_) continue;
    }
    const std::uint64_t missing = header_.length - payload_done_;
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(missing, size - used));
    char* const payload = data + used;
    used += piece;
    const bool go_on =
        header_.is_control() ? take_control(payload, piece, sink) : take_data(payload, piece, sink);
    if (!go_on) break;
  }
  return used;
}

std::size_t FrameDecoder::take_header(const char* data, std::size_t size) {
  std::size_t used = 0;
  while (used < size) {
    raw_header_[raw_size_++] = static_cast<std::uint8_t>(data[used++]);
    if (raw_size_ == 2 && !check_first_bytes()) return used;
    if (raw_size_ < 2 || raw_size_ < header_size()) continue;
    if (!parse_length()) return used;
    if ((raw_header_[1] & kMaskBit) != 0) {
      std::memcpy(header_.mask.data(), &raw_header_[raw_size_ - 4u], 4);
    } else {
      header_.mask = {};
    }
    raw_size_ = 0;
    payload_done_ = 0;
    in_payload_ = true;
    return used;
  }
  return used;
}

std::size_t FrameDecoder::header_size() const {
  const std::uint8_t length = raw_header_[1] & kLengthBits;
  const std::size_t extended = length == kLength64 ? 8 : length == kLength16 ? 2 : 0;
  return 2 + extended + ((raw_header_[1] & kMaskBit) != 0 ? 4 : 0);
}

bool FrameDecoder::check_first_bytes() {
  header_.fin = (raw_header_[0] & kFinBit) != 0;
  header_.opcode = static_cast<Opcode>(raw_header_[0] & kOpcodeBits);
  if ((raw_header_[0] & kReservedBits) != 0) return fail(kCloseProtocolError, "reserved bit set");
  if (!is_known(header_.opcode)) return fail(kCloseProtocolError, "unknown opcode");
  const bool masked = (raw_header_[1] & kMaskBit) != 0;
  if (masked != (role_ == Role::server)) {
    return fail(kCloseProtocolError,
                masked ? "masked frame of a server" : "unmasked frame of a client");
  }
  if (header_.is_control()) {
    if (!header_.fin) return fail(kCloseProtocolError, "fragmented control frame");
    if ((raw_header_[1] & kLengthBits) > kMaxControlPayload) {
      return fail(kCloseProtocolError, "control frame too long");
    }
    return true;
  }
  if ((header_.opcode == Opcode::continuation) != in_message_) {
    return fail(kCloseProtocolError,
                in_message_ ? "message inside a fragmented message" : "continuation of nothing");
  }
  return true;
}

bool FrameDecoder::parse_length() {
  const std::uint8_t length = raw_header_[1] & kLengthBits;
  header_.length = length;
  if (length == kLength16) {
    header_.length = read_big_endian(&raw_header_[2], 2);
    if (header_.length < kLength16)
      return fail(kCloseProtocolError, "length not in its shortest form");
  } else if (length == kLength64) {
    header_.length = read_big_endian(&raw_header_[2], 8);
    if (header_.length <= 0xFFFF)
      return fail(kCloseProtocolError, "length not in its shortest form");
    if ((header_.length >> 63) != 0)
      return fail(kCloseProtocolError, "length with the highest bit set");
  }
  if (header_.is_control()) return true;
  if (header_.length > max_message_ || message_.size() > max_message_ - header_.length) {
    return fail(kCloseTooBig, "message too big");
  }
  return true;
}

bool FrameDecoder::take_data(char* data, std::size_t size, FrameSink& sink) {
  const bool ascii = apply_mask(data, size, header_.mask, payload_done_);
  if (header_.opcode != Opcode::continuation) message_kind_ = header_.opcode;
  payload_done_ += size;
  const bool frame_ends = payload_done_ == header_.length;
  const bool message_ends = frame_ends && header_.fin;
  const std::string_view piece(data, size);
  if (message_kind_ == Opcode::text && !check_text(piece, ascii, message_ends)) return false;

  if (frame_ends) {
    in_payload_ = false;
    in_message_ = !header_.fin;
  }
  if (message_ends && message_.empty()) return sink.on_message(message_kind_, piece);
  if (piece.empty() && !message_ends) return true;  // borrows no memory for a header alone
  if (message_.empty()) message_ = pool_.take();
  message_.append(piece);
  return message_ends ? end_message(sink) : true;
}

bool FrameDecoder::check_text(std::string_view piece, bool ascii, bool last) {
  const bool good = (ascii && utf8_.at_boundary()) || utf8_.feed(piece);
  if (good && (!last || utf8_.at_boundary())) return true;
  return fail(kCloseInvalidText, "text is not UTF-8");
}

bool FrameDecoder::end_message(FrameSink& sink) {
  const bool go_on = sink.on_message(message_kind_, message_);
  pool_.give(message_);
  return go_on;
}

bool FrameDecoder::take_control(char* data, std::size_t size, FrameSink& sink) {
  apply_mask(data, size, header_.mask, payload_done_);
  const bool whole = size == header_.length;
  if (!whole) std::memcpy(control_.data() + payload_done_, data, size);
  payload_done_ += size;
  if (payload_done_ < header_.length) return true;
  in_payload_ = false;
  return end_control({whole ? data : control_.data(), static_cast<std::size_t>(header_.length)},
                     sink);
}

bool FrameDecoder::end_control(std::string_view payload, FrameSink& sink) {
  if (header_.opcode == Opcode::close && !payload.empty()) {
    if (payload.size() == 1) return fail(kCloseProtocolError, "close frame with half a code");
    const auto code = read_big_endian(reinterpret_cast<const std::uint8_t*>(payload.data()), 2);
    if (!is_wire_close_code(static_cast<unsigned>(code))) {
      return fail(kCloseProtocolError, "close code that may not be sent");
    }
    if (!is_utf8(payload.substr(2))) return fail(kCloseInvalidText, "close reason is not UTF-8");
  }
  return sink.on_control(header_.opcode, payload);
}

bool FrameDecoder::fail(std::uint16_t code, std::string_view text) {
  error_ = code;
  error_text_ = text;
  return false;
}

bool apply_mask(char* data, std::size_t size, const std::array<char, 4>& mask,
                std::uint64_t offset) {
  std::array<char, 8> rotated;
  for (std::size_t i = 0; i < rotated.size(); ++i) rotated[i] = mask[(offset + i) % 4];
  std::uint64_t key;
  std::memcpy(&key, rotated.data(), sizeof key);

  std::uint64_t seen = 0;
  std::size_t i = 0;
  for (; i + sizeof key <= size; i += sizeof key) {
    std::uint64_t word;
    std::memcpy(&word, data + i, sizeof word);
    word ^= key;
    seen |= word;
    std::memcpy(data + i, &word, sizeof word);
  }
  std::uint8_t seen_in_tail = 0;
  for (std::size_t k = 0; i < size; ++i, ++k) {
    data[i] = static_cast<char>(data[i] ^ rotated[k]);
    seen_in_tail |= static_cast<std::uint8_t>(data[i]);
  }
  return (seen & 0x8080808080808080u) == 0 && (seen_in_tail & 0x80) == 0;
}

std::array<char, 4> MaskSource::next() {
  if (used_ == masks_.size()) {
    random_bytes(reinterpret_cast<std::uint8_t*>(masks_.data()), sizeof masks_);
    used_ = 0;
  }
  return masks_[used_++];
}

char* seal_frame(char* payload, std::size_t size, Opcode opcode, MaskSource* masks) {
  char* head = payload;
  std::uint8_t mask_bit = 0;
  if (masks != nullptr) {
    const std::array<char, 4> mask = masks->next();
    apply_mask(payload, size, mask);
    head -= mask.size();
    std::memcpy(head, mask.data(), mask.size());
    mask_bit = kMaskBit;
  }
  if (size <= kMaxControlPayload) {
    *--head = static_cast<char>(mask_bit | size);
  } else if (size <= 0xFFFF) {
    head = write_big_endian_before(head, size, 2);
    *--head = static_cast<char>(mask_bit | kLength16);
  } else {
    head = write_big_endian_before(head, size, 8);
    *--head = static_cast<char>(mask_bit | kLength64);
  }
  *--head = static_cast<char>(kFinBit | static_cast<std::uint8_t>(opcode));
  return head;
}

}  // namespace net::ws
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
