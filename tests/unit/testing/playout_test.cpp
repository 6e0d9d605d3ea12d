#include "voicebridge/testing/playout.hpp"

#include <numeric>

#include "support/catch.hpp"
#include "unit/testing/telnyx_support.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

struct Ear : PlayoutObserver {
  void on_played(ByteView audio, TimePoint) override {
    played.insert(played.end(), audio.begin(), audio.end());
  }
  void on_dropped(ByteView audio, TimePoint) override {
    dropped.insert(dropped.end(), audio.begin(), audio.end());
  }
  void on_mark_echo(std::string_view name, TimePoint now) override {
    echoes.emplace_back(name, now);
  }

  Bytes played;
  Bytes dropped;
  std::vector<std::pair<std::string, TimePoint>> echoes;
};

Bytes counting(std::size_t size, std::uint8_t first = 0) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

}  // namespace

TEST_CASE("a mark comes back in the moment the last byte before it has been played") {
  Ear ear;
  Playout playout({}, ear);
  playout.append(counting(160), kStart);
  playout.mark("first", kStart);
  playout.append(counting(81), kStart);
  playout.mark("second", kStart);

  playout.on_deadline(kStart + Micros(19999));
  CHECK(ear.echoes.empty());
  CHECK(playout.next_deadline() == Deadline{kStart + Millis(20)});
  run_until(playout, kStart + Millis(100));

  REQUIRE(ear.echoes.size() == 2);
  CHECK(ear.echoes[0] == std::make_pair(std::string("first"), kStart + Millis(20)));
  CHECK(ear.echoes[1] == std::make_pair(std::string("second"), kStart + Micros(30125)));
  CHECK(playout.played() == 241);
  CHECK(playout.idle());
}

TEST_CASE("a mark with nothing waiting comes back at once") {
  Ear ear;
  Playout playout({}, ear);
  playout.mark("idle", kStart);
  REQUIRE(ear.echoes.size() == 1);
  CHECK_FALSE(playout.marks()[0].by_clear);
  CHECK_FALSE(playout.next_deadline());
}

TEST_CASE("a clear in the middle of a piece drops the rest and sends every mark back") {
  Ear ear;
  Playout playout({}, ear);
  const Bytes audio = counting(1600);
  playout.append(audio, kStart);
  playout.mark("heard?", kStart);
  playout.mark("nor this", kStart);
  playout.clear(kStart + Micros(12500));

  CHECK(ear.played == Bytes(audio.begin(), audio.begin() + 100));
  CHECK(ear.dropped == Bytes(audio.begin() + 100, audio.end()));
  REQUIRE(playout.clears().size() == 1);
  CHECK(playout.clears()[0].played == 100);
  CHECK(playout.clears()[0].dropped == 1500);
  REQUIRE(playout.marks().size() == 2);
  CHECK(playout.marks()[0].by_clear);
  CHECK(playout.marks()[0].position == 1600);
  CHECK(playout.marks()[0].played == 100);
  CHECK(playout.marks()[1].name == "nor this");

  playout.append(counting(160), kStart + Millis(500));
  run_until(playout, kStart + Millis(600));
  CHECK(playout.played() == 260);
  CHECK(playout.cleared() == 1500);
  REQUIRE(playout.runs().size() == 2);
  CHECK(playout.runs()[1].begin == kStart + Millis(500));
  CHECK(playout.runs()[1].first_byte == 100);
  CHECK(playout.runs()[1].bytes == 160);
}

TEST_CASE("a clear of an empty queue is remembered and drops nothing") {
  Ear ear;
  Playout playout({}, ear);
  playout.clear(kStart);
  REQUIRE(playout.clears().size() == 1);
  CHECK(playout.clears()[0].dropped == 0);
}

TEST_CASE("the queue's limit drops the excess of the piece that does not fit") {
  Ear ear;
  PlayoutOptions options;
  options.max_queue = Millis(60);
  Playout playout(options, ear);
  CHECK(playout.append(counting(400), kStart) == 400);
  CHECK(playout.append(counting(160), kStart) == 80);
  CHECK(playout.append(counting(160), kStart) == 0);
  CHECK(playout.overflow() == 240);
  CHECK(playout.append(counting(160), kStart + Millis(20)) == 160);
  CHECK(playout.queued() == 480);
}

TEST_CASE("too many waiting marks are refused") {
  Ear ear;
  PlayoutOptions options;
  options.max_marks = 2;
  Playout playout(options, ear);
  playout.append(counting(160), kStart);
  CHECK(playout.mark("1", kStart));
  CHECK(playout.mark("2", kStart));
  CHECK_FALSE(playout.mark("3", kStart));
  run_until(playout, kStart + Millis(20));
  CHECK(ear.echoes.size() == 2);
}

TEST_CASE("play delay holds the first sample back, not those that follow without a pause") {
  Ear ear;
  PlayoutOptions options;
  options.start_delay = Millis(60);
  Playout playout(options, ear);
  playout.append(counting(160), kStart);
  playout.on_deadline(kStart + Millis(60));
  CHECK(playout.played() == 0);
  playout.append(counting(160), kStart + Millis(70));
  playout.on_deadline(kStart + Millis(100));
  CHECK(playout.played() == 320);
}

TEST_CASE("linear audio is played in whole samples at its own rate") {
  Ear ear;
  PlayoutOptions options;
  options.format = AudioFormat::l16(16000);
  Playout playout(options, ear);
  playout.append(counting(640), kStart);
  playout.on_deadline(kStart + Micros(100));  // 3.2 bytes
  CHECK(playout.played() == 2);
  run_until(playout, kStart + Millis(20));
  CHECK(playout.played() == 640);
}

TEST_CASE("played and cleared make up what was sent, whatever the sizes and times") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRandom random(seed);
    Ear ear;
    Playout playout({}, ear);
    Bytes sent;
    TimePoint now = kStart;
    std::size_t marks = 0;
    for (int step = 0; step < 60; ++step) {
      const Bytes piece = counting(random.up_to(700), static_cast<std::uint8_t>(random.next()));
      const std::size_t taken = playout.append(piece, now);
      sent.insert(sent.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(taken));
      if (random.chance(0.5)) {
        playout.mark(std::to_string(marks++), now);
      }
      now += Micros(random.up_to(90000));
      run_until(playout, now);
      if (random.chance(0.1)) playout.clear(now);
      REQUIRE(playout.played() + playout.cleared() + playout.queued() == sent.size());
    }
    run_until(playout, now + std::chrono::minutes(1));
    REQUIRE(ear.played.size() + ear.dropped.size() == sent.size());
    REQUIRE(ear.echoes.size() == marks);
    for (std::size_t i = 0; i < marks; ++i) {
      REQUIRE(ear.echoes[i].first == std::to_string(i));
      const PlayoutMark& mark = playout.marks()[i];
      if (!mark.by_clear) REQUIRE(mark.played + playout.cleared() >= mark.position);
    }
    std::uint64_t in_runs = 0;
    for (const PlayoutRun& run : playout.runs()) {
      REQUIRE(run.first_byte == in_runs);
      in_runs += run.bytes;
    }
    REQUIRE(in_runs == playout.played());
  }
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
