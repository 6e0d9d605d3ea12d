// The decoder against websocketpp's, on random streams of good and damaged frames.
#include <memory>
#include <random>

#define _WEBSOCKETPP_CPP11_STL_
#include <websocketpp/close.hpp>
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/message_buffer/alloc.hpp>
#include <websocketpp/processors/hybi13.hpp>
#include <websocketpp/random/none.hpp>

#include "net/ws/codec.hpp"
#include "support/catch.hpp"
#include "support/ws_frames.hpp"

using namespace voicebridge;
using namespace voicebridge::net::ws;
namespace wspp = websocketpp;

namespace {

constexpr std::size_t kMaxMessage = 3000;

struct Config : wspp::config::core {
  using rng_type = wspp::random::none::int_generator<std::uint32_t>;
};

struct Heard {
  std::vector<std::string> events;
  unsigned error = 0;
};

/// websocketpp leaves the checks of a Close frame's payload to its connection; here as that does
/// them.
unsigned close_error(const std::string& payload) {
  wspp::lib::error_code error;
  const auto code = wspp::close::extract_code(payload, error);
  if (error || wspp::close::status::invalid(code) || wspp::close::status::reserved(code)) {
    return payload.empty() ? 0 : 1002;
  }
  wspp::close::extract_reason(payload, error);
  return error ? 1007 : 0;
}

Heard decode_theirs(Role role, std::string bytes) {
  Config::rng_type random;
  auto manager = std::make_shared<Config::con_msg_manager_type>();
  wspp::processor::hybi13<Config> processor(false, role == Role::server, manager, random);
  processor.set_max_message_size(kMaxMessage);
  test::FrameLog log;
  std::size_t at = 0;
  while (at < bytes.size()) {
    wspp::lib::error_code error;
    at += processor.consume(reinterpret_cast<std::uint8_t*>(&bytes[at]), bytes.size() - at, error);
    if (error) return {log.events, wspp::processor::error::to_ws(error)};
    if (!processor.ready()) continue;
    const auto message = processor.get_message();
    const auto opcode = static_cast<Opcode>(message->get_opcode());
    // It misses text that ends inside a code point when its last frame is a continuation.
    if (opcode == Opcode::text && !wspp::utf8_validator::validate(message->get_payload())) {
      return {log.events, 1007};
    }
    if (opcode == Opcode::close) {
      if (const unsigned code = close_error(message->get_payload())) return {log.events, code};
    }
    if (opcode == Opcode::text || opcode == Opcode::binary) {
      log.on_message(opcode, message->get_payload());
    } else if (!log.on_control(opcode, message->get_payload())) {
      break;
    }
  }
  return {log.events, 0};
}

Heard decode_ours(Role role, std::string bytes, std::mt19937& random) {
  net::BufferPool pool;
  FrameDecoder decoder(role, kMaxMessage, pool);
  test::FrameLog log;
  for (std::size_t at = 0; at < bytes.size() && decoder.error() == 0 && !log.stopped;) {
    const std::size_t size = std::min<std::size_t>(1 + random() % 400, bytes.size() - at);
    decoder.feed(&bytes[at], size, log);
    at += size;
  }
  return {log.events, decoder.error()};
}

std::string random_payload(std::mt19937& random) {
  static const char* const kPieces[] = {
      "a", "word ", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\n"};
  std::string payload;
  const std::size_t pieces = random() % (random() % 8 == 0 ? 400 : 20);
  for (std::size_t i = 0; i < pieces; ++i) payload += kPieces[random() % 6];
  if (random() % 10 == 0) payload += static_cast<char>(random());
  return payload;
}

std::string random_frame(std::mt19937& random, Role role) {
  static const unsigned kFirst[] = {0x81, 0x81, 0x82, 0x01, 0x02, 0x00,
                                    0x80, 0x80, 0x89, 0x8A, 0x88};
  unsigned first = kFirst[random() % 11];
  if (random() % 40 == 0) first = random() % 256;
  std::string payload = random_payload(random);
  if ((first & 8) != 0 && random() % 20 != 0)
    payload.resize(std::min<std::size_t>(payload.size(), 100));
  if ((first & 15) == 8 && payload.size() >= 2) {
    payload[0] = 3;
    payload[1] = static_cast<char>(0xe8 + random() % 20);
  }
  const bool masked = (role == Role::server) != (random() % 60 == 0);
  return test::make_frame(first, payload, {masked, -1});
}

}  // namespace

TEST_CASE("websocketpp finds the same messages and the same faults") {
  int with_messages = 0;
  int with_errors = 0;
  for (unsigned seed = 0; seed < 4000; ++seed) {
    std::mt19937 random(seed);
    const Role role = seed % 2 == 0 ? Role::server : Role::client;
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += random_frame(random, role);
    const Heard theirs = decode_theirs(role, bytes);
    const Heard ours = decode_ours(role, bytes, random);
    CAPTURE(seed);
    REQUIRE(ours.events == theirs.events);
    REQUIRE(ours.error == theirs.error);
    with_messages += !ours.events.empty();
    with_errors += ours.error != 0;
  }
  CHECK(with_messages > 1000);
  CHECK(with_errors > 1000);
}
