#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Why a request cannot be served: what is answered before the connection closes.
struct HttpFault {
  int status = 400;
  std::string_view reason;  ///< A literal.
};

/// The head of a request, checked.
struct HttpHead {
  std::string method;
  std::string target;  ///< In origin form ("/path?query"), or "*".
  bool http_1_1 = true;
  /// Sorted by name; repeated fields are joined with ", ".
  HttpHeaders headers;
  std::optional<std::size_t> content_length;
  bool chunked = false;

  bool has_body() const { return chunked || content_length.value_or(0) != 0; }
  /// Whether the peer wants the connection to stay (RFC 9112 section 9.3).
  bool keep_alive() const;
};

/// Whether one of the comma-separated values of a field is `value`, ignoring case.
bool has_list_value(const HttpHeaders& headers, std::string_view name, std::string_view value);

/// Reads one head: from the request line to the empty line, both included, nothing after.
///
/// Stricter than RFC 9112 demands where tolerance has led to request smuggling: no bare CR or LF,
/// no folded lines, no space before a colon, no repeated Content-Length, Transfer-Encoding or Host,
/// never both of the first two, no transfer coding but chunked.
tl::expected<HttpHead, HttpFault> parse_http_head(std::string_view head);

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
