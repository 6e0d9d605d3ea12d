#include "audio/recorder_track.hpp"

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "unit/audio/signals.hpp"

using namespace voicebridge;
using detail::RecorderTrack;

namespace {

/// A track over the right channel of a file.
class Bench {
 public:
  explicit Bench(Millis max_length = Millis(60000))
      : file_(*WavWriter::create(folder_ / "a.wav", 8000, 2)),
        track(file_, error, 8000, max_length, 1) {}

  /// `count` samples of the right channel; the left one must be silent.
  Samples right(std::size_t from, std::size_t count) {
    Samples both;
    REQUIRE(file_.read_at(from, count, both));
    Samples samples;
    for (std::size_t i = 0; i < both.size(); i += 2) {
      REQUIRE(both[i] == 0);
      samples.push_back(both[i + 1]);
    }
    return samples;
  }

  bool add_linear(const Samples& samples, Millis position, std::uint32_t rate = 8000) {
    Bytes bytes;
    const auto format = AudioFormat::l16(rate);
    REQUIRE((*make_audio_codec(format))->encode(samples, bytes));
    return track.add(AudioPayload::from_bytes(format, bytes), position);
  }

 private:
  test::TempDirectory folder_;
  WavWriter file_;

 public:
  std::optional<Error> error;
  RecorderTrack track;
};

}  // namespace

TEST_CASE("pieces stand at their position") {
  Bench bench;
  REQUIRE(bench.add_linear({1, 2, 3}, Millis(100)));
  REQUIRE(bench.add_linear({4, 5}, Millis(10)));
  bench.track.finish();
  CHECK(bench.right(800, 4) == Samples{1, 2, 3, 0});
  CHECK(bench.right(80, 3) == Samples{4, 5, 0});
  CHECK(bench.track.end() == 803);
}

TEST_CASE("pieces with rounded positions join without a seam") {
  Bench bench;
  const Samples noise = test::white_noise(-10, 20000, 1);
  std::size_t at = 0;
  test::in_random_cuts(SampleView(noise), 2, 333, [&](SampleView part) {
    REQUIRE(bench.add_linear(Samples(part.begin(), part.end()), Millis(500 + at / 8)));
    at += part.size();
  });
  bench.track.finish();
  CHECK(bench.right(4000, 20000) == noise);
}

TEST_CASE("resampled pieces are the stream in one piece, without the filter's delay") {
  const Samples tone = test::sine(400, 24000, 24000 * 2);
  Bench bench;
  std::size_t at = 0;
  test::in_random_cuts(SampleView(tone), 3, 2000, [&](SampleView part) {
    REQUIRE(bench.add_linear(Samples(part.begin(), part.end()), Millis(1000 + at / 24), 24000));
    at += part.size();
  });
  bench.track.finish();
  CHECK(bench.track.end() == 8000 + 16000);
  const Samples recorded = bench.right(8000, 16000);
  const Samples expected = test::sine(400, 8000, 16000);
  int largest = 0;
  for (std::size_t i = 100; i < 15900; ++i)
    largest = std::max(largest, std::abs(recorded[i] - expected[i]));
  CHECK(largest <= 32);
}

TEST_CASE("a change of format begins a new run where it stands") {
  Bench bench;
  REQUIRE(bench.add_linear(Samples(160, 1000), Millis(0)));
  REQUIRE(
      bench.track.add(AudioPayload::from_bytes(AudioFormat::pcma(), Bytes(160, 0xFA)), Millis(20)));
  bench.track.finish();
  CHECK(bench.right(159, 2) == Samples{1000, 1008});
  CHECK(bench.track.end() == 320);
}

TEST_CASE("the later piece wins") {
  Bench bench;
  REQUIRE(bench.add_linear(Samples(160, 1), Millis(0)));
  REQUIRE(bench.add_linear(Samples(80, 2), Millis(5)));
  bench.track.finish();
  CHECK(bench.right(38, 4) == Samples{1, 1, 2, 2});
  CHECK(bench.right(118, 4) == Samples{2, 2, 1, 1});
}

TEST_CASE("a cut silences what is held and what is written") {
  Bench bench;
  REQUIRE(bench.add_linear(Samples(8000 * 3 + 100, 5), Millis(1000)));
  bench.track.cut_from(Millis(1500));
  CHECK(bench.track.end() == 12000);
  CHECK(bench.right(11999, 2) == Samples{5, 0});
  CHECK(bench.right(12000, 21000) == Samples(21000, 0));
  REQUIRE(bench.add_linear({7}, Millis(2000)));
  bench.track.finish();
  CHECK(bench.right(15999, 3) == Samples{0, 7, 0});
}

TEST_CASE("a cut behind the end changes nothing, one before the beginning takes all") {
  Bench bench;
  REQUIRE(bench.add_linear({1, 2, 3}, Millis(10)));
  bench.track.cut_from(Millis(500));
  CHECK(bench.track.end() == 83);
  bench.track.cut_from(Millis::max());
  CHECK(bench.right(80, 3) == Samples{1, 2, 3});
  bench.track.cut_from(Millis(-1));
  CHECK(bench.track.end() == 0);
  CHECK(bench.right(80, 3) == Samples{0, 0, 0});
}

TEST_CASE("audio outside the timeline is refused") {
  Bench bench(Millis(100));
  CHECK_FALSE(bench.add_linear({1}, Millis(-1)));
  CHECK_FALSE(bench.add_linear({1}, Millis(100)));
  CHECK_FALSE(bench.add_linear({1}, Millis::max()));
  CHECK(bench.add_linear(Samples(80, 1), Millis(90)));
  CHECK_FALSE(bench.add_linear(Samples(80, 1), Millis(95)));
  CHECK_FALSE(bench.add_linear(Samples(8000, 1), Millis(90)));
  bench.track.finish();
  CHECK(bench.track.end() == 800);
}

TEST_CASE("what cannot be decoded is refused") {
  Bench bench;
  CHECK_FALSE(bench.track.add(AudioPayload::from_base64(AudioFormat::pcmu(), "%%%%"), Millis(0)));
  CHECK_FALSE(bench.track.add(AudioPayload::from_bytes(AudioFormat::opus(48000), Bytes{0xFF, 0}),
                              Millis(0)));
  bench.track.finish();
  CHECK(bench.track.end() == 0);
}
