#include "voicebridge/audio/call_recorder.hpp"

#include <sys/resource.h>

#include <csignal>

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "unit/audio/signals.hpp"
#include "voicebridge/audio/wav.hpp"
#include "voicebridge/core/base64.hpp"

using namespace voicebridge;

namespace {

constexpr std::uint8_t kUlaw988 = 0xCE;   // decodes to 988
constexpr std::uint8_t kAlaw1008 = 0xFA;  // decodes to 1008

CallRecorder recorder_for(CallRecorderOptions options) {
  auto recorder = CallRecorder::create(std::move(options));
  REQUIRE(recorder);
  return std::move(*recorder);
}

AudioPayload caller_audio(const Bytes& bytes) {
  return AudioPayload::from_bytes(AudioFormat::pcmu(), bytes);
}

AudioPayload agent_audio(const Bytes& bytes) {
  return AudioPayload::from_bytes(AudioFormat::pcma(), bytes);
}

struct Sides {
  Samples caller;
  Samples agent;
};

Sides sides_of(const std::filesystem::path& path) {
  const auto wav = read_wav(path);
  REQUIRE(wav);
  REQUIRE(wav->channels == 2);
  Sides sides;
  for (std::size_t i = 0; i < wav->samples.size(); i += 2) {
    sides.caller.push_back(wav->samples[i]);
    sides.agent.push_back(wav->samples[i + 1]);
  }
  return sides;
}

/// Files of this process cannot grow beyond `bytes` while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

/// `count` samples of silence but for `value` from `from` to `to`.
Samples tone_between(std::size_t count, std::size_t from, std::size_t to, std::int16_t value) {
  Samples samples(count, 0);
  std::fill(samples.begin() + static_cast<std::ptrdiff_t>(from),
            samples.begin() + static_cast<std::ptrdiff_t>(to), value);
  return samples;
}

}  // namespace

TEST_CASE("options of a recorder are checked") {
  const test::TempDirectory folder;
  CHECK(CallRecorder::create({folder / "no" / "a.wav"}).error().code == Errc::internal);
  CHECK(CallRecorder::create({folder / "a.wav", 100}).error().field == "sample_rate");
  CHECK(CallRecorder::create({folder / "a.wav", 8000, Millis(-1)}).error().field == "max_length");
  CHECK(CallRecorder::create({folder / "a.wav", 8000, std::chrono::hours(6)}).error().field ==
        "max_length");
}

TEST_CASE("the caller is left, the agent right, both where they belong") {
  const test::TempDirectory folder;
  CallRecorder recorder = recorder_for({folder / "a.wav"});
  const Bytes caller_frame(160, kUlaw988);
  const std::string agent_frame = base64_encode(Bytes(320, kAlaw1008));
  for (int i = 0; i < 10; ++i) {
    recorder.add_caller(caller_audio(caller_frame), Millis(100 + 20 * i));
  }
  recorder.add_agent(AudioPayload::from_base64(AudioFormat::pcma(), agent_frame), Millis(200));
  const auto recording = recorder.finish();
  REQUIRE(recording);
  CHECK(recording->path == folder / "a.wav");
  CHECK(recording->duration == Millis(300));
  CHECK(recorder.dropped() == 0);
  const Sides sides = sides_of(folder / "a.wav");
  CHECK(sides.caller == tone_between(2400, 800, 2400, 988));
  CHECK(sides.agent == tone_between(2400, 1600, 1920, 1008));
}

TEST_CASE("a barge-in removes what was placed ahead, on the agent's side alone") {
  const test::TempDirectory folder;
  CallRecorder recorder = recorder_for({folder / "a.wav"});
  recorder.add_agent(agent_audio(Bytes(8000 * 30, kAlaw1008)), Millis(1000));  // 30 s at once
  const Bytes caller_frame(160, kUlaw988);
  for (int i = 0; i < 100; ++i) {
    recorder.add_caller(caller_audio(caller_frame), Millis(20 * i));
  }
  recorder.cut_agent_from(Millis(1500));
  recorder.add_agent(agent_audio(Bytes(80, kAlaw1008)), Millis(1800));
  const auto recording = recorder.finish();
  REQUIRE(recording);
  CHECK(recording->duration == Millis(2000));
  CHECK(std::filesystem::file_size(folder / "a.wav") == 44 + 16000 * 4);
  const Sides sides = sides_of(folder / "a.wav");
  CHECK(sides.caller == Samples(16000, 988));
  Samples agent = tone_between(16000, 8000, 12000, 1008);
  std::fill(agent.begin() + 14400, agent.begin() + 14480, std::int16_t{1008});
  CHECK(sides.agent == agent);
}

TEST_CASE("the model's rate is brought to the file's") {
  const test::TempDirectory folder;
  CallRecorder recorder = recorder_for({folder / "a.wav", 16000});
  recorder.add_caller(caller_audio(Bytes(8000, kUlaw988)), Millis(0));
  recorder.add_agent(AudioPayload::from_bytes(AudioFormat::l16(24000), Bytes(48000)), Millis(500));
  const auto recording = recorder.finish();
  REQUIRE(recording);
  CHECK(recording->duration == Millis(1500));
  const Sides sides = sides_of(folder / "a.wav");
  for (std::size_t i = 200; i < 15800; ++i) REQUIRE(std::abs(sides.caller[i] - 988) <= 1);
}

