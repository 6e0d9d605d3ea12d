#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {

/// The part of a `media` message that matters. Views point into the message.
struct MediaFrame {
  enum class Track { inbound, outbound, other };
  Track track = Track::inbound;
  std::optional<std::uint64_t> chunk;      ///< Counts the frames of a track.
  std::optional<std::uint64_t> timestamp;  ///< Milliseconds, as far as is known.
  std::string_view payload;
  bool sound = false;  ///< The payload is base64: looked at once, by who read the message.
};

/// What the scanner understands by itself: the two messages that come many times a second.
struct ScannedMessage {
  enum class Kind { media, mark } kind = Kind::media;
  MediaFrame media;
  std::string_view mark_name;
};

/// Reads a `media` or `mark` message in one pass, without a document and without allocating,
/// whatever the order and spacing of its keys. Conservative: nothing for everything that is not
/// plain (escapes, nested values, repeated keys, text that is not ASCII, a payload that is not
/// base64, other events, malformed JSON); such text is for the JSON parser to judge.
std::optional<ScannedMessage> scan_message(std::string_view text) noexcept;

/// The same reading from a parsed `media` object.
MediaFrame media_frame(JsonView media) noexcept;

/// Whether the text is base64 as RFC 4648 section 4 has it: padded, no spare bits set, not empty.
bool is_base64(std::string_view text) noexcept;

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
