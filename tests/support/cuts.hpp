#pragma once

#include <algorithm>
#include <random>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace voicebridge::test {

using Pieces = std::vector<std::string_view>;

inline Pieces cut_evenly(std::string_view text, std::size_t size) {
  Pieces pieces;
  for (std::size_t at = 0; at < text.size(); at += size) pieces.push_back(text.substr(at, size));
  return pieces;
}

inline Pieces cut_randomly(std::string_view text, unsigned seed) {
  std::mt19937 random(seed);
  Pieces pieces;
  while (!text.empty()) {
    const std::size_t size = std::min<std::size_t>(text.size(), 1 + random() % 40);
    pieces.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return pieces;
}

/// Runs `check` for the same text whole, in two pieces at every place, byte by byte, and in random
/// cuts.
template <class Check>
void for_all_cuts(std::string_view text, Check check) {
  check(Pieces{text});
  check(cut_evenly(text, 1));
  for (std::size_t at = 1; at < text.size(); ++at) {
    INFO("cut at byte " << at);
    check(Pieces{text.substr(0, at), text.substr(at)});
  }
  for (unsigned seed = 1; seed <= 20; ++seed) {
    INFO("random cut " << seed);
    check(cut_randomly(text, seed));
  }
}

}  // namespace voicebridge::test
