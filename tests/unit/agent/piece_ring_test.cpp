#include "agent/piece_ring.hpp"

#include <deque>
#include <random>
#include <string>

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

/// What the ring should hold, held in the simplest way.
struct Kept {
  std::string bytes;
  Micros length;
  bool text;
};

PieceRing::Piece piece(const Kept& kept) { return {kept.bytes, kept.length, kept.text}; }

bool same(const PieceRing::Piece& got, const Kept& kept) {
  return got.bytes == kept.bytes && got.length == kept.length && got.text == kept.text;
}

bool same(const PieceRing& ring, const std::deque<Kept>& model) {
  std::size_t at = 0;
  bool equal = ring.count() == model.size();
  ring.for_each([&](const PieceRing::Piece& got) {
    equal = equal && at < model.size() && same(got, model[at]);
    ++at;
  });
  return equal && at == model.size();
}

}  // namespace

TEST_CASE("a ring is a queue, whatever sizes come and go", "[piece_ring]") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    PieceRing ring;
    std::deque<Kept> model;
    Micros length{0};
    const unsigned largest = seed % 3 == 0 ? 3000 : 30;
    for (int step = 0; step < 400; ++step) {
      const unsigned what = random() % 100;
      // Growing for a while, then shrinking, and so on.
      const unsigned pushes = step / 100 % 2 == 0 ? 65 : 35;
      if (what == 99) {
        ring.give_back();
      } else if (what < pushes) {
        Kept kept{std::string(random() % largest, static_cast<char>('a' + step % 26)),
                  Micros(random() % 100000), random() % 2 == 0};
        ring.push(piece(kept));
        length += kept.length;
        model.push_back(std::move(kept));
      } else if (!model.empty()) {
        REQUIRE(same(ring.front(), model.front()));
        ring.pop();
        length -= model.front().length;
        model.pop_front();
      }
      REQUIRE(ring.empty() == model.empty());
      REQUIRE(ring.length() == length);
      REQUIRE(same(ring, model));
    }
  }
}

TEST_CASE("a ring through which frames pass keeps its memory", "[piece_ring]") {
  PieceRing ring;
  const std::string frame(216, 'x');
  for (int i = 0; i < 50; ++i) ring.push({frame, Micros(20000), true});
  ring.pop();
  ring.push({frame, Micros(20000), true});
  const std::size_t held = ring.capacity();
  CHECK(held < 2 * 50 * frame.size());
  for (int i = 0; i < 10000; ++i) {
    ring.pop();
    ring.push({frame, Micros(20000), true});
  }
  CHECK(ring.capacity() == held);
}

TEST_CASE("a ring gives back what only a long queue needed", "[piece_ring]") {
  PieceRing ring;
  const std::string frame(216, 'x');
  for (int i = 0; i < 1500; ++i) ring.push({frame, Micros(20000), false});
  while (ring.count() > 50) ring.pop();
  CHECK(ring.capacity() > 1500 * frame.size());
  ring.give_back();
  CHECK(ring.capacity() < 100 * frame.size());
  CHECK(ring.count() == 50);
  CHECK(ring.front().bytes == frame);
  ring.clear();
  CHECK(ring.capacity() == 0);
}
