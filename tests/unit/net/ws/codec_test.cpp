#include "net/ws/codec.hpp"

#include <cstring>
#include <random>

#include "support/catch.hpp"
#include "support/ws_frames.hpp"

using namespace voicebridge;
using namespace voicebridge::net::ws;
using test::FrameLog;
using test::FrameShape;

namespace {

using Events = std::vector<std::string>;

struct Outcome {
  Events events;
  unsigned error = 0;
  bool operator==(const Outcome& other) const {
    return events == other.events && error == other.error;
  }
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  for (const std::string& event : outcome.events) {
    out << event.substr(0, 40) << (event.size() > 40 ? "…" : "") << " (" << event.size() << "); ";
  }
  return out << "error " << outcome.error;
}

/// Feeds pieces whose sizes `next_size` gives; checks that all is used until a stop.
template <class NextSize>
Outcome decode(Role role, std::string bytes, std::size_t max_message, NextSize next_size) {
  net::BufferPool pool;
  FrameDecoder decoder(role, max_message, pool);
  FrameLog log;
  std::size_t at = 0;
  while (at < bytes.size() && decoder.error() == 0 && !log.stopped) {
    const std::size_t size = std::min<std::size_t>(next_size(), bytes.size() - at);
    const std::size_t used = decoder.feed(&bytes[at], size, log);
    if (decoder.error() == 0 && !log.stopped) REQUIRE(used == size);
    at += size;
  }
  return {log.events, decoder.error()};
}

constexpr std::size_t kWhole = static_cast<std::size_t>(-1);
constexpr std::size_t kDefaultMax = 1 << 20;

/// The frames of one test, built for either role: a server reads masked ones.
class Case {
 public:
  Case& frame(unsigned first, std::string payload, int length_bytes = -1) {
    frames_.push_back({first, std::move(payload), length_bytes});
    return *this;
  }
  Case& limit(std::size_t max_message) {
    max_message_ = max_message;
    return *this;
  }

  void gives(const Events& events, unsigned error = 0) const {
    const Outcome expected{events, error};
    for (const Role role : {Role::server, Role::client}) {
      std::string bytes;
      for (const Frame& f : frames_) {
        bytes += test::make_frame(f.first, f.payload, {role == Role::server, f.length_bytes});
      }
      CAPTURE(role == Role::server ? "server" : "client");
      CHECK(decode(role, bytes, max_message_, [] { return kWhole; }) == expected);
      CHECK(decode(role, bytes, max_message_, [] { return 1; }) == expected);
      std::mt19937 random(7);
      for (int i = 0; i < 20; ++i) {
        CHECK(decode(role, bytes, max_message_, [&] { return 1 + random() % 9; }) == expected);
      }
    }
  }

 private:
  struct Frame {
    unsigned first;
    std::string payload;
    int length_bytes;
  };
  std::vector<Frame> frames_;
  std::size_t max_message_ = kDefaultMax;
};

const std::string kGreek = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";

}  // namespace

TEST_CASE("framing: every form of the length") {
  for (const std::size_t size :
       {0u, 1u, 7u, 8u, 9u, 124u, 125u, 126u, 127u, 128u, 300u, 65535u, 65536u, 70000u}) {
    std::string payload;
    for (std::size_t i = 0; i < size; ++i) payload += static_cast<char>('a' + i % 26);
    Case().frame(0x81, payload).gives({"text:" + payload});
    Case().frame(0x82, payload).frame(0x81, "x").gives({"binary:" + payload, "text:x"});
  }
}

TEST_CASE("framing: a length must be in its shortest form") {
  Case().frame(0x81, "abc", 2).gives({}, 1002);
  Case().frame(0x81, "abc", 8).gives({}, 1002);
  Case().frame(0x81, std::string(65535, 'a'), 8).gives({}, 1002);
}

