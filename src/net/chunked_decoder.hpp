#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Decodes a chunked body (RFC 9112 section 7.1). Extensions and trailers are read over.
class ChunkedDecoder {
 public:
  static constexpr std::size_t kMaxLineBytes = 256;      ///< A chunk-size line with its extensions.
  static constexpr std::size_t kMaxTrailerBytes = 8192;  ///< All trailer lines together.

  enum class Status { more, done, malformed, too_large };

  explicit ChunkedDecoder(std::size_t max_body_bytes) : room_(max_body_bytes) {}

  /// Appends what it decodes to `body`. Takes no byte after the end; once the status is not `more`,
  /// none.
  /// @return the bytes taken.
  std::size_t feed(std::string_view bytes, std::string& body);
  Status status() const { return status_; }

 private:
  enum class Part { size_line, data, data_end, trailer };

  std::size_t take_data(std::string_view bytes, std::string& body);
  void take_byte(char c);
  std::size_t max_line_bytes() const;
  void end_line();
  void end_size_line();

  std::size_t room_;
  std::size_t left_ = 0;  // of the chunk
  std::size_t trailer_bytes_ = 0;
  std::string line_;  // up to its CR
  bool after_cr_ = false;
  Part part_ = Part::size_line;
  Status status_ = Status::more;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
