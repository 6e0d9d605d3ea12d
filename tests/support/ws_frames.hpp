#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/ws/codec.hpp"

namespace voicebridge::test {

/// How a frame is to be put together, right or wrong.
struct FrameShape {
  bool masked = true;
  int length_bytes = -1;  ///< 0, 2 or 8 extended length bytes; -1: the shortest form.
};

/// One frame whose first byte (FIN, reserved bits, opcode) is `first`.
inline std::string make_frame(unsigned first, std::string_view payload, FrameShape shape = {}) {
  static constexpr std::array<char, 4> kMask{'\x11', '\x82', '\x33', '\xF4'};
  if (shape.length_bytes < 0) {
    shape.length_bytes = payload.size() < 126 ? 0 : payload.size() <= 0xFFFF ? 2 : 8;
  }
  const unsigned mask_bit = shape.masked ? 0x80 : 0;
  const unsigned length = shape.length_bytes == 0   ? static_cast<unsigned>(payload.size())
                          : shape.length_bytes == 2 ? 126
                                                    : 127;
  std::string frame;
  frame += static_cast<char>(first);
  frame += static_cast<char>(mask_bit | length);
  for (int i = shape.length_bytes - 1; i >= 0; --i) {
    frame += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> (8 * i));
  }
  if (!shape.masked) return frame += payload;
  frame.append(kMask.data(), kMask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
  }
  return frame;
}

/// What a decoder reports, as text that can be compared.
class FrameLog final : public net::ws::FrameSink {
 public:
  bool on_message(net::ws::Opcode kind, std::string_view message) override {
    note(kind == net::ws::Opcode::text ? "text" : "binary", message);
    return true;
  }
  bool on_control(net::ws::Opcode kind, std::string_view payload) override {
    note(kind == net::ws::Opcode::close  ? "close"
         : kind == net::ws::Opcode::ping ? "ping"
                                         : "pong",
         payload);
    return kind != net::ws::Opcode::close;
  }

  std::vector<std::string> events;
  bool stopped = false;  ///< A Close frame came.

 private:
  void note(const char* kind, std::string_view payload) {
    events.push_back(std::string(kind) + ":" + std::string(payload));
    stopped = stopped || events.back().compare(0, 6, "close:") == 0;
  }
};

}  // namespace voicebridge::test
