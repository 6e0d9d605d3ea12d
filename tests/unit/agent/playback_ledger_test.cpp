#include "voicebridge/agent/playback_ledger.hpp"

#include <random>

#include "support/catch.hpp"

using namespace voicebridge;
using namespace std::chrono_literals;

namespace {

const TimePoint kStart{std::chrono::hours(1)};

Micros error_of(Micros estimate, Micros truth) {
  return estimate > truth ? estimate - truth : truth - estimate;
}

}  // namespace

TEST_CASE("nothing sent is nothing heard", "[ledger]") {
  PlaybackLedger ledger;
  CHECK_FALSE(ledger.audible(kStart));
  CHECK(ledger.drained());
  CHECK_FALSE(ledger.clear(kStart).playing);
}

TEST_CASE("without marks the clock bounds what was heard", "[ledger]") {
  PlaybackLedger ledger;
  ledger.sent("a", 3s, kStart);
  const auto cut = ledger.clear(kStart + 1840ms);
  REQUIRE(cut.playing);
  CHECK(cut.playing->utterance == "a");
  CHECK(cut.playing->heard == 1840ms);
  CHECK(cut.playing->sent == 3s);
  CHECK(cut.unheard.empty());
}

TEST_CASE("no more is heard than was sent", "[ledger]") {
  PlaybackLedger ledger;
  ledger.sent("a", 500ms, kStart);
  CHECK(ledger.audible(kStart + 499ms));
  CHECK_FALSE(ledger.audible(kStart + 500ms));
  CHECK_FALSE(ledger.clear(kStart + 5s).playing);
}

TEST_CASE("utterances behind the playing one are unheard", "[ledger]") {
  PlaybackLedger ledger;
  ledger.sent("a", 1s, kStart);
  ledger.sent("b", 1s, kStart);
  ledger.sent("c", 1s, kStart);
  const auto cut = ledger.clear(kStart + 1300ms);
  REQUIRE(cut.playing);
  CHECK(cut.playing->utterance == "b");
  CHECK(cut.playing->heard == 300ms);
  CHECK(cut.unheard == std::vector<std::string>{"c"});
}

TEST_CASE("a mark of before the clear proves nothing", "[ledger]") {
  PlaybackLedger ledger;
  ledger.sent("a", 1s, kStart);
  const std::string old(ledger.mark(kStart));
  ledger.clear(kStart + 100ms);
  ledger.sent("b", 1s, kStart + 200ms);
  CHECK_FALSE(ledger.echoed(old, kStart + 210ms));
  CHECK_FALSE(ledger.drained());
  const std::string fresh(ledger.mark(kStart + 200ms));
  CHECK(fresh != old);
  CHECK(ledger.echoed(fresh, kStart + 1250ms));
  CHECK(ledger.drained());
  CHECK_FALSE(ledger.echoed(fresh, kStart + 1260ms));
}

TEST_CASE("a far side that counts samples makes the position exact", "[ledger]") {
  PlaybackLedger ledger;
  const std::string probe(ledger.mark(kStart));
  ledger.echoed(probe, kStart + 60ms);
  ledger.sent("a", 3s, kStart + 100ms);
  // It began to play 250 ms late, which only the samples tell.
  ledger.played(650ms, kStart + 1030ms);
  const auto cut = ledger.clear(kStart + 1230ms);
  REQUIRE(cut.playing);
  CHECK(cut.playing->heard == 910ms);  // 650 + 200, and the way of the order: 60
  ledger.sent("b", 1s, kStart + 1300ms);
  ledger.played(400ms, kStart + 1800ms);
  CHECK_FALSE(ledger.drained());
  ledger.played(300ms, kStart + 1810ms);  // never falls
  ledger.played(5s, kStart + 2400ms);     // and is no more than was sent
  CHECK(ledger.drained());
}

