#pragma once

#include <chrono>
#include <thread>

namespace voicebridge::test {

/// Looks again and again at what other threads and processes do; false when `condition` has not
/// become true in a minute.
template <class Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace voicebridge::test
