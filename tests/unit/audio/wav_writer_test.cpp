#include "voicebridge/audio/wav_writer.hpp"

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "unit/audio/signals.hpp"
#include "voicebridge/audio/wav.hpp"

using namespace voicebridge;

namespace {

WavWriter writer_for(const std::filesystem::path& path, unsigned channels = 1) {
  auto writer = WavWriter::create(path, 8000, channels);
  REQUIRE(writer);
  return std::move(*writer);
}

Samples samples_of(const std::filesystem::path& path) {
  const auto wav = read_wav(path);
  REQUIRE(wav);
  return wav->samples;
}

}  // namespace

TEST_CASE("arguments of a writer are checked") {
  const test::TempDirectory folder;
  CHECK(WavWriter::create(folder / "a.wav", 8000, 0).error().field == "channels");
  CHECK(WavWriter::create(folder / "a.wav", 8000, 3).error().field == "channels");
  CHECK(WavWriter::create(folder / "a.wav", 7999, 1).error().field == "sample_rate");
  CHECK(WavWriter::create(folder / "no" / "a.wav", 8000, 1).error().code == Errc::internal);
}

TEST_CASE("a new file is a WAV file without audio") {
  const test::TempDirectory folder;
  const WavWriter writer = writer_for(folder / "a.wav");
  CHECK(samples_of(folder / "a.wav").empty());
}

TEST_CASE("a file can be read while it is written, up to its last second") {
  const test::TempDirectory folder;
  const Samples noise = test::white_noise(-10, 8000 * 5 + 123, 1);
  WavWriter writer = writer_for(folder / "a.wav");
  for (std::size_t at = 0; at < noise.size(); at += 160) {
    REQUIRE(writer.append(SampleView(noise).subview(at, 160)));
    const Samples so_far = samples_of(folder / "a.wav");
    REQUIRE(so_far.size() + 8000 > writer.frames());
    REQUIRE(std::equal(so_far.begin(), so_far.end(), noise.begin()));
  }
  CHECK(writer.duration() == Millis(5015));
  REQUIRE(writer.close());
  CHECK(samples_of(folder / "a.wav") == noise);
  CHECK(writer.close());
}

TEST_CASE("a writer that goes away completes its file") {
  const test::TempDirectory folder;
  {
    WavWriter writer = writer_for(folder / "a.wav", 2);
    REQUIRE(writer.append(Samples{1, 2, 3, 4}));
    const WavWriter moved = std::move(writer);
    CHECK(moved.frames() == 2);
  }
  CHECK(samples_of(folder / "a.wav") == Samples{1, 2, 3, 4});
}

TEST_CASE("audio is written over audio, gaps are silence") {
  const test::TempDirectory folder;
  WavWriter writer = writer_for(folder / "a.wav", 2);
  REQUIRE(writer.write_at(3, Samples{7, 8}));
  REQUIRE(writer.write_at(1, Samples{1, 2, 3, 4}));
  REQUIRE(writer.write_at(2, Samples{5, 6, 9}));  // half a frame is left out
  REQUIRE(writer.write_at(9, Samples{}));
  CHECK(writer.frames() == 4);
  Samples read;
  REQUIRE(writer.read_at(2, 4, read));
  CHECK(read == Samples{5, 6, 7, 8, 0, 0, 0, 0});
  REQUIRE(writer.read_at(100, 1, read));
  CHECK(read == Samples{0, 0});
  REQUIRE(writer.close());
  CHECK(samples_of(folder / "a.wav") == Samples{0, 0, 1, 2, 5, 6, 7, 8});
}

TEST_CASE("the end is cut off") {
  const test::TempDirectory folder;
  WavWriter writer = writer_for(folder / "a.wav");
  REQUIRE(writer.append(Samples{1, 2, 3, 4}));
  REQUIRE(writer.truncate(9));
  CHECK(writer.frames() == 4);
  REQUIRE(writer.truncate(3));
  REQUIRE(writer.write_at(5, Samples{6}));
  REQUIRE(writer.close());
  CHECK(samples_of(folder / "a.wav") == Samples{1, 2, 3, 0, 0, 6});
}

TEST_CASE("a file cannot outgrow its format") {
  const test::TempDirectory folder;
  WavWriter writer = writer_for(folder / "a.wav", 2);
  const auto written = writer.write_at(0xFFFFFFFFU / 4 - 10, Samples{1, 2});
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::resource_exhausted);
  CHECK_FALSE(writer.write_at(~std::uint64_t{0}, Samples{1, 2}));
  CHECK(writer.frames() == 0);
  CHECK(writer.append(Samples{1, 2}));
}

TEST_CASE("a full disk is an error, then and later") {
  if (!std::filesystem::exists("/dev/full")) {
    WARN("there is no /dev/full here: not tried");
    return;
  }
  const auto writer = WavWriter::create("/dev/full", 8000, 1);
  REQUIRE_FALSE(writer);
  CHECK(writer.error().code == Errc::internal);
}
