#pragma once

#include <cstddef>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// Overwrites with zeros in a way the optimizer must keep.
void wipe(void* data, std::size_t size) noexcept;

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
