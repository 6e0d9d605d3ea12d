#include <random>

#include "support/allocation_counter.hpp"
#include "unit/telnyx/media_harness.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

TEST_CASE("every truncation of every message is survived", "[telnyx][media]") {
  for (const char* name : {"ws.in.connected.with_token", "ws.in.start.pcmu", "ws.in.media.pcmu",
                           "ws.in.mark", "ws.in.dtmf", "ws.in.error.100002", "ws.in.stop"}) {
    std::string text = telnyx_sample(name);
    while (text.back() != '}') text.pop_back();
    MediaSessionOptions options;
    options.max_malformed = 100000;
    Stream s(options);
    s.start();
    for (std::size_t size = 0; size < text.size(); ++size) s.get(text.substr(0, size));
    CHECK(s.session.counters().malformed == text.size());
    CHECK(s.observer.frames + s.observer.marks_seen + s.observer.stops.size() == 0);
  }
}

TEST_CASE("random damage never breaks the session", "[telnyx][media]") {
  const std::string samples[] = {
      telnyx_sample("ws.in.media.pcmu"), telnyx_sample("ws.in.start.pcmu"),
      telnyx_sample("ws.in.mark"),       telnyx_sample("ws.in.stop"),
      telnyx_sample("ws.in.dtmf"),       telnyx_sample("ws.in.error.100002")};
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    Stream s;
    for (int i = 0; i < 60; ++i) {
      std::string text = samples[random() % 6];
      for (unsigned n = random() % 4; n > 0; --n)
        text[random() % text.size()] = static_cast<char>(random());
      s.get(text);
      s.session.send_audio(payload(tone()));
      s.wait(Millis(random() % 200));
    }
    s.session.on_socket_closed(1006, s.now);
    REQUIRE(s.observer.stops.size() == 1);
    REQUIRE(s.observer.starts.size() <= 1);
  }
}

TEST_CASE("the media path allocates nothing after warm-up", "[telnyx][media]") {
  Stream s;
  s.start();
  s.observer.keep = false;
  s.sink.keep = false;
  const std::string audio = tone();
  const Bytes bytes(160, 0xFF);
  std::vector<std::string> frames;
  for (int i = 1; i <= 1000; ++i) {
    frames.push_back(R"({"event":"media","media":{"track":"inbound","chunk":")" +
                     std::to_string(i) + R"(","timestamp":")" + std::to_string(i * 20) +
                     R"(","payload":")" + audio + R"("}})");
  }
  const std::string echo = telnyx_sample("ws.in.mark");
  const auto turn = [&](const std::string& frame) {
    s.now += Millis(20);
    s.session.receive(frame, s.now);
    s.session.receive(echo, s.now);
    s.session.send_audio(payload(audio));
    s.session.send_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), bytes));
    s.session.send_mark("r12:i3:480");
  };
  turn(frames[0]);
  const std::size_t before = allocation_count();
  for (std::size_t i = 1; i < frames.size(); ++i) turn(frames[i]);
  const std::size_t after = allocation_count();
  CHECK(after - before == 0);
  CHECK(s.observer.frames == frames.size());
  CHECK(s.observer.marks_seen == frames.size());
  CHECK(s.session.counters().frames_out == 2 * frames.size());
}
