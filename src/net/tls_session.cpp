#include "net/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

bool is_ip_address(const std::string& host) {
  ASN1_OCTET_STRING* const address = a2i_IPADDRESS(host.c_str());
  ASN1_OCTET_STRING_free(address);
  return address != nullptr;
}

bool expect_host(SSL* ssl, const std::string& host) {
  if (is_ip_address(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

int TlsSession::bio_read(BIO* bio, char* data, std::size_t size, std::size_t* done) {
  auto& input = static_cast<TlsSession*>(BIO_get_data(bio))->input_;
  BIO_clear_retry_flags(bio);
  *done = std::min(size, input.size());
  if (*done == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(data, input.data(), *done);
  input.remove_prefix(*done);
  return 1;
}

int TlsSession::bio_write(BIO* bio, const char* data, std::size_t size, std::size_t* done) {
  static_cast<TlsSession*>(BIO_get_data(bio))->output_->append(data, size);
  *done = size;
  return 1;
}

long TlsSession::bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* TlsSession::memory_bio() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "voicebridge memory");
    BIO_meth_set_read_ex(made, &TlsSession::bio_read);
    BIO_meth_set_write_ex(made, &TlsSession::bio_write);
    BIO_meth_set_ctrl(made, &TlsSession::bio_control);
    return made;
  }();
  return method;
}

Result<std::unique_ptr<TlsSession>> TlsSession::create(const TlsContext& context) {
  ERR_clear_error();
  SslPtr ssl(SSL_new(context.native()));
  BIO* const bio = BIO_new(memory_bio());
  if (!ssl || bio == nullptr) {
    BIO_free(bio);
    return fail(Errc::internal, "no TLS session could be made: " + take_openssl_error());
  }
  SSL_set_bio(ssl.get(), bio, bio);
  std::unique_ptr<TlsSession> session(new TlsSession(std::move(ssl)));
  BIO_set_data(bio, session.get());
  BIO_set_init(bio, 1);
  return session;
}

Result<std::unique_ptr<TlsSession>> TlsSession::client(const TlsContext& context,
                                                       const std::string& host) {
  auto session = create(context);
  if (!session) return session;
  SSL* const ssl = (*session)->ssl_.get();
  SSL_set_connect_state(ssl);
  if (!expect_host(ssl, host)) {
    return fail(Errc::invalid_argument, "not a name that a certificate can have: " + host, "url");
  }
  return session;
}

Result<std::unique_ptr<TlsSession>> TlsSession::server(const TlsContext& context) {
  auto session = create(context);
  if (session) SSL_set_accept_state((*session)->ssl_.get());
  return session;
}

TlsSession::State TlsSession::handshake(std::string& output) {
  if (state_ != State::handshaking) return state_;
  ERR_clear_error();
  output_ = &output;
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    state_ = State::open;
  } else if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) {
    fail_session();
  }
  return state_;
}

std::size_t TlsSession::read(char* plain, std::size_t capacity, std::string& output) {
  if (state_ != State::open) return 0;
  ERR_clear_error();
  output_ = &output;
  std::size_t size = 0;
  const int result = SSL_read_ex(ssl_.get(), plain, capacity, &size);
  if (result == 1) return size;
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_ZERO_RETURN) {
    state_ = State::closed;
  } else if (error != SSL_ERROR_WANT_READ) {
    fail_session();
  }
  return 0;
}

bool TlsSession::write(std::string_view plain, std::string& output) {
  if (state_ != State::open && state_ != State::closed) return false;  // the peer's end is not ours
  if (plain.empty()) return true;
  ERR_clear_error();
  output_ = &output;
  std::size_t written = 0;
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) == 1) return true;
  fail_session();
  return false;
}

void TlsSession::close(std::string& output) {
  if (state_ != State::open && state_ != State::closed) return;
  ERR_clear_error();
  output_ = &output;
  SSL_shutdown(ssl_.get());
}

void TlsSession::fail_session() {
  state_ = State::failed;
  const long verified = SSL_get_verify_result(ssl_.get());
  error_ = take_openssl_error();
  if (verified != X509_V_OK) error_ = X509_verify_cert_error_string(verified);
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
