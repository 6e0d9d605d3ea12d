#pragma once

#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net::ws {

/// A head that has not ended after so many bytes is refused.
constexpr std::size_t kMaxUpgradeHead = 16 * 1024;

/// The size of the HTTP head that `bytes` begins with, its empty line included; 0 when it is not
/// complete. What follows belongs to the WebSocket and must not be given to the functions below.
std::size_t head_size(std::string_view bytes);

/// What a server answers to an upgrade request.
struct UpgradeReply {
  int status = 0;      ///< 101, or why not: 400, 405, 426, 505.
  std::string reason;  ///< One sentence for a person; empty for 101.
  std::string
      bytes;  ///< For 101 the complete answer, else empty: the HTTP server says no in its own way.
};

/// Whether a request asks for a WebSocket at all.
bool asks_for_websocket(const HttpHeaders& headers);

/// The server's side of the opening handshake (RFC 6455 section 4.2) for one complete request head.
/// No extension and no subprotocol is accepted.
UpgradeReply accept_upgrade(std::string_view head);

/// The client's side of the opening handshake (RFC 6455 section 4.1).
class ClientUpgrade {
 public:
  /// Fails with `invalid_argument` for a header that would break the head or that the handshake
  /// sets itself.
  static Result<ClientUpgrade> create(const Url& url, const HttpHeaders& headers);

  /// The bytes to send.
  const std::string& request() const { return request_; }
  /// Checks the server's complete answer head. An answer other than 101 fails with its
  /// `http_status`.
  Result<> check(std::string_view head) const;

 private:
  ClientUpgrade(std::string request, bool offers_protocol)
      : request_(std::move(request)), offers_protocol_(offers_protocol) {}

  std::string request_;
  bool offers_protocol_;
};

}  // namespace net::ws
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
