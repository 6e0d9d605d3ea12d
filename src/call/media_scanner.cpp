#include "call/media_scanner.hpp"

#include <array>
#include <cstring>

#include "core/plain_text.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

constexpr std::uint8_t kNotBase64 = 0x80;

constexpr std::array<std::uint8_t, 256> make_base64_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = kNotBase64;
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::uint8_t i = 0; i < 64; ++i) values[static_cast<unsigned char>(kAlphabet[i])] = i;
  return values;
}
constexpr auto kBase64Values = make_base64_values();

std::uint8_t base64_value(char c) { return kBase64Values[static_cast<unsigned char>(c)]; }

/// The number that a counter's text stands for. Eighteen digits always fit.
std::optional<std::uint64_t> parse_counter(std::string_view digits) noexcept {
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

MediaFrame::Track parse_track(std::string_view name) noexcept {
  if (name == "inbound") return MediaFrame::Track::inbound;
  if (name == "outbound") return MediaFrame::Track::outbound;
  return MediaFrame::Track::other;
}

/// Walks plain JSON. Every function returns false where the text stops being plain.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool at_end() {
    skip_space();
    return at_ == end_;
  }
  bool take(char wanted) {
    skip_space();
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }
  bool string(std::string_view& out) {
    if (!take('"')) return false;
    const char* begin = at_;
    at_ = skip_plain(at_, end_);
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    return at_ != end_ && *at_++ == '"';
  }
  /// Like `string`, for text that is long and checked afterwards: base64 has no quote and no
  /// backslash.
  bool long_string(std::string_view& out) {
    if (!take('"')) return false;
    const auto* quote = static_cast<const char*>(std::memchr(at_, '"', remaining()));
    if (quote == nullptr) return false;
    out = {at_, static_cast<std::size_t>(quote - at_)};
    at_ = quote + 1;
    return true;
  }
  /// A string, or the digits of a whole number.
  bool scalar(std::string_view& out) {
    skip_space();
    if (at_ != end_ && *at_ == '"') return string(out);
    const char* begin = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    const bool leading_zero = out.size() > 1 && out.front() == '0';
    const bool goes_on = at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E');
    return !out.empty() && out.size() <= 18 && !leading_zero && !goes_on;
  }
  /// Calls `member(key)` for each member of an object; `member` reads the value.
  template <class Member>
  bool object(Member member) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      std::string_view key;
      if (!string(key) || !take(':') || !member(key)) return false;
    } while (take(','));
    return take('}');
  }

 private:
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }

  const char* at_;
  const char* end_;
};

/// Each key that is read may come once; the parser decides what a repeated one means.
class Once {
 public:
  bool operator()(unsigned bit) {
    const unsigned mask = 1U << bit;
    const bool first = (seen_ & mask) == 0;
    seen_ |= mask;
    return first;
  }
  bool has(unsigned bit) const { return (seen_ & (1U << bit)) != 0; }

 private:
  unsigned seen_ = 0;
};

bool scan_media(Cursor& cursor, MediaFrame& out) {
  enum : unsigned { kTrack, kChunk, kTimestamp, kPayload };
  Once once;
  const bool whole = cursor.object([&](std::string_view key) {
    std::string_view value;
    if (key == "payload") return once(kPayload) && cursor.long_string(out.payload);
    if (key == "track") {
      if (!once(kTrack) || !cursor.string(value)) return false;
      out.track = parse_track(value);
      return true;
    }
    if (!cursor.scalar(value)) return false;
    if (key == "chunk") {
      out.chunk = parse_counter(value);
      return once(kChunk);
    }
    if (key == "timestamp") {
      out.timestamp = parse_counter(value);
      return once(kTimestamp);
    }
    return true;
  });
  out.sound = whole && is_base64(out.payload);
  return out.sound;
}

bool scan_mark(Cursor& cursor, std::string_view& name) {
  enum : unsigned { kName };
  Once once;
  const bool whole = cursor.object([&](std::string_view key) {
    std::string_view ignored;
    return key == "name" ? once(kName) && cursor.string(name) : cursor.scalar(ignored);
  });
  return whole && once.has(kName);
}

}  // namespace

std::optional<ScannedMessage> scan_message(std::string_view text) noexcept {
  enum : unsigned { kEvent, kMedia, kMark };
  Cursor cursor(text);
  ScannedMessage message;
  std::string_view event;
  Once once;
  const bool whole = cursor.object([&](std::string_view key) {
    if (key == "event") return once(kEvent) && cursor.string(event);
    if (key == "media") return once(kMedia) && scan_media(cursor, message.media);
    if (key == "mark") return once(kMark) && scan_mark(cursor, message.mark_name);
    std::string_view ignored;
    return cursor.scalar(ignored);
  });
  if (!whole || !cursor.at_end()) return std::nullopt;
  if (event == "media" && once.has(kMedia)) {
    message.kind = ScannedMessage::Kind::media;
    return message;
  }
  if (event == "mark" && once.has(kMark)) {
    message.kind = ScannedMessage::Kind::mark;
    return message;
  }
  return std::nullopt;
}

MediaFrame media_frame(JsonView media) noexcept {
  const auto counter = [&](std::string_view key) -> std::optional<std::uint64_t> {
    const JsonView value = media[key];
    if (const auto text = value.string()) return parse_counter(*text);
    const auto number = value.integer();
    if (!number || *number < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
  };
  MediaFrame frame;
  if (media["track"].exists()) frame.track = parse_track(media["track"].string().value_or(""));
  frame.chunk = counter("chunk");
  frame.timestamp = counter("timestamp");
  frame.payload = media["payload"].string().value_or("");
  frame.sound = is_base64(frame.payload);
  return frame;
}

bool is_base64(std::string_view text) noexcept {
  if (text.empty() || text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  if (text.back() == '=') padding = text[text.size() - 2] == '=' ? 2 : 1;
  const std::string_view digits = text.substr(0, text.size() - padding);
  // Comparisons instead of the table: compilers do sixteen of them at once.
  std::uint8_t strange = 0;
  for (const char c : digits) {
    const auto code = static_cast<std::uint8_t>(c);
    const auto letter = static_cast<std::uint8_t>((code | 0x20U) - 'a') < 26;
    const auto number = static_cast<std::uint8_t>(code - '0') < 10;
    strange |= static_cast<std::uint8_t>(!(letter | number | (code == '+') | (code == '/')));
  }
  if (strange != 0) return false;
  const unsigned spare_bits = static_cast<unsigned>(padding) * 2;
  return (base64_value(digits.back()) & ((1U << spare_bits) - 1U)) == 0;
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