TEST_CASE("framing: a length with the highest bit set is refused before anything is kept") {
  const std::string head("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10);
  CHECK(decode(Role::server, head + "mask", kDefaultMax, [] { return 1; }) == Outcome{{}, 1002});
}

TEST_CASE("framing: clients mask and servers do not") {
  const std::string masked = test::make_frame(0x81, "a", {true});
  const std::string plain = test::make_frame(0x81, "a", {false});
  CHECK(decode(Role::server, plain, kDefaultMax, [] { return 1; }) == Outcome{{}, 1002});
  CHECK(decode(Role::client, masked, kDefaultMax, [] { return 1; }) == Outcome{{}, 1002});
}

TEST_CASE("pings and pongs") {
  Case().frame(0x89, "").gives({"ping:"});
  Case().frame(0x89, std::string(125, 'p')).gives({"ping:" + std::string(125, 'p')});
  Case().frame(0x89, std::string(126, 'p')).gives({}, 1002);
  Case().frame(0x8A, "unasked").gives({"pong:unasked"});
  Case()
      .frame(0x89, std::string("\x00\xff\xfe", 3))
      .gives({"ping:" + std::string("\x00\xff\xfe", 3)});
  Case().frame(0x09, "x").gives({}, 1002);
}

TEST_CASE("reserved bits and opcodes are refused, what came before counts") {
  for (const unsigned bits : {0x10u, 0x20u, 0x40u, 0x70u}) {
    Case().frame(0x81, "ok").frame(0x81 | bits, "a").gives({"text:ok"}, 1002);
    Case().frame(0x89 | bits, "").gives({}, 1002);
  }
  for (const unsigned opcode : {3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 14u, 15u}) {
    Case().frame(0x80 | opcode, "").frame(0x81, "never").gives({}, 1002);
  }
}

TEST_CASE("fragmentation") {
  Case().frame(0x01, "ab").frame(0x00, "cd").frame(0x80, "ef").gives({"text:abcdef"});
  Case().frame(0x01, "").frame(0x00, "").frame(0x80, "").gives({"text:"});
  Case().frame(0x02, "").frame(0x80, "x").gives({"binary:x"});
  Case().frame(0x01, "x").frame(0x80, "").frame(0x81, "y").gives({"text:x", "text:y"});
  Case().frame(0x80, "x").gives({}, 1002);
  Case().frame(0x00, "x").gives({}, 1002);
  Case().frame(0x01, "a").frame(0x81, "b").gives({}, 1002);
  Case().frame(0x01, "a").frame(0x80, "b").frame(0x80, "c").gives({"text:ab"}, 1002);
}

TEST_CASE("control frames between fragments do not touch the message") {
  Case()
      .frame(0x01, "a\xce")
      .frame(0x89, "p\xff")
      .frame(0x80, "\xba")
      .gives({"ping:p\xff", "text:a\xce\xba"});
  Case().frame(0x02, "a").frame(0x8A, "q").frame(0x89, "p").frame(0x80, "b").gives(
      {"pong:q", "ping:p", "binary:ab"});
  Case().frame(0x01, "a").frame(0x88, "\x03\xe8").gives({"close:\x03\xe8"});
}

TEST_CASE("text must be UTF-8, also across fragments; binary may be anything") {
  Case().frame(0x81, kGreek).gives({"text:" + kGreek});
  for (std::size_t cut = 0; cut <= kGreek.size(); ++cut) {
    Case()
        .frame(0x01, kGreek.substr(0, cut))
        .frame(0x80, kGreek.substr(cut))
        .gives({"text:" + kGreek});
  }
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xce",
                          "\xe0\x80\xaf", "\xf8\x88\x80\x80\x80", "\x80"}) {
    Case().frame(0x81, std::string("0123456789abcdef") + bad).gives({}, 1007);
    Case().frame(0x01, "ok").frame(0x80, bad).gives({}, 1007);
  }
  Case().frame(0x01, kGreek).frame(0x00, "\xed\xa0\x80").gives({}, 1007);
  Case().frame(0x82, "\xff\xff").gives({"binary:\xff\xff"});
  Case().frame(0x82, "\xce").frame(0x81, "\xba").gives({"binary:\xce"}, 1007);
}

TEST_CASE("bad text is refused at the first bad byte, before its frame has ended") {
  std::string bytes = test::make_frame(0x01, "ok\xf4\x90" + std::string(1000, 'x'));
  bytes.resize(6 + 2 + 4);
  CHECK(decode(Role::server, bytes, kDefaultMax, [] { return kWhole; }) == Outcome{{}, 1007});
}

TEST_CASE("close frames") {
  Case().frame(0x88, "").gives({"close:"});
  Case().frame(0x88, "\x03\xe8").frame(0x81, "late").gives({"close:\x03\xe8"});
  Case().frame(0x88, "\x03\xe8" + kGreek).gives({"close:\x03\xe8" + kGreek});
  Case().frame(0x88, "\x03").gives({}, 1002);
  Case().frame(0x88, "\x03\xe8\xff").gives({}, 1007);
  Case().frame(0x88, "\x03\xe8" + std::string(124, 'x')).gives({}, 1002);
  const auto close = [](unsigned code) {
    return std::string{static_cast<char>(code >> 8), static_cast<char>(code)};
  };
  for (const unsigned code : {1000u, 1003u, 1007u, 1011u, 1014u, 3000u, 3999u, 4000u, 4999u}) {
    Case().frame(0x88, close(code)).gives({"close:" + close(code)});
  }
  for (const unsigned code :
       {0u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 2000u, 2999u, 5000u, 65535u}) {
    Case().frame(0x88, close(code)).gives({}, 1002);
  }
}