TEST_CASE("names that are not ours are ignored", "[ledger]") {
  PlaybackLedger ledger;
  ledger.sent("a", 1s, kStart);
  ledger.mark(kStart);
  for (const char* name : {"", ".", "0", "0.", ".1", "0.1x", "x.1", "1.1", "0.99", "-0.1"}) {
    CHECK_FALSE(ledger.echoed(name, kStart + 1s));
  }
}

TEST_CASE("audio after a pause begins a run of its own", "[ledger]") {
  PlaybackLedger ledger;
  ledger.sent("a", 1s, kStart);
  ledger.sent("a", 1s, kStart + 5s);  // the carrier was dry for 4 s
  const auto cut = ledger.clear(kStart + 5400ms);
  REQUIRE(cut.playing);
  CHECK(cut.playing->heard == 1400ms);
}

TEST_CASE("a play-out buffer of the carrier shows in the marks", "[ledger]") {
  // The carrier plays 150 ms late; the way takes 20 ms in each direction.
  PlaybackLedger ledger;
  const std::string probe(ledger.mark(kStart));
  REQUIRE(ledger.echoed(probe, kStart + 40ms));
  CHECK(*ledger.round_trip() == 40ms);
  const TimePoint sent_at = kStart + 100ms;
  ledger.sent("a", 400ms, sent_at);
  const std::string mark(ledger.mark(sent_at));
  ledger.sent("a", 3s, sent_at);
  ledger.echoed(mark, sent_at + 20ms + 150ms + 400ms + 20ms);
  const auto cut = ledger.clear(sent_at + 1s);
  REQUIRE(cut.playing);
  // The order arrives 20 ms later; what was played then is 1 s + 20 ms - 170 ms.
  CHECK(cut.playing->heard == 850ms);
  CHECK(cut.playing->error_bound >= 40ms);
}

TEST_CASE("heard stays within its bound of the truth over jittery ways", "[ledger][property]") {
  for (unsigned seed = 0; seed < 1000; ++seed) {
    std::mt19937 random(seed);
    const auto jitter = [&] { return Micros(5000 + random() % 25000); };
    PlaybackLedger ledger;
    const std::string probe(ledger.mark(kStart));
    ledger.echoed(probe, kStart + jitter() + jitter());

    // A carrier that plays in real time what arrives, and an agent that sends ahead in uneven
    // pieces.
    TimePoint now = kStart + 1s;
    TimePoint arrival = now;
    TimePoint played_until{};
    struct Echo {
      TimePoint at;
      std::string name;
    };
    std::vector<Echo> echoes;
    Micros sent{0};
    std::vector<std::pair<TimePoint, Micros>> pieces;  // when its play-out begins, position
    const TimePoint stop = now + Millis(300 + random() % 5000);
    while (now < stop) {
      if (ledger.lead(now) < 400ms) {
        const Micros length = 20ms * (1 + random() % 10);
        ledger.sent("a", length, now);
        arrival = std::max(arrival, now + jitter());
        const TimePoint begins = std::max(arrival, played_until);
        pieces.emplace_back(begins, sent);
        played_until = begins + length;
        sent += length;
        if (random() % 3 == 0)
          echoes.push_back({played_until + jitter(), std::string(ledger.mark(now))});
      }
      now += 20ms;
      for (Echo& echo : echoes) {
        if (echo.at <= now && !echo.name.empty()) {
          ledger.echoed(echo.name, now);
          echo.name.clear();
        }
      }
    }
    const TimePoint order_arrives = std::max(arrival, now + jitter());
    Micros truth{0};
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (pieces[i].first > order_arrives) break;
      const Micros end = i + 1 < pieces.size() ? pieces[i + 1].second : sent;
      truth = std::min(end, pieces[i].second + std::chrono::duration_cast<Micros>(order_arrives -
                                                                                  pieces[i].first));
    }
    const auto cut = ledger.clear(now);
    const Micros heard = cut.playing ? cut.playing->heard : sent;
    INFO("seed " << seed << " truth " << truth.count() << " heard " << heard.count());
    REQUIRE(heard <= sent);
    REQUIRE(error_of(heard, truth) <= 40ms);
  }
}
