#include "agent/turn_memory.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using namespace std::chrono_literals;

namespace {

/// A memory that is given frames of 20 ms, each of one number.
struct Talk {
  Talk(Millis before, Millis limit) : memory(before, limit) {}
  void hear(int frames) {
    for (int i = 0; i < frames; ++i) {
      const Bytes frame(160, ++last);
      memory.add(AudioPayload::from_bytes(AudioFormat::pcmu(), frame));
    }
  }
  /// The numbers of the frames that are given again.
  std::vector<int> again() {
    std::vector<int> numbers;
    memory.take(AudioFormat::pcmu(), [&](const AudioPayload& audio) {
      CHECK(audio.bytes.size() == 160);
      numbers.push_back(audio.bytes.data()[0]);
    });
    return numbers;
  }
  TurnMemory memory;
  std::uint8_t last = 0;
};

std::vector<int> numbers(int from, int to) {
  std::vector<int> all;
  for (int i = from; i <= to; ++i) all.push_back(i);
  return all;
}

}  // namespace

TEST_CASE("a turn is remembered with a little of what came before it", "[turn_memory]") {
  Talk talk(60ms, 10s);
  talk.hear(10);
  CHECK_FALSE(talk.memory.any());
  talk.memory.turn_begins();
  talk.hear(5);
  CHECK(talk.memory.any());
  CHECK(talk.again() == numbers(8, 15));
  // What was given again is one turn that runs on.
  CHECK_FALSE(talk.memory.any());
  talk.hear(2);
  CHECK(talk.again() == numbers(16, 17));
}

TEST_CASE("what was understood is given no second time", "[turn_memory]") {
  Talk talk(40ms, 10s);
  talk.hear(5);
  talk.memory.turn_begins();
  talk.hear(5);
  SECTION("the only turn") { talk.memory.oldest_known(); }
  SECTION("all of them") {
    talk.memory.turn_begins();
    talk.hear(3);
    talk.memory.all_known();
  }
  CHECK_FALSE(talk.memory.any());
  talk.hear(4);
  CHECK_FALSE(talk.memory.any());
}

TEST_CASE("of two turns the second stays", "[turn_memory]") {
  Talk talk(40ms, 10s);
  talk.memory.turn_begins();
  talk.hear(10);
  talk.memory.turn_begins();
  talk.hear(4);
  talk.memory.oldest_known();
  CHECK(talk.again() == numbers(9, 14));
}

TEST_CASE("a long turn loses its beginning, and that is counted", "[turn_memory]") {
  Talk talk(0ms, 200ms);
  talk.memory.turn_begins();
  talk.hear(200);
  CHECK(talk.memory.forgotten() == 190 * 160);
  CHECK(talk.again() == numbers(191, 200));
}

TEST_CASE("audio comes back as it came", "[turn_memory]") {
  TurnMemory memory(1s, 10s);
  const Bytes raw(160, 7);
  memory.turn_begins();
  memory.add(AudioPayload::from_base64(AudioFormat::pcmu(), "////"));
  memory.add(AudioPayload::from_bytes(AudioFormat::pcmu(), raw));
  std::vector<std::string> kinds;
  memory.take(AudioFormat::pcmu(), [&](const AudioPayload& audio) {
    kinds.push_back(audio.base64.empty() ? std::to_string(audio.bytes.size())
                                         : std::string(audio.base64));
  });
  CHECK(kinds == std::vector<std::string>{"////", "160"});
}
