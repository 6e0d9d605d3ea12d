#pragma once

#include <cstddef>

namespace voicebridge::test {

/// Calls of operator new so far in this thread. Needs support/allocation_counter.cpp among the
/// sources.
std::size_t allocation_count() noexcept;

}  // namespace voicebridge::test
