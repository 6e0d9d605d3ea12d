#include "voicebridge/call/paced_stream.hpp"

#include <chrono>

#include "support/catch.hpp"

using namespace voicebridge;
using namespace std::chrono_literals;

namespace {

constexpr AudioFormat kLine = AudioFormat::pcmu();

/// What the stream told, as words.
class PacedListener final : public MediaObserver {
 public:
  void on_media_start(const MediaStart& start, TimePoint) override {
    told.push_back("start " + start.stream_id + " " + to_string(start.outbound));
  }
  void on_media_audio(const AudioPayload& audio, Millis position, TimePoint) override {
    told.push_back("audio " + std::to_string(audio.bytes.size()) + " at " +
                   std::to_string(position.count()));
  }
  void on_media_mark(std::string_view name, TimePoint) override {
    told.push_back("mark " + std::string(name));
    if (on_mark) on_mark();
  }
  void on_media_dtmf(char digit, TimePoint) override { told.push_back({'k', 'e', 'y', digit}); }
  void on_media_stop(const std::optional<Error>& why, TimePoint) override {
    told.push_back(why ? "lost" : "stop");
  }
  std::vector<std::string> told;
  std::function<void()> on_mark;
};

struct PacedTrial {
  explicit PacedTrial(Millis max_queue = 1s) : stream(kLine, max_queue) {
    stream.begin(listener, "s1", now);
    listener->told.clear();
  }
  bool send(std::size_t bytes, std::uint8_t value = 7) {
    const Bytes audio(bytes, value);
    return stream.send_audio(AudioPayload::from_bytes(kLine, audio));
  }
  std::size_t pull() { return stream.pull(now += PacedStream::kFrame).size(); }

  TimePoint now{1h};
  std::shared_ptr<PacedListener> listener = std::make_shared<PacedListener>();
  PacedStream stream;
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("a paced stream says what it carries when it begins", "[call]") {
  PacedStream stream(kLine);
  const auto listener = std::make_shared<PacedListener>();
  CHECK_FALSE(stream.running());
  CHECK_FALSE(stream.send_audio(AudioPayload::from_bytes(kLine, ByteView("a"))));
  stream.begin(listener, "s1", TimePoint(1h));
  CHECK(stream.running());
  CHECK(listener->told == Told{"start s1 PCMU/8000"});
  stream.begin(listener, "s2", TimePoint(1h));
  CHECK(listener->told.size() == 1);
}

TEST_CASE("a paced stream of a seat that is taken has ended", "[call]") {
  PacedStream stream(kLine);
  stream.begin(nullptr, "s1", TimePoint(1h));
  CHECK_FALSE(stream.running());
  CHECK(stream.pull(TimePoint(1h)).empty());
}

TEST_CASE("a paced stream gives out whole frames, the last filled up with silence", "[call]") {
  PacedTrial trial;
  CHECK(trial.send(200));
  CHECK(trial.pull() == 160);
  const ByteView last = trial.stream.pull(trial.now);
  REQUIRE(last.size() == 160);
  CHECK(last[39] == 7);
  CHECK(last[40] == kLine.silence_byte());
  CHECK(trial.pull() == 0);
  CHECK(trial.stream.played_bytes() == 200);
}

TEST_CASE("a mark of a paced stream comes back when what was before it has been played", "[call]") {
  PacedTrial trial;
  trial.send(170);
  trial.stream.send_mark("a");
  trial.send(10);
  trial.stream.send_mark("b");
  trial.pull();
  CHECK(trial.listener->told.empty());
  trial.pull();  // Gives out the last bytes, which are heard now …
  CHECK(trial.listener->told.empty());
  trial.pull();  // … and have been heard here.
  CHECK(trial.listener->told == Told{"mark a", "mark b"});
}

TEST_CASE("a clear of a paced stream drops what waits, and its marks come back", "[call]") {
  PacedTrial trial;
  trial.send(480);
  trial.stream.send_mark("a");
  trial.pull();
  trial.stream.clear();
  CHECK(trial.listener->told.empty());  // Never inside of the call.
  CHECK(trial.pull() == 0);
  CHECK(trial.listener->told == Told{"mark a"});
  CHECK(trial.stream.played_bytes() == 160);
  trial.send(160);
  trial.stream.send_mark("b");
  trial.pull();
  trial.pull();
  CHECK(trial.listener->told == Told{"mark a", "mark b"});
}

TEST_CASE("a paced stream refuses what is too much, and what has another format", "[call]") {
  PacedTrial trial(40ms);
  CHECK(trial.send(320));
  CHECK_FALSE(trial.send(1));
  trial.pull();
  CHECK(trial.send(160));
  const Bytes other(160);
  CHECK_FALSE(trial.stream.send_audio(AudioPayload::from_bytes(AudioFormat::pcma(), other)));
  for (std::size_t i = 0; i < PacedStream::kMaxMarks + 5; ++i) trial.stream.send_mark("m");
  trial.stream.clear();
  trial.pull();
  CHECK(trial.listener->told.size() == PacedStream::kMaxMarks);
}

TEST_CASE("a paced stream counts the caller's audio by its own clock", "[call]") {
  PacedTrial trial;
  const Bytes frame(160);
  trial.stream.push(frame, trial.now);
  trial.stream.push(frame, trial.now + 3s);
  trial.stream.push({}, trial.now);
  trial.stream.press('5', trial.now);
  CHECK(trial.listener->told == Told{"audio 160 at 0", "audio 160 at 20", "key5"});
}

TEST_CASE("a paced stream tells its end once, whoever causes it", "[call]") {
  PacedTrial trial;
  SECTION("the agent, not inside of its call") {
    trial.send(160);
    trial.stream.close();
    CHECK_FALSE(trial.send(160));
    CHECK(trial.listener->told.empty());
    CHECK(trial.pull() == 0);
    CHECK(trial.listener->told == Told{"stop"});
  }
  SECTION("this side") {
    trial.stream.end(std::nullopt, trial.now);
    CHECK(trial.listener->told == Told{"stop"});
  }
  SECTION("a loss") {
    trial.stream.end(Error{}, trial.now);
    CHECK(trial.listener->told == Told{"lost"});
  }
  SECTION("the agent, inside of a mark") {
    trial.listener->on_mark = [&] { trial.stream.close(); };
    trial.stream.send_mark("a");
    trial.stream.send_mark("b");
    trial.pull();
    CHECK(trial.listener->told == Told{"mark a", "mark b", "stop"});
  }
  CHECK_FALSE(trial.stream.running());
  const auto told = trial.listener->told;
  const Bytes frame(160);
  trial.stream.push(frame, trial.now);
  trial.stream.press('1', trial.now);
  trial.stream.send_mark("late");
  trial.stream.clear();
  trial.stream.close();
  trial.stream.end(std::nullopt, trial.now);
  CHECK(trial.pull() == 0);
  CHECK(trial.listener->told == told);
}
