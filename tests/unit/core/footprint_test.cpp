#include "voicebridge/core/footprint.hpp"

#include <vector>

#include "core/fetch_lines.hpp"
#include "support/catch.hpp"

using namespace voicebridge;

namespace {

struct alignas(Footprint::kLine) Lines {
  char bytes[Footprint::kLine * 200];
};

}  // namespace

TEST_CASE("a footprint counts whole lines, and those told of in a row once", "[footprint]") {
  const Lines lines{};
  Footprint footprint;
  footprint.add(lines.bytes[3]);
  CHECK(footprint.lines() == 1);
  footprint.add(lines.bytes[60]);
  CHECK(footprint.lines() == 1);
  footprint.add(&lines.bytes[60], 5);  // Over the border.
  CHECK(footprint.lines() == 2);
  footprint.add(&lines.bytes[640], Footprint::kLine * 3);
  CHECK(footprint.lines() == 5);
  footprint.add(&lines.bytes[0], 0);
  CHECK(footprint.lines() == 5);
  footprint.clear();
  CHECK(footprint.lines() == 0);
}

TEST_CASE("a footprint takes no more than its limit", "[footprint]") {
  const Lines lines{};
  Footprint footprint;
  footprint.add(lines);
  CHECK(footprint.lines() == Footprint::kMostLines);
  footprint.fetch();
}

TEST_CASE("fetching what is not there does nothing", "[footprint]") {
  Footprint footprint;
  footprint.fetch();
  auto* const gone = new int(7);
  footprint.add(*gone);
  footprint.add(reinterpret_cast<const void*>(std::uintptr_t{64}), 1000);
  footprint.add(reinterpret_cast<const void*>(~std::uintptr_t{0} - 4096), 1000);
  delete gone;
  footprint.fetch();
  fetch_lines(nullptr, 500);
  CHECK(footprint.lines() >= 1);
}
