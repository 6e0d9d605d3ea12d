#pragma once

#include <string>
#include <string_view>

#include "voicebridge/core/bytes.hpp"
#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Characters that `size` bytes need, padding included.
constexpr std::size_t base64_encoded_size(std::size_t size) { return (size + 2) / 3 * 4; }

/// Standard alphabet (RFC 4648 section 4), padded, no line breaks.
VOICEBRIDGE_API std::string base64_encode(ByteView bytes);

/// Appends to `out` without a temporary.
VOICEBRIDGE_API void base64_append(std::string& out, ByteView bytes);

/// Bytes that well-formed padded text stands for, without decoding it. 0 for text whose length is
/// not a multiple of 4.
VOICEBRIDGE_API std::size_t base64_decoded_size(std::string_view text) noexcept;

/// Strict: padding required, no white space, unused bits must be 0. Fails with
/// `Errc::invalid_argument`.
VOICEBRIDGE_API Result<Bytes> base64_decode(std::string_view text);

/// Decodes onto the end of `out`; on failure `out` is as before. Does not allocate when `out` has
/// the capacity.
VOICEBRIDGE_API bool base64_decode_append(Bytes& out, std::string_view text);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
