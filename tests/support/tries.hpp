#pragma once

#include <algorithm>
#include <cstdint>

// GCC defines names for them, Clang answers questions.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#elif __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

namespace voicebridge::test {

// How many times slower a sanitizer makes whole calls, about: tests of chance run so many times
// fewer there. All of them run where the code is as it is shipped.
#if defined(__SANITIZE_THREAD__)
inline constexpr std::uint64_t kSlowdown = 20;
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr std::uint64_t kSlowdown = 20;
#else
inline constexpr std::uint64_t kSlowdown = 1;
#endif

/// How often a test of chance is to try: `usual`, fewer times under a sanitizer.
constexpr std::uint64_t tries(std::uint64_t usual) {
  return std::max<std::uint64_t>(1, usual / kSlowdown);
}
/// The step of a walk through every moment of a call.
constexpr std::uint64_t every(std::uint64_t usual = 1) { return usual * kSlowdown; }

}  // namespace voicebridge::test
