#pragma once

#include <cstddef>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Has so many bytes fetched; does not wait for them.
void fetch_lines(const void* begin, std::size_t size) noexcept;

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
