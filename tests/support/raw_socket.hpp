#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace voicebridge::test {

/// A response as a raw socket saw it.
struct RawResponse {
  int status = 0;
  std::string head;
  std::string body;

  bool has(std::string_view line) const { return head.find(line) != std::string::npos; }
};

/// A blocking TCP socket of the loopback address. Whatever takes longer than ten seconds fails the
/// test.
class RawSocket {
 public:
  /// Connects, or throws. `receive_buffer` limits what the kernel takes before the test reads.
  explicit RawSocket(std::uint16_t port, int receive_buffer = 0);
  static RawSocket adopt(int fd);
  RawSocket(RawSocket&& other) noexcept;
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket();

  /// False when the peer does not take it any more.
  bool send(std::string_view bytes);
  /// Says that nothing more will be sent.
  void finish();
  /// The next bytes, "" at the end. A reset counts as an end.
  std::string receive(std::size_t most = 65536);
  std::string receive_exactly(std::size_t size);
  std::string receive_until_end();
  /// Reads up to the end of one response with a Content-Length or without a body.
  RawResponse receive_response(bool to_head = false);

 private:
  RawSocket() = default;
  int fd_ = -1;
  std::string buffer_;  ///< Received behind the last response.
};

/// Listens on a free port and gives each connection, one after another, to `serve` on a thread of
/// its own.
class RawServer {
 public:
  explicit RawServer(std::function<void(RawSocket&)> serve);
  ~RawServer();
  std::uint16_t port() const { return port_; }

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// A port of the loopback address that nobody listens on.
std::uint16_t unused_port();

}  // namespace voicebridge::test
