#include "relay.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "child_process.hpp"

namespace bench {
namespace {

void watch(int set, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
}

/// Sends it all; waits for a slow reader, which a load that measures loss does not have.
void forward(int to, const char* data, ssize_t size) {
  while (size > 0) {
    const ssize_t sent = send(to, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (sent > 0) {
      data += sent;
      size -= sent;
    } else if (errno != EAGAIN) {
      return;
    }
  }
}

}  // namespace

void run_relay(std::uint16_t listen_port, std::uint16_t target_port) {
  const int listener = listen_on(listen_port);
  const int set = epoll_create1(EPOLL_CLOEXEC);
  watch(set, listener);
  std::vector<int> peer(65536, -1);
  std::array<epoll_event, 256> events;
  std::array<char, 65536> buffer;
  while (true) {
    const int ready = epoll_wait(set, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener) {
        const int from = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (from < 0) continue;
        const int on = 1;
        setsockopt(from, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const int to = connect_to(target_port);
        if (to < 0) {
          close(from);
          continue;
        }
        peer[static_cast<std::size_t>(from)] = to;
        peer[static_cast<std::size_t>(to)] = from;
        watch(set, from);
        watch(set, to);
        continue;
      }
      const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
      const int other = peer[static_cast<std::size_t>(fd)];
      if (got > 0) {
        forward(other, buffer.data(), got);
      } else if (got == 0 && other >= 0) {
        peer[static_cast<std::size_t>(fd)] = peer[static_cast<std::size_t>(other)] = -1;
        close(fd);
        close(other);
      }
    }
  }
}

}  // namespace bench
