#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/runtime.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Keys, certificates and trust that many connections share. A cheap, copyable handle. Any thread.
class TlsContext {
 public:
  /// Verifies servers against `options.ca_file` or the system's authorities. TLS 1.2 at least.
  static Result<TlsContext> client(const TlsClientOptions& options);
  /// `certificate_file` is a PEM chain, the server's own certificate first.
  static Result<TlsContext> server(const std::string& certificate_file,
                                   const std::string& key_file);

  bool verifies_peer() const { return verifies_peer_; }
  SSL_CTX* native() const { return context_.get(); }

 private:
  TlsContext(std::shared_ptr<SSL_CTX> context, bool verifies_peer)
      : context_(std::move(context)), verifies_peer_(verifies_peer) {}

  std::shared_ptr<SSL_CTX> context_;
  bool verifies_peer_;
};

/// The newest entry of this thread's OpenSSL error queue in words; empties the queue.
std::string take_openssl_error();

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
