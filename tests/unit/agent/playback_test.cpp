#include "voicebridge/agent/playback.hpp"

#include <numeric>
#include <random>

#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "voicebridge/core/base64.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

const TimePoint kBegin{std::chrono::hours(1)};

AudioPayload bytes(const Bytes& audio) {
  return AudioPayload::from_bytes(AudioFormat::pcmu(), audio);
}

Bytes ramp(std::size_t size) {
  Bytes audio(size);
  std::iota(audio.begin(), audio.end(), std::uint8_t{0});
  return audio;
}

/// Serves the deadlines until `until`.
void run(Playback& playback, TimePoint from, TimePoint until) {
  while (playback.next_deadline() && *playback.next_deadline() <= until) {
    from = std::max(from, *playback.next_deadline());
    playback.on_deadline(from);
  }
}

}  // namespace

TEST_CASE("whole frames within the lead go through as they came", "[playback]") {
  FakeMedia media;
  Playback playback(media, AudioFormat::pcmu());
  const std::string text = base64_encode(ramp(160));
  REQUIRE(playback.push("a", AudioPayload::from_base64(AudioFormat::pcmu(), text), kBegin));
  CHECK(media.passed_through == 1);
  CHECK(media.sent == ramp(160));
  CHECK_FALSE(playback.next_deadline());
}

TEST_CASE("a long answer is sent ahead of the ear by the lead and not more", "[playback]") {
  FakeMedia media;
  Playback playback(media, AudioFormat::pcmu());
  REQUIRE(playback.push("a", bytes(ramp(8 * 5000)), kBegin));
  CHECK(media.sent.size() == 8 * 400);
  run(playback, kBegin, kBegin + 1s);
  CHECK(media.sent.size() <= 8 * 1400);
  CHECK(media.sent.size() >= 8 * 1280);
  run(playback, kBegin + 1s, kBegin + 10s);
  CHECK(media.sent == ramp(8 * 5000));
}

TEST_CASE("pieces that are no whole frames are sent as whole frames", "[playback]") {
  FakeMedia media;
  Playback playback(media, AudioFormat::pcmu());
  const Bytes all = ramp(1000);
  for (std::size_t at = 0; at < 1000; at += 125) {
    playback.push("a",
                  bytes(Bytes(all.begin() + static_cast<long>(at),
                              all.begin() + static_cast<long>(at) + 125)),
                  kBegin);
  }
  playback.finish("a", kBegin);
  for (const std::size_t piece : media.pieces) CHECK(piece % 160 == 0);
  REQUIRE(media.sent.size() == 1120);
  CHECK(Bytes(media.sent.begin(), media.sent.begin() + 1000) == all);
  CHECK(Bytes(media.sent.begin() + 1000, media.sent.end()) == Bytes(120, 0xFF));
  CHECK(playback.counters().sent_bytes == 1000);
  CHECK(playback.counters().padding_bytes == 120);
  CHECK(media.marks.size() == 1);
}

TEST_CASE("an utterance that ends without a word leaves no mark", "[playback]") {
  FakeMedia media;
  Playback playback(media, AudioFormat::pcmu());
  playback.finish("a", kBegin);
  CHECK(media.marks.empty());
}

TEST_CASE("a clear drops what waits and tells what was heard", "[playback]") {
  FakeMedia media;
  Playback playback(media, AudioFormat::pcmu());
  playback.push("a", bytes(ramp(8 * 2000)), kBegin);
  playback.finish("a", kBegin);
  playback.push("b", bytes(ramp(8 * 1000)), kBegin);
  run(playback, kBegin, kBegin + 500ms);
  const std::size_t sent = media.sent.size();
  const Playback::Cut cut = playback.clear(kBegin + 500ms);
  CHECK(media.clears == 1);
  REQUIRE(cut.playing);
  CHECK(cut.playing->heard == 500ms);
  CHECK(cut.unheard == std::vector<std::string>{"b"});
  CHECK(cut.bytes_dropped + sent == 8 * 3000);
  CHECK_FALSE(playback.audible(kBegin + 500ms));
  CHECK_FALSE(playback.next_deadline());
  playback.push("c", bytes(ramp(160)), kBegin + 600ms);
  CHECK(media.sent.size() == sent + 160);
}

TEST_CASE("the queue has a limit and counts what is beyond it", "[playback]") {
  FakeMedia media;
  PlaybackOptions options;
  options.capacity = 1s;
  Playback playback(media, AudioFormat::pcmu(), options);
  CHECK_FALSE(playback.push("a", bytes(Bytes(8 * 3000, 1)), kBegin));
  CHECK(playback.counters().overflow_bytes == 8 * 2000);
  run(playback, kBegin, kBegin + 10s);
  CHECK(media.sent.size() == 8 * 1000);
}

TEST_CASE("bad base64 is refused and harms nothing", "[playback]") {
  FakeMedia media;
  Playback playback(media, AudioFormat::pcmu());
  playback.push("a", bytes(ramp(100)), kBegin);
  CHECK_FALSE(playback.push("a", AudioPayload::from_base64(AudioFormat::pcmu(), "????"), kBegin));
  CHECK(playback.push("a", bytes(ramp(60)), kBegin));
  CHECK(media.sent.size() == 160);
}

TEST_CASE("drained means that the last mark came back", "[playback]") {
  FakeMedia media;
  Playback playback(media, AudioFormat::pcmu());
  playback.push("a", bytes(ramp(160)), kBegin);
  playback.finish("a", kBegin);
  REQUIRE(media.marks.size() == 1);
  CHECK_FALSE(playback.drained());
  playback.on_mark(media.marks[0], kBegin + 25ms);
  CHECK(playback.drained());
}

TEST_CASE("whatever the pieces, the bytes come out in order and whole", "[playback][property]") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    FakeMedia media;
    Playback playback(media, AudioFormat::pcmu());
    const Bytes all = ramp(500 + random() % 60000);
    TimePoint now = kBegin;
    std::size_t at = 0;
    while (at < all.size()) {
      const std::size_t size = std::min<std::size_t>(all.size() - at, 1 + random() % 4000);
      const Bytes piece(all.begin() + static_cast<long>(at),
                        all.begin() + static_cast<long>(at + size));
      const std::string text = base64_encode(piece);
      const bool raw = random() % 2 == 0;
      playback.push("a", raw ? bytes(piece) : AudioPayload::from_base64(AudioFormat::pcmu(), text),
                    now);
      at += size;
      const TimePoint next = now + Millis(random() % 300);
      run(playback, now, next);
      now = next;
    }
    playback.finish("a", now);
    run(playback, now, now + 60s);
    REQUIRE(media.sent.size() % 160 == 0);
    REQUIRE(media.sent.size() - all.size() < 160);
    media.sent.resize(all.size());
    REQUIRE(media.sent == all);
  }
}
