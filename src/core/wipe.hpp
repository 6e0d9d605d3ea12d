#pragma once

#include <cstddef>

namespace voicebridge::detail {

/// Overwrites with zeros in a way the optimizer must keep.
void wipe(void* data, std::size_t size) noexcept;

}  // namespace voicebridge::detail
