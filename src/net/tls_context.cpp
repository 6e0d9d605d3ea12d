#include "net/tls_context.hpp"

#include <openssl/err.h>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // An idle connection gives its record buffers back, and what could not be sent may be retried
  // from elsewhere.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

}  // namespace

Result<TlsContext> TlsContext::client(const TlsClientOptions& options) {
  ERR_clear_error();
  auto context = make_context(TLS_client_method());
  if (!context) return fail(Errc::internal, "TLS is not available: " + take_openssl_error());
  if (options.verify_peer) {
    const bool trusted =
        options.ca_file.empty()
            ? SSL_CTX_set_default_verify_paths(context.get()) == 1
            : SSL_CTX_load_verify_locations(context.get(), options.ca_file.c_str(), nullptr) == 1;
    if (!trusted) {
      return fail(Errc::invalid_argument,
                  "the certificate authorities cannot be read: " + take_openssl_error(), "ca_file");
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  return TlsContext(std::move(context), options.verify_peer);
}

Result<TlsContext> TlsContext::server(const std::string& certificate_file,
                                      const std::string& key_file) {
  ERR_clear_error();
  auto context = make_context(TLS_server_method());
  if (!context) return fail(Errc::internal, "TLS is not available: " + take_openssl_error());
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return fail(Errc::invalid_argument, "the certificate cannot be read: " + take_openssl_error(),
                "tls_certificate_file");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(Errc::invalid_argument,
                "the key cannot be read or is not the certificate's: " + take_openssl_error(),
                "tls_key_file");
  }
  return TlsContext(std::move(context), false);
}

std::string take_openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "unknown reason";
  const char* const reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "error " + std::to_string(code);
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
