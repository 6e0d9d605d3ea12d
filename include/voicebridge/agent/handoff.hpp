#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/agent/call_record.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What one conversation leaves for the next: the turns, newest kept when there are too many.
/// Deterministic and without a model, so that a hand-off never waits or fails.
/// @param max_chars  Of the result.
VOICEBRIDGE_API std::string summarize_talk(const std::vector<TranscriptEntry>& transcript,
                                           std::size_t max_chars = 1500);

/// What a talk left for the next.
struct TalkSummary {
  std::string text;       ///< Empty: nothing was said.
  bool by_model = false;  ///< Else by `summarize_talk`.
};

/// Replaces every `{{name}}` of the text by its value; unknown names by nothing.
VOICEBRIDGE_API std::string fill_placeholders(std::string_view text,
                                              const std::map<std::string, std::string>& values);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
