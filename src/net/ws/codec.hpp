#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/buffer_pool.hpp"
#include "net/ws/utf8.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net::ws {

/// Which end of the connection this program is. A client masks what it sends (RFC 6455
/// section 5.3).
enum class Role { client, server };

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Status codes of RFC 6455 section 7.4.1 that this program uses itself.
enum CloseCode : std::uint16_t {
  kCloseNormal = 1000,
  kCloseGoingAway = 1001,
  kCloseProtocolError = 1002,
  kCloseNoStatus = 1005,  ///< Never on the wire: a Close frame without a code.
  kCloseAbnormal = 1006,  ///< Never on the wire: no Close frame at all.
  kCloseInvalidText = 1007,
  kCloseTooBig = 1009,
};

/// Whether the code may stand in a Close frame.
bool is_wire_close_code(unsigned code);

/// Receives what a decoder finds. The views are valid during the call only. False stops the decoder
/// behind the frame.
class FrameSink {
 public:
  virtual bool on_message(Opcode kind,
                          std::string_view message) = 0;  ///< `text` or `binary`, whole.
  virtual bool on_control(Opcode kind,
                          std::string_view payload) = 0;  ///< `close`, `ping` or `pong`.

 protected:
  ~FrameSink() = default;
};

/// Takes the bytes of one direction apart into messages and control frames (RFC 6455 section 5).
///
/// Works in place: a frame that lies whole in the fed bytes and is a whole message is handed on
/// without a copy. What the decoder reports does not depend on how the bytes were cut.
class FrameDecoder {
 public:
  /// `pool` lends the memory for messages that arrive in pieces; it must outlive the decoder.
  FrameDecoder(Role role, std::size_t max_message, BufferPool& pool)
      : role_(role), max_message_(max_message), pool_(pool) {}
  ~FrameDecoder() { pool_.give(message_); }
  FrameDecoder(const FrameDecoder&) = delete;
  FrameDecoder& operator=(const FrameDecoder&) = delete;

  /// Decodes, and unmasks in place. Returns the bytes used: all, unless the sink stopped or
  /// `error()` is set.
  std::size_t feed(char* data, std::size_t size, FrameSink& sink);

  /// The close code for what the peer did wrong; 0 while all is well. Nothing more is decoded after
  /// an error.
  std::uint16_t error() const { return error_; }
  std::string_view error_text() const { return error_text_; }

 private:
  struct Header {
    Opcode opcode = Opcode::continuation;
    bool fin = false;
    std::uint64_t length = 0;
    std::array<char, 4> mask{};  ///< Zero when the frame is not masked.
    bool is_control() const { return (static_cast<unsigned>(opcode) & 8) != 0; }
  };

  std::size_t take_header(const char* data, std::size_t size);
  std::size_t header_size() const;
  bool check_first_bytes();
  bool parse_length();
  bool take_data(char* data, std::size_t size, FrameSink& sink);
  bool check_text(std::string_view piece, bool ascii, bool last);
  bool end_message(FrameSink& sink);
  bool take_control(char* data, std::size_t size, FrameSink& sink);
  bool end_control(std::string_view payload, FrameSink& sink);
  bool fail(std::uint16_t code, std::string_view text);

  const Role role_;
  const std::size_t max_message_;
  BufferPool& pool_;

  std::array<std::uint8_t, 14> raw_header_{};
  std::uint8_t raw_size_ = 0;
  bool in_payload_ = false;
  Header header_;
  std::uint64_t payload_done_ = 0;  ///< Bytes of the frame's payload seen so far.

  bool in_message_ = false;  ///< A first fragment came, the last did not.
  Opcode message_kind_ = Opcode::text;
  std::string message_;  ///< What came before of a message in pieces.
  Utf8Validator utf8_;
  std::array<char, 125> control_{};  ///< A control frame in pieces.

  std::uint16_t error_ = 0;
  std::string_view error_text_;
};

/// XORs the bytes with the mask, which begins at its byte `offset % 4`. True when every byte is
/// ASCII afterwards.
bool apply_mask(char* data, std::size_t size, const std::array<char, 4>& mask,
                std::uint64_t offset = 0);

/// Masks nobody can guess (RFC 6455 section 10.3), drawn from the system many at a time. One
/// thread.
class MaskSource {
 public:
  std::array<char, 4> next();

 private:
  std::array<std::array<char, 4>, 256> masks_{};
  std::size_t used_ = 256;
};

/// The room that `seal_frame` needs in front of the payload.
constexpr std::size_t kMaxFrameHeader = 14;

/// Makes one unfragmented frame of the payload: writes the header into the bytes just before it,
/// and masks it in place when `masks` is given. Returns where the frame begins.
char* seal_frame(char* payload, std::size_t size, Opcode opcode, MaskSource* masks);

}  // namespace net::ws
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
