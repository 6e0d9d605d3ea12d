#include "voicebridge/agent/handoff.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

std::string summarize_talk(const std::vector<TranscriptEntry>& transcript, std::size_t max_chars) {
  std::string summary;
  for (auto entry = transcript.rbegin(); entry != transcript.rend(); ++entry) {
    if (entry->heard_text.empty()) continue;
    std::string line = entry->speaker == Speaker::caller ? "- Visitor: " : "- You: ";
    line += entry->heard_text;
    line += '\n';
    if (summary.size() + line.size() > max_chars) break;
    summary.insert(0, line);
  }
  return summary;
}

std::string fill_placeholders(std::string_view text,
                              const std::map<std::string, std::string>& values) {
  std::string result;
  while (true) {
    const std::size_t open = text.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : text.find("}}", open);
    result += text.substr(0, close == std::string_view::npos ? text.size() : open);
    if (close == std::string_view::npos) return result;
    const auto found = values.find(std::string(text.substr(open + 2, close - open - 2)));
    if (found != values.end()) result += found->second;
    text.remove_prefix(close + 2);
  }
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