TEST_CASE("a message beyond the limit is refused at its header") {
  Case()
      .limit(1000)
      .frame(0x82, std::string(1000, 'x'))
      .gives({"binary:" + std::string(1000, 'x')});
  Case().limit(1000).frame(0x82, std::string(1001, 'x')).gives({}, 1009);
  Case()
      .limit(1000)
      .frame(0x02, std::string(600, 'x'))
      .frame(0x80, std::string(401, 'x'))
      .gives({}, 1009);
  Case()
      .limit(1000)
      .frame(0x02, std::string(600, 'x'))
      .frame(0x80, std::string(400, 'x'))
      .frame(0x82, "next")
      .gives({"binary:" + std::string(1000, 'x'), "binary:next"});
  std::string header = test::make_frame(0x82, std::string(2000, 'x'));
  header.resize(8);
  CHECK(decode(Role::server, header, 1000, [] { return kWhole; }) == Outcome{{}, 1009});
  Case().limit(10).frame(0x89, std::string(100, 'p')).gives({"ping:" + std::string(100, 'p')});
}

TEST_CASE("the sink can stop the decoder behind a frame") {
  struct StopAtFirst final : FrameSink {
    bool on_message(Opcode, std::string_view) override { return ++count, false; }
    bool on_control(Opcode, std::string_view) override { return ++count, false; }
    int count = 0;
  } sink;
  net::BufferPool pool;
  FrameDecoder decoder(Role::client, 100, pool);
  const std::string first = test::make_frame(0x81, "a", {false});
  std::string bytes = first + test::make_frame(0x81, "b", {false});
  CHECK(decoder.feed(bytes.data(), bytes.size(), sink) == first.size());
  CHECK(sink.count == 1);
}

TEST_CASE("sealed frames are what the other role decodes") {
  MaskSource masks;
  for (const Role sender : {Role::client, Role::server}) {
    for (const std::size_t size : {0u, 1u, 5u, 125u, 126u, 65535u, 65536u, 100000u}) {
      std::string payload;
      for (std::size_t i = 0; i < size; ++i) payload += static_cast<char>('a' + i % 23);
      std::vector<char> buffer(kMaxFrameHeader + size);
      std::memcpy(buffer.data() + kMaxFrameHeader, payload.data(), size);
      char* const frame = seal_frame(buffer.data() + kMaxFrameHeader, size, Opcode::text,
                                     sender == Role::client ? &masks : nullptr);
      REQUIRE(frame >= buffer.data());
      const std::string bytes(frame, buffer.data() + buffer.size());
      const Role receiver = sender == Role::client ? Role::server : Role::client;
      CHECK(decode(receiver, bytes, kDefaultMax, [] { return kWhole; }) ==
            Outcome{{"text:" + payload}, 0});
    }
  }
}

TEST_CASE("masks are applied from any offset, and tell ASCII from the rest") {
  const std::array<char, 4> mask{'\x01', '\x7f', '\x80', '\xff'};
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>(i);
  for (std::size_t offset = 0; offset < 9; ++offset) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
      std::string expected = text.substr(0, size);
      for (std::size_t i = 0; i < size; ++i)
        expected[i] = static_cast<char>(expected[i] ^ mask[(i + offset) % 4]);
      std::string bytes = text.substr(0, size);
      apply_mask(bytes.data(), size, mask, offset);
      REQUIRE(bytes == expected);
      REQUIRE(apply_mask(bytes.data(), size, mask, offset));
      REQUIRE(bytes == text.substr(0, size));
      if (size == 0) continue;
      bytes[size - 1] = static_cast<char>(bytes[size - 1] | 0x80);
      REQUIRE_FALSE(apply_mask(bytes.data(), size, {}, offset));
    }
  }
}

TEST_CASE("masks differ from frame to frame") {
  MaskSource masks;
  std::vector<std::array<char, 4>> seen;
  for (int i = 0; i < 1000; ++i) seen.push_back(masks.next());
  std::sort(seen.begin(), seen.end());
  CHECK(std::unique(seen.begin(), seen.end()) - seen.begin() > 990);
}

TEST_CASE("a message in pieces borrows its memory and gives it back") {
  net::BufferPool pool;
  FrameDecoder decoder(Role::client, kDefaultMax, pool);
  FrameLog log;
  std::string bytes = test::make_frame(0x82, std::string(5000, 'x'), {false});
  decoder.feed(bytes.data(), 3000, log);
  CHECK(pool.take().capacity() < 100);
  decoder.feed(bytes.data() + 3000, bytes.size() - 3000, log);
  CHECK(log.events.size() == 1);
  CHECK(pool.take().capacity() >= 5000);
}
