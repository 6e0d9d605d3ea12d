#include "net/http_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <websocketpp/http/request.hpp>

#include "net/ascii.hpp"
#include "net/http_syntax.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

using Fault = std::optional<HttpFault>;

constexpr std::string_view kLineEnd = "\r\n";
/// Two of these in one head and two servers could read it differently.
constexpr std::array<std::string_view, 3> kSingleFields{"content-length", "transfer-encoding",
                                                        "host"};

/// Checks what websocketpp's parser lets pass: it strips the white space that tells a folded line
/// or a disguised name, and joins repeated fields.
class LineCheck {
 public:
  Fault operator()(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') return HttpFault{400, "folded header line"};
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return HttpFault{400, "malformed header line"};
    }
    if (!is_field_value(line.substr(colon + 1))) {
      return HttpFault{400, "control character in a header"};
    }
    return count(line.substr(0, colon));
  }

 private:
  Fault count(std::string_view name) {
    for (std::size_t i = 0; i < kSingleFields.size(); ++i) {
      if (!equals_ignore_case(name, kSingleFields[i])) continue;
      if (seen_[i]) return HttpFault{400, "repeated header"};
      seen_[i] = true;
    }
    return std::nullopt;
  }

  std::array<bool, kSingleFields.size()> seen_{};
};

Fault check_lines(std::string_view head) {
  LineCheck check;
  bool request_line = true;
  while (head != kLineEnd) {
    const std::size_t end = head.find(kLineEnd);
    if (end == std::string_view::npos || end == 0) return HttpFault{400, "malformed head"};
    const std::string_view line = head.substr(0, end);
    if (request_line) {
      if (!is_field_value(line)) return HttpFault{400, "malformed request line"};
    } else if (auto fault = check(line)) {
      return fault;
    }
    request_line = false;
    head.remove_prefix(end + kLineEnd.size());
  }
  return request_line ? Fault(HttpFault{400, "malformed request line"}) : std::nullopt;
}

Fault read_version(const std::string& version, HttpHead& head) {
  head.http_1_1 = version == "HTTP/1.1";
  if (head.http_1_1 || version == "HTTP/1.0") return std::nullopt;
  const bool other =
      version.size() == 8 && version.compare(0, 5, "HTTP/") == 0 && version[6] == '.';
  return other ? HttpFault{505, "HTTP version not supported"}
               : HttpFault{400, "malformed request line"};
}

Fault read_target(std::string target, HttpHead& head) {
  const auto is_bad = [](char c) {
    return c <= ' ' || c == 0x7f;
  };  // char is signed: beyond ASCII too
  if (target.empty() || std::any_of(target.begin(), target.end(), is_bad)) {
    return HttpFault{400, "malformed request target"};
  }
  if (target.front() == '/' || (target == "*" && head.method == "OPTIONS")) {
    head.target = std::move(target);
    return std::nullopt;
  }
  const auto url = parse_url(target);  // the absolute form, which proxies send
  if (!url) return HttpFault{400, "malformed request target"};
  head.target = url->target;
  return std::nullopt;
}

Fault read_framing(HttpHead& head) {
  const auto coding = head.headers.find("transfer-encoding");
  const auto length = head.headers.find("content-length");
  if (coding) {
    if (length) return HttpFault{400, "both Content-Length and Transfer-Encoding"};
    if (!head.http_1_1) return HttpFault{400, "Transfer-Encoding in HTTP/1.0"};
    if (!equals_ignore_case(*coding, "chunked")) return HttpFault{501, "unknown transfer coding"};
    head.chunked = true;
  }
  if (length) {
    std::size_t value = 0;
    const char* const last = length->data() + length->size();
    const auto [end, error] = std::from_chars(length->data(), last, value);
    if (error == std::errc::result_out_of_range && end == last) {
      return HttpFault{413, "body too large"};
    }
    if (error != std::errc() || end != last) return HttpFault{400, "malformed Content-Length"};
    head.content_length = value;
  }
  return std::nullopt;
}

Fault check_fields(HttpHead& head) {
  if (head.http_1_1 && head.headers.count("host") == 0) return HttpFault{400, "Host is missing"};
  const auto expect = head.headers.find("expect");
  if (expect && !equals_ignore_case(*expect, "100-continue")) {
    return HttpFault{417, "unknown expectation"};
  }
  return read_framing(head);
}

}  // namespace

bool has_list_value(const HttpHeaders& headers, std::string_view name, std::string_view value) {
  const auto list = headers.find(name);
  return list && any_part(*list, ',', [value](std::string_view part) {
           return equals_ignore_case(part, value);
         });
}

bool HttpHead::keep_alive() const {
  if (has_list_value(headers, "connection", "close")) return false;
  return http_1_1 || has_list_value(headers, "connection", "keep-alive");
}

tl::expected<HttpHead, HttpFault> parse_http_head(std::string_view text) {
  if (auto fault = check_lines(text)) return tl::unexpected(*fault);
  websocketpp::http::parser::request parser;
  try {
    // Without the empty line: at it the parser would go on to bodies by rules that are not ours,
    // and refuse the HTTP/1.0 requests without Host that load balancers send.
    text.remove_suffix(kLineEnd.size());
    parser.consume(text.data(), text.size());
  } catch (const websocketpp::http::exception& e) {
    return tl::unexpected(HttpFault{static_cast<int>(e.m_error_code), "malformed head"});
  }
  HttpHead head;
  head.method = parser.get_method();
  for (const auto& [name, value] : parser.get_headers()) head.headers.add(name, value);
  if (auto fault = read_version(parser.get_version(), head)) return tl::unexpected(*fault);
  if (auto fault = read_target(parser.get_uri(), head)) return tl::unexpected(*fault);
  if (auto fault = check_fields(head)) return tl::unexpected(*fault);
  return head;
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
