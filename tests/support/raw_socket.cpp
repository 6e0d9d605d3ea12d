#include "support/raw_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "support/catch.hpp"

namespace voicebridge::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int tcp_socket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int at_once = 1;  // else a second send waits for a delayed acknowledgement
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  return fd;
}

int listen_on_free_port(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(fd, 16) == 0);
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port = ntohs(address.sin_port);
  return fd;
}

std::size_t body_size(const std::string& head) {
  const std::string name = "\r\nContent-Length: ";
  const std::size_t at = head.find(name);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}

}  // namespace

RawSocket::RawSocket(std::uint16_t port, int receive_buffer) : fd_(tcp_socket()) {
  if (receive_buffer > 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  const sockaddr_in address = loopback(port);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    throw std::runtime_error("cannot connect");
  }
}

RawSocket RawSocket::adopt(int fd) {
  RawSocket socket;
  socket.fd_ = fd;
  return socket;
}

RawSocket::RawSocket(RawSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

RawSocket::~RawSocket() {
  if (fd_ >= 0) ::close(fd_);
}

bool RawSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawSocket::finish() { ::shutdown(fd_, SHUT_WR); }

std::string RawSocket::receive(std::size_t most) {
  if (!buffer_.empty()) return std::exchange(buffer_, {});
  std::string bytes(most, '\0');
  const ssize_t size = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    throw std::runtime_error("the peer neither answered nor closed");
  }
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return bytes;
}

std::string RawSocket::receive_exactly(std::size_t size) {
  std::string all;
  while (all.size() < size) {
    const std::string piece = receive();
    if (piece.empty()) break;
    all += piece;
  }
  if (all.size() > size) {
    buffer_ = all.substr(size);
    all.resize(size);
  }
  return all;
}

std::string RawSocket::receive_until_end() {
  std::string all;
  for (std::string piece = receive(); !piece.empty(); piece = receive()) all += piece;
  return all;
}

RawResponse RawSocket::receive_response(bool to_head) {
  std::string all;
  while (all.find("\r\n\r\n") == std::string::npos) {
    const std::string piece = receive();
    if (piece.empty()) return {};
    all += piece;
  }
  RawResponse response;
  const std::size_t head_size = all.find("\r\n\r\n") + 4;
  response.head = all.substr(0, head_size);
  response.status = std::stoi(response.head.substr(9, 3));
  buffer_ = all.substr(head_size);
  if (!to_head) response.body = receive_exactly(body_size(response.head));
  return response;
}

RawServer::RawServer(std::function<void(RawSocket&)> serve) {
  fd_ = listen_on_free_port(port_);
  thread_ = std::thread([fd = fd_, serve = std::move(serve)] {
    for (int peer = ::accept(fd, nullptr, nullptr); peer >= 0;
         peer = ::accept(fd, nullptr, nullptr)) {
      RawSocket socket = RawSocket::adopt(peer);
      serve(socket);
    }
  });
}

RawServer::~RawServer() {
  ::shutdown(fd_, SHUT_RDWR);  // wakes accept
  thread_.join();
  ::close(fd_);
}

std::uint16_t unused_port() {
  std::uint16_t port = 0;
  ::close(listen_on_free_port(port));
  return port;
}

}  // namespace voicebridge::test
