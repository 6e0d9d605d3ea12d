// Whatever a page and a call do, in any order: the promises of the seam hold.
#include <random>

#include "support/catch.hpp"
#include "support/tries.hpp"
#include "web_bench.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

struct Chaos {
  explicit Chaos(unsigned seed) : random(seed), bench(seed % 5 != 0) {}

  unsigned below(unsigned limit) { return static_cast<unsigned>(random() % limit); }

  void step() {
    now += static_cast<int>(below(300));
    switch (below(14)) {
      case 0:
        return bench.say(any_text(), now);
      case 1:
        return bench.microphone(below(2000), now);
      case 2:
        bench.speak(2 * below(4000));
        return;
      case 3:
        return bench.session->send_mark("m" + std::to_string(below(3)));
      case 4:
        return bench.session->clear();
      case 5:
        if (below(20) == 0) bench.session->close();
        return;
      case 6:
        return bench.session->on_wake(web_time(now));
      case 7:
        bench.feed->add(R"({"type":"a"})");
        return;
      case 8:
        if (below(40) == 0) bench.feed->close();
        return;
      case 9:
        return bench.session->on_deadline(web_time(now));
      case 10:
        bench.sink.waiting = below(3) == 0 ? 300 * 1024 : 0;
        return bench.session->on_writable(web_time(now));
      case 11:
        bench.sink.status = below(4) == 0 ? SendStatus::dropped : SendStatus::sent;
        return;
      default:
        return bench.say(answer(), now);
    }
  }

  std::string any_text() {
    static const char* const kTexts[] = {
        R"({"type":"ping"})",
        R"({"type":"text","text":"Hi"})",
        "{",
        "",
        R"({"type":"hello","session_id":"ws_1","token":"good","after":3})",
        R"({"type":"played","name":"-1"})",
        R"({"type":"position","played_samples":-4})",
        R"({"type":"lead","phone":"1"})"};
    return kTexts[below(8)];
  }

  /// What a page could say of the marks, true or not.
  std::string answer() {
    const std::string samples = std::to_string(below(20000));
    if (below(2) == 0) return R"({"type":"position","played_samples":)" + samples + "}";
    return R"({"type":"played","name":")" + std::to_string(below(20)) + R"(","played_samples":)" +
           samples + "}";
  }

  std::mt19937 random;
  WebBench bench;
  int now = 0;
};

}  // namespace

TEST_CASE("any order of things keeps the promises of a stream") {
  std::size_t talks = 0;
  for (unsigned seed = 1; seed <= test::tries(400); ++seed) {
    Chaos chaos(seed);
    WebBench& bench = chaos.bench;
    if (seed % 3 != 0) bench.hello();
    for (int i = 0; i < 300; ++i) chaos.step();
    const std::size_t heard = bench.ear->heard.size();
    bench.session->on_socket_closed(seed % 2 == 0 ? 1000 : 1006, web_time(chaos.now));
    INFO("seed " << seed);
    REQUIRE(bench.ear->starts.size() <= 1);
    REQUIRE(bench.ear->stops.size() == bench.ear->starts.size());
    REQUIRE(bench.sink.closed.size() <= 1);
    REQUIRE(bench.session->counters().bytes_in == heard);
    REQUIRE(bench.session->counters().bytes_out == bench.sink.audio.size());
    // No more can have been played than was sent, 48 bytes a millisecond.
    for (const Micros played : bench.ear->played) {
      REQUIRE(played.count() <= static_cast<std::int64_t>(bench.sink.audio.size()) * 1000 / 48);
    }
    for (int i = 0; i < 30; ++i) chaos.step();
    REQUIRE(bench.ear->heard.size() == heard);
    REQUIRE(bench.ear->stops.size() == bench.ear->starts.size());
    talks += bench.ear->starts.size();
  }
  CHECK(talks > 0);
}
