// A simulated media stream in trouble: frames that are lost or late, sockets that end, drivers that
// come too late.
#include "support/catch.hpp"
#include "unit/testing/telnyx_media_line.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

TEST_CASE("loss, gaps, jitter and reorder touch the frames as they are told to") {
  auto lossy = leg(R"([{"tone":440,"ms":4000}])");
  lossy.faults.loss = 0.25;
  lossy.faults.gaps = {{Millis(1000), Millis(500)}};
  Line loss(lossy);
  loss.run(Millis(4000));
  const auto frames = loss.socket.events("media");
  CHECK(loss.media.stats().frames_sent == frames.size());
  CHECK(loss.media.stats().frames_sent + loss.media.stats().frames_lost == 200);
  CHECK(loss.media.stats().frames_lost > 40);
  CHECK(loss.media.said().size() == frames.size() * 160);
  for (const Json& frame : frames) {
    const auto timestamp = std::stoi(frame["media"]["timestamp"].string_or(""));
    CHECK((timestamp < 980 || timestamp >= 1480));
    CHECK(std::stoi(frame["media"]["chunk"].string_or("")) == timestamp / 20 + 1);
  }

  auto late = leg();
  late.faults.jitter = Millis(60);
  Line jitter(late);
  jitter.run(Millis(4100));
  int last = 0;
  for (const Json& frame : jitter.socket.events("media")) {
    const int chunk = std::stoi(frame["media"]["chunk"].string_or(""));
    CHECK(chunk == last + 1);
    last = chunk;
  }
  CHECK(last >= 200);

  auto mixed = leg();
  mixed.faults.reorder = 0.1;
  Line reorder(mixed);
  reorder.run(Millis(4100));
  int swaps = 0;
  last = 0;
  std::vector<bool> seen(300);
  for (const Json& frame : reorder.socket.events("media")) {
    const int chunk = std::stoi(frame["media"]["chunk"].string_or(""));
    CHECK_FALSE(seen[static_cast<std::size_t>(chunk)]);
    seen[static_cast<std::size_t>(chunk)] = true;
    swaps += chunk < last ? 1 : 0;
    last = chunk;
  }
  CHECK(swaps > 5);
}

TEST_CASE("close sends stop, closes the socket and loses what was waiting") {
  Line line;
  line.media.on_text(media_message(loud(1600)), kStart);
  line.run(Millis(100));
  line.media.close(kStart + Millis(100));
  CHECK(line.socket.events("stop").size() == 1);
  CHECK(line.socket.closes == std::vector<int>{1000});
  CHECK(line.media.stats().heard_bytes + line.media.stats().unplayed_bytes == 1600);
  const std::size_t sent = line.socket.texts.size();
  line.media.on_text(media_message(loud(160)), kStart + Millis(101));
  line.run(Millis(500));
  CHECK(line.socket.texts.size() == sent);
  CHECK_FALSE(line.media.streaming());

  SocketLog second;
  line.media.open(second, rtp_self(), kStart + Millis(500));
  line.run(Millis(540));
  CHECK(second.events("media").size() >= 1);
}

TEST_CASE("a lost socket is told once and the callee goes on without it") {
  int lost = 0;
  int hangups = 0;
  TelnyxMediaEvents events;
  events.on_stream_lost = [&](TimePoint) { ++lost; };
  events.on_callee_hangup = [&](TimePoint) { ++hangups; };
  Line line(leg(R"([{"wait":"ms","ms":300},{"hangup":true}])"), rtp_self(), events);
  line.media.on_closed(kStart + Millis(100));
  line.media.on_closed(kStart + Millis(100));
  line.run(Millis(1000));
  CHECK(lost == 1);
  CHECK(hangups == 1);
}

TEST_CASE("a driver that comes too late skips ticks instead of sending a burst") {
  Line line;
  line.media.on_deadline(kStart + Millis(3000));
  CHECK(line.media.stats().late_ticks == 99);
  CHECK(line.socket.events("media").size() == 51);
}

TEST_CASE("two runs of the same call are the same to the byte") {
  const auto run = [] {
    auto options =
        leg(R"([{"wait":"agent_speaking","ms":100},{"tone":300,"ms":200},{"dtmf":"5"}])");
    options.idle = CalleeIdle::comfort_noise;
    options.faults.loss = 0.05;
    options.faults.jitter = Millis(30);
    options.faults.reorder = 0.02;
    options.seed = 42;
    Line line(options);
    line.run(Millis(300));
    line.media.on_text(media_message(loud(4000)), kStart + Millis(300));
    line.run(Millis(2000));
    return line.socket.texts;
  };
  CHECK(run() == run());
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
