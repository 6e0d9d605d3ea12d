#include "openai/audio_delta_scan.hpp"

#include "core/plain_text.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {
namespace {

/// Reads a flat JSON object of plain strings and whole numbers, member by member.
class FlatObjectReader {
 public:
  explicit FlatObjectReader(std::string_view text)
      : at_(text.data()), end_(text.data() + text.size()) {}

  bool open() { return take('{'); }
  bool close() {
    if (!take('}')) return false;
    skip_space();
    return at_ == end_;
  }
  bool take(char expected) {
    skip_space();
    if (at_ == end_ || *at_ != expected) return false;
    ++at_;
    return true;
  }
  bool string(std::string_view& out) {
    if (!take('"')) return false;
    const char* const begin = at_;
    at_ = voicebridge::detail::skip_plain(at_, end_);
    if (at_ == end_ || *at_ != '"') return false;
    out = std::string_view(begin, static_cast<std::size_t>(at_ - begin));
    ++at_;
    return true;
  }
  bool whole_number() {
    skip_space();
    if (at_ != end_ && *at_ == '-') ++at_;
    const char* const begin = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ != begin && (*begin != '0' || at_ - begin == 1);
  }
  bool next_is_string() {
    skip_space();
    return at_ != end_ && *at_ == '"';
  }

 private:
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  const char* at_;
  const char* end_;
};

bool is_audio_delta(std::string_view type) {
  return type == "response.output_audio.delta" || type == "response.audio.delta";
}

}  // namespace

std::optional<AudioDelta> scan_audio_delta(std::string_view text) noexcept {
  FlatObjectReader reader(text);
  AudioDelta delta;
  std::string_view type;
  const auto target = [&](std::string_view key) -> std::string_view* {
    if (key == "type") return &type;
    if (key == "delta") return &delta.base64;
    if (key == "response_id") return &delta.response_id;
    if (key == "item_id") return &delta.item_id;
    return nullptr;
  };

  if (!reader.open()) return std::nullopt;
  do {
    std::string_view key;
    if (!reader.string(key) || !reader.take(':')) return std::nullopt;
    std::string_view* const known = target(key);
    if (known != nullptr && known->data() != nullptr) return std::nullopt;  // repeated
    std::string_view ignored;
    if (known != nullptr || reader.next_is_string()) {
      if (!reader.string(known != nullptr ? *known : ignored)) return std::nullopt;
    } else if (!reader.whole_number()) {
      return std::nullopt;
    }
    if (known == &type && !is_audio_delta(type)) return std::nullopt;
  } while (reader.take(','));
  if (!reader.close() || type.empty() || delta.base64.data() == nullptr) return std::nullopt;
  return delta;
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
