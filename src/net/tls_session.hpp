#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "net/tls_context.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// One TLS connection without a socket: the record layer works out of and into memory.
///
/// What the peer sent is lent with `feed`; then `handshake` or `read` is called until it has
/// nothing more to give. Every call may produce ciphertext for the peer (handshake, alerts, answers
/// to a key update), which it appends to `output`; the owner sends it before it does anything else.
class TlsSession {
 public:
  enum class State { handshaking, open, closed, failed };

  /// `host` is what the certificate must name, and the SNI name when it is not an address.
  static Result<std::unique_ptr<TlsSession>> client(const TlsContext& context,
                                                    const std::string& host);
  static Result<std::unique_ptr<TlsSession>> server(const TlsContext& context);

  State state() const { return state_; }
  /// Why the state is `failed`.
  const std::string& error() const { return error_; }

  /// Lends the next bytes of the peer. They are not copied: they must stay until `read` gave 0.
  void feed(std::string_view cipher) { input_ = cipher; }
  /// Takes the handshake as far as the input allows; the result is also in `state()`. A client
  /// calls it once without input to start.
  State handshake(std::string& output);
  /// The next plain bytes, as many as are there and fit. 0: all input is used, or the state is no
  /// longer `open`.
  std::size_t read(char* plain, std::size_t capacity, std::string& output);
  /// Encrypts all of `plain`. False: the connection has failed.
  bool write(std::string_view plain, std::string& output);
  /// Appends the close_notify alert.
  void close(std::string& output);
  /// For what this class does not offer.
  SSL* native() { return ssl_.get(); }

 private:
  struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  using SslPtr = std::unique_ptr<SSL, SslDeleter>;

  explicit TlsSession(SslPtr ssl) : ssl_(std::move(ssl)) {}
  static Result<std::unique_ptr<TlsSession>> create(const TlsContext& context);
  static BIO_METHOD* memory_bio();
  static int bio_read(BIO* bio, char* data, std::size_t size, std::size_t* done);
  static int bio_write(BIO* bio, const char* data, std::size_t size, std::size_t* done);
  static long bio_control(BIO* bio, int command, long number, void* pointer);
  void fail_session();

  SslPtr ssl_;
  State state_ = State::handshaking;
  std::string_view input_;
  std::string* output_ = nullptr;  ///< Of the call that runs.
  std::string error_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
