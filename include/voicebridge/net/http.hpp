#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/scheduler.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Header fields in order. Look-up ignores case.
class VOICEBRIDGE_API HttpHeaders {
 public:
  HttpHeaders() = default;
  /// Fields in the order given.
  HttpHeaders(std::initializer_list<std::pair<std::string, std::string>> fields)
      : fields_(fields) {}
  /// Adds one behind the others.
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  void set(std::string_view name, std::string value);  ///< Replaces all fields of the name.
  std::optional<std::string_view> find(std::string_view name) const;  ///< The first of the name.
  /// How many fields have the name.
  std::size_t count(std::string_view name) const;
  /// All, in order.
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request to be sent.
struct HttpRequest {
  std::string method = "GET";  ///< In capitals.
  std::string url;             ///< Absolute, http or https.
  HttpHeaders headers;         ///< Beside those that HTTP itself needs.
  std::string body;            ///< Sent as it is.
  Millis timeout{10000};       ///< From the call to the last byte of the answer.
  /// A longer answer fails with `Errc::payload_too_large`.
  std::size_t max_response_bytes = 1 << 20;
};

/// An answer, to us or by us.
struct HttpResponse {
  int status = 0;       ///< Such as 200.
  HttpHeaders headers;  ///< Beside those that HTTP itself needs.
  std::string body;     ///< As it came, or as it is sent.
};

/// The seam for REST calls. `make_http_client` gives the real one; tests bring their own.
/// @par Threads `send` from any thread.
class VOICEBRIDGE_API HttpClient {
 public:
  /// Takes the answer, or why none came.
  using Done = std::function<void(Result<HttpResponse>)>;
  virtual ~HttpClient() = default;
  /// Sends the request; `done` runs exactly once, on `on`, never inside this call. An answer of any
  /// status is a result; an error is that none came: `unavailable`, `deadline_exceeded`,
  /// `payload_too_large`, `cancelled`.
  virtual void send(HttpRequest request, Scheduler& on, Done done) = 0;
};

/// Percent-encodes for one path segment or query value (RFC 3986 unreserved characters stay).
VOICEBRIDGE_API std::string url_encode(std::string_view text);
/// Decodes %XX (and '+' as a space when `form`). Malformed escapes stay as they are.
VOICEBRIDGE_API std::string url_decode(std::string_view text, bool form = false);

/// The parts of an absolute URL. `scheme` and `host` are in lower case; `target` is path and query,
/// "/" at least.
struct Url {
  std::string scheme;      ///< Without "://".
  std::string host;        ///< A name or an address, without the port.
  std::uint16_t port = 0;  ///< The scheme's default when the text has none.
  std::string target;      ///< What stands behind the host.
  /// Whether it wants TLS.
  bool secure() const { return scheme == "https" || scheme == "wss"; }
  /// `host` or `host:port` as a Host header wants it.
  std::string authority() const;
};
/// `Errc::invalid_argument` for what is not absolute, or has a port that is none.
VOICEBRIDGE_API Result<Url> parse_url(std::string_view text);

/// The value of a query parameter in a target such as `/a?x=1&y=2`, decoded.
VOICEBRIDGE_API std::optional<std::string> query_parameter(std::string_view target,
                                                           std::string_view name);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
