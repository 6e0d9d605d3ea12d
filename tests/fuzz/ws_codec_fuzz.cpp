// What a frame decoder reports must not depend on how the bytes were cut.
// The first input byte is the role, the second seeds the cuts, the rest is the stream.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "net/ws/codec.hpp"
#include "support/ws_frames.hpp"

using namespace voicebridge;
using namespace voicebridge::net::ws;

namespace {

struct Outcome {
  std::vector<std::string> events;
  unsigned error = 0;
};

template <class NextSize>
Outcome decode(Role role, std::string bytes, NextSize next_size) {
  static net::BufferPool pool;
  FrameDecoder decoder(role, 5000, pool);
  test::FrameLog log;
  for (std::size_t at = 0; at < bytes.size() && decoder.error() == 0 && !log.stopped;) {
    const std::size_t size = std::min<std::size_t>(next_size(), bytes.size() - at);
    const std::size_t used = decoder.feed(&bytes[at], size, log);
    if (used > size || (used < size && decoder.error() == 0 && !log.stopped)) std::abort();
    at += size;
  }
  return {log.events, decoder.error()};
}

void must_equal(const Outcome& a, const Outcome& b) {
  if (a.events == b.events && a.error == b.error) return;
  std::fprintf(stderr, "%zu events and error %u, but cut: %zu and %u\n", a.events.size(), a.error,
               b.events.size(), b.error);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Role role = data[0] % 2 == 0 ? Role::server : Role::client;
  std::minstd_rand random(data[1] + 1u);
  const std::string bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  const Outcome whole = decode(role, bytes, [] { return static_cast<std::size_t>(-1); });
  must_equal(whole, decode(role, bytes, [] { return 1; }));
  must_equal(whole, decode(role, bytes, [&] { return 1 + random() % 20; }));
  return 0;
}
