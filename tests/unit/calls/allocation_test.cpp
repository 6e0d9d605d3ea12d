// The pass-through lane, from the text of one socket to the text of the other, with everything that
// stands between them in production: no allocation once it is warm.
#include "support/allocation_counter.hpp"
#include "support/catch.hpp"
#include "support/counting_bridge.hpp"
#include "voicebridge/core/base64.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

TEST_CASE("audio and marks cross the bridge without an allocation", "[calls][allocation]") {
  constexpr Millis kFrame{20};
  constexpr std::size_t kWarmUp = 100;
  constexpr std::size_t kFrames = 1000;
  const Bytes audio(160, 0x42);
  const std::string base64 = base64_encode(audio);
  const std::string delta = audio_delta(base64);
  CountingBridge bridge;
  bridge.connect();
  std::vector<std::string> frames;
  for (std::size_t i = 0; i < kWarmUp + kFrames; ++i) {
    frames.push_back(bridge.messages.media("inbound", i + 1, kFrame * static_cast<int>(i), audio));
  }

  // Only the way of a frame is counted; timers are armed between frames, a few times a second.
  std::size_t allocated = 0;
  const auto frame_each_way = [&](const std::string& frame) {
    const std::size_t before = allocation_count();
    bridge.leg->on_text(frame);
    bridge.model.handler->on_text(delta);
    if (!bridge.carrier.mark.empty()) {
      bridge.leg->on_text(bridge.carrier.mark);
      bridge.carrier.mark.clear();
    }
    allocated += allocation_count() - before;
    bridge.clock.advance(kFrame);
  };
  for (std::size_t i = 0; i < kWarmUp; ++i) frame_each_way(frames[i]);
  allocated = 0;
  bridge.carrier.payload_bytes = bridge.carrier.marks = bridge.carrier.texts = 0;
  bridge.model.socket.payload_bytes = bridge.model.socket.texts = 0;
  for (std::size_t i = kWarmUp; i < kWarmUp + kFrames; ++i) frame_each_way(frames[i]);

  CHECK(allocated == 0);
  CHECK(bridge.model.socket.texts == kFrames);
  CHECK(bridge.model.socket.payload_bytes == kFrames * base64.size());
  CHECK(bridge.carrier.marks >= kFrames / 20);
  CHECK(bridge.carrier.texts == kFrames + bridge.carrier.marks);
}
