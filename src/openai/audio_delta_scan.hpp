#pragma once

#include <optional>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

/// What matters of a `response.output_audio.delta`; the views lie in the scanned text.
struct AudioDelta {
  std::string_view response_id;
  std::string_view item_id;
  std::string_view
      base64;  ///< Not checked to be base64, but free of quotes, escapes and control characters.
};

/// Recognises an audio delta without building a document: nine of ten events are one, and they hold
/// nearly all the bytes. Nothing for every other event and for whatever is unusual: nested values,
/// escapes, repeated members, text beyond ASCII. Those go to `parse_server_event`.
std::optional<AudioDelta> scan_audio_delta(std::string_view text) noexcept;

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
