#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "demo_scenarios.hpp"

namespace server {

voicebridge::Result<std::uint16_t> free_loopback_port() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool found = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (fd >= 0) ::close(fd);
  if (!found) return voicebridge::fail(voicebridge::Errc::unavailable, "no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

}  // namespace server
