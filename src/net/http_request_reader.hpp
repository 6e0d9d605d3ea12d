#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/chunked_decoder.hpp"
#include "net/http_head.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

struct HttpReaderLimits {
  std::size_t max_head_bytes = 16000;
  std::size_t max_body_bytes = 1 << 20;
};

/// Reads one HTTP/1.x request after another from bytes in any cut.
class HttpRequestReader {
 public:
  enum class State {
    idle,      ///< Not one byte of a request has come.
    head,      ///< Within the head.
    body,      ///< Within the body.
    complete,  ///< Waits for `reset`.
    failed,    ///< See `fault()`; takes nothing any more.
  };

  explicit HttpRequestReader(HttpReaderLimits limits) : limits_(limits) {}

  /// Takes bytes up to the end of the request, never one of the next. @return the bytes taken.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }
  const HttpFault& fault() const { return fault_; }  ///< When `failed`.
  const HttpHead& head() const { return *head_; }    ///< When `body` or `complete`.
  bool has_head() const { return head_.has_value(); }
  /// The head as it came, with its empty line.
  const std::string& raw_head() const { return raw_head_; }
  /// The body, decoded if it was chunked. When `complete`.
  std::string take_body() { return std::move(body_); }
  /// Whether the peer holds the body back until it is told `100 Continue` (RFC 9110
  /// section 10.1.1).
  bool expects_continue() const;
  /// Ready for the next request.
  void reset();

 private:
  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  void end_head();
  void fail_with(int status, std::string_view reason);

  HttpReaderLimits limits_;
  State state_ = State::idle;
  std::string raw_head_;
  std::optional<HttpHead> head_;
  std::optional<ChunkedDecoder> chunks_;
  bool body_begun_ = false;
  std::string body_;
  HttpFault fault_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
