#pragma once

// The one place where Asio comes in, so that its version is checked once.
#include <asio/detail/config.hpp>

#if ASIO_VERSION >= 103300
#error "voicebridge needs Asio before 1.33: websocketpp's headers do not compile with later ones"
#endif
#if !defined(ASIO_STANDALONE) || !defined(ASIO_DISABLE_VISIBILITY)
#error "include net/asio.hpp in targets that link voicebridge_net_flags only"
#endif

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