TEST_CASE("a call cut off by a crash can be played up to its last seconds") {
  const test::TempDirectory folder;
  CallRecorder recorder = recorder_for({folder / "a.wav"});
  const Bytes caller_frame(160, kUlaw988);
  for (int i = 0; i < 500; ++i) {
    recorder.add_caller(caller_audio(caller_frame), Millis(20 * i));
  }
  const Sides sides = sides_of(folder / "a.wav");
  CHECK(sides.caller.size() >= 8 * 8000);
  CHECK(sides.caller == Samples(sides.caller.size(), 988));
}

TEST_CASE("pieces that cannot be recorded are counted") {
  const test::TempDirectory folder;
  CallRecorder recorder = recorder_for({folder / "a.wav", 8000, Millis(1000)});
  recorder.add_caller(AudioPayload::from_base64(AudioFormat::pcmu(), "?"), Millis(0));
  recorder.add_caller(caller_audio(Bytes(160, kUlaw988)), Millis(-20));
  recorder.add_agent(agent_audio(Bytes(160, kAlaw1008)), Millis(1000));
  recorder.add_agent(AudioPayload::from_bytes(AudioFormat::opus(44100), Bytes(160)), Millis(0));
  CHECK(recorder.dropped() == 4);
  const auto recording = recorder.finish();
  REQUIRE(recording);
  CHECK(recording->duration == Millis(0));
}

TEST_CASE("a finished recording stays as it is") {
  const test::TempDirectory folder;
  CallRecorder recorder = recorder_for({folder / "a.wav"});
  recorder.add_caller(caller_audio(Bytes(160, kUlaw988)), Millis(0));
  REQUIRE(recorder.finish());
  recorder.add_agent(agent_audio(Bytes(160, kAlaw1008)), Millis(0));
  recorder.cut_agent_from(Millis(0));
  CHECK(recorder.dropped() == 1);
  CHECK(recorder.finish().error().code == Errc::conflict);
  CHECK(sides_of(folder / "a.wav").caller == Samples(160, 988));
}

TEST_CASE("a recorder that goes away finishes its file") {
  const test::TempDirectory folder;
  {
    CallRecorder recorder = recorder_for({folder / "a.wav"});
    recorder.add_caller(caller_audio(Bytes(160, kUlaw988)), Millis(0));
    recorder = recorder_for({folder / "b.wav"});
  }
  CHECK(sides_of(folder / "a.wav").caller == Samples(160, 988));
  CHECK(sides_of(folder / "b.wav").caller.empty());
}

TEST_CASE("a disk that is full in the middle of a call is told at the end") {
  const test::TempDirectory folder;
  CallRecorder recorder = recorder_for({folder / "a.wav"});
  const Bytes second(8000, kUlaw988);
  {
    const FileSizeLimit limit(100000);
    for (int i = 0; i < 10; ++i) {
      recorder.add_caller(caller_audio(second), Millis(1000 * i));
      recorder.add_agent(agent_audio(second), Millis(1000 * i));
      recorder.cut_agent_from(Millis(1000 * i + 500));
    }
  }
  const auto recording = recorder.finish();
  REQUIRE_FALSE(recording);
  CHECK(recording.error().code == Errc::internal);
  CHECK_THAT(recording.error().message, Catch::Contains("a.wav"));
  CHECK(sides_of(folder / "a.wav").caller.size() >= 2 * 8000);
}

TEST_CASE("any order of audio and cuts leaves a file as long as its audio") {
  const test::TempDirectory folder;
  std::mt19937 random(5);
  const auto up_to = [&](int last) { return std::uniform_int_distribution<int>(0, last)(random); };
  for (int run = 0; run < 50; ++run) {
    CallRecorder recorder = recorder_for({folder / "a.wav"});
    Samples caller(8 * 4000, 0);
    Samples agent(8 * 4000, 0);
    std::size_t caller_end = 0;
    std::size_t agent_end = 0;
    for (int step = 0; step < 60; ++step) {
      const int position = up_to(2000);
      const auto from = static_cast<std::ptrdiff_t>(position) * 8;
      if (up_to(5) == 0) {
        recorder.cut_agent_from(Millis(position));
        std::fill(agent.begin() + from, agent.end(), std::int16_t{0});
        agent_end = std::min(agent_end, static_cast<std::size_t>(from));
        continue;
      }
      const bool of_caller = up_to(1) == 0;
      const auto count = static_cast<std::size_t>(up_to(2000)) * 8 + 24;
      auto& side = of_caller ? caller : agent;
      auto& end = of_caller ? caller_end : agent_end;
      std::fill_n(side.begin() + from, count, std::int16_t(of_caller ? 988 : 1008));
      end = std::max(end, static_cast<std::size_t>(from) + count);
      if (of_caller) {
        recorder.add_caller(caller_audio(Bytes(count, kUlaw988)), Millis(position));
      } else {
        recorder.add_agent(agent_audio(Bytes(count, kAlaw1008)), Millis(position));
      }
    }
    REQUIRE(recorder.finish());
    const std::size_t length = std::max(caller_end, agent_end);
    caller.resize(length);
    agent.resize(length);
    const Sides sides = sides_of(folder / "a.wav");
    REQUIRE(sides.caller == caller);
    REQUIRE(sides.agent == agent);
  }
}
