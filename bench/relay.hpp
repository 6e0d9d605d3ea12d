#pragma once

#include <cstdint>

namespace bench {

/// A plain TCP relay on epoll: what moving the same bytes costs at the least. One read and one
/// write a frame, no look inside. Does not come back.
void run_relay(std::uint16_t listen_port, std::uint16_t target_port);

}  // namespace bench
