#pragma once

#include <string>
#include <vector>

#include "voicebridge/audio/wav.hpp"
#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// The JSON files of a folder in the order of their names, or the one file that `path` is.
Result<std::vector<std::string>> profile_files(const std::string& path);

/// A whole file. `Errc::payload_too_large` beyond `max_bytes`.
Result<std::string> read_small_file(const std::string& path, std::size_t max_bytes);

/// A text file that a profile names: below `folder`, also after links, and valid UTF-8.
/// @param folder  Empty: there is none, and every name is refused.
Result<std::string> read_text_below(const std::string& folder, const std::string& name,
                                    std::size_t max_bytes);

/// A mono WAV file below `folder`, as above.
Result<WavAudio> read_speech_below(const std::string& folder, const std::string& name);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
