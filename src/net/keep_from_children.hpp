#pragma once

#include <fcntl.h>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Closes the socket in whatever program the application starts: it would keep a port taken, or a
/// caller's line open, after its owner has let go. Asio opens sockets without that. A child started
/// by another thread between the two calls still gets it.
/// @param socket  One of Asio's, open.
template <class Socket>
void keep_from_children(Socket& socket) {
  const int descriptor = socket.native_handle();
  const int flags = ::fcntl(descriptor, F_GETFD);
  if (flags >= 0) ::fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
