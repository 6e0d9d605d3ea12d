#include "core/json_pattern.hpp"

#include <fmt/format.h>

#include <optional>

#include "core/utf8.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

constexpr std::string_view kSpecial = "^$|()?*+.[]{}\\";
constexpr std::string_view kControlEscapes = "fnrtv";
constexpr unsigned kMaxRepetitions = 255;  // Each one is a copy of the states of what is repeated.
constexpr unsigned kMaxDepth = 32;

bool is_one_of(std::string_view characters, char c) {
  return characters.find(c) != std::string_view::npos;
}

/// The ranges of a shorthand class, such as those of `\d` for 'd'; empty for other letters.
std::string_view shorthand_ranges(char letter) {
  switch (letter) {
    case 'd':
    case 'D':
      return "0-9";
    case 'w':
    case 'W':
      return "A-Za-z0-9_-_";
    case 's':
    case 'S':
      return " - \\t-\\r";
    default:
      return {};
  }
}

bool is_negated_shorthand(char letter) { return letter == 'D' || letter == 'W' || letter == 'S'; }

/// A parser by recursive descent; every function appends what it read to `out_` or says why it
/// cannot.
class Translator {
 public:
  explicit Translator(std::string_view pattern) : rest_(pattern) {}

  Result<std::string> translate() {
    const bool anchored_begin = take('^');
    const bool anchored_end = !rest_.empty() && rest_.back() == '$' && !ends_with_escaped_dollar();
    if (anchored_end) rest_.remove_suffix(1);
    if (anchored_begin) out_ += '^';
    if (auto read = alternatives(0); !read) return fail(read.error());
    if (!rest_.empty()) return refuse("has a ) without its (");
    if (anchored_end) out_ += '$';
    if ((anchored_begin || anchored_end) && top_level_alternatives_) {
      return refuse("must put its alternatives into a group, as ^(a|b)$");
    }
    return std::move(out_);
  }

 private:
  static tl::unexpected<Error> refuse(std::string why) {
    return fail(Errc::invalid_argument, std::move(why));
  }

  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool ends_with_escaped_dollar() const {
    std::size_t backslashes = 0;
    while (backslashes + 1 < rest_.size() && rest_[rest_.size() - 2 - backslashes] == '\\')
      ++backslashes;
    return backslashes % 2 == 1;
  }

  Result<> alternatives(unsigned depth) {
    if (depth > kMaxDepth) return refuse("has groups nested too deep");
    while (true) {
      if (auto read = sequence(depth); !read) return read;
      if (!take('|')) return {};
      if (depth == 0) top_level_alternatives_ = true;
      out_ += '|';
    }
  }

  Result<> sequence(unsigned depth) {
    if (rest_.empty() || at('|') || at(')')) return refuse("has an empty part");
    while (!rest_.empty() && !at('|') && !at(')')) {
      if (auto read = atom(depth); !read) return read;
      if (auto read = quantifier(); !read) return read;
    }
    return {};
  }

  Result<> atom(unsigned depth) {
    const char c = rest_.front();
    if (c == '(') return group(depth);
    if (c == '[') return character_class();
    if (c == '\\') return escape();
    if (c == '^' || c == '$') return refuse("may have ^ in front and $ at the end only");
    if (c == '.') {
      out_ += '.';
      rest_.remove_prefix(1);
      return {};
    }
    if (is_one_of(kSpecial, c))
      return refuse(fmt::format("has a {} where a character is expected", c));
    return literal();
  }

  Result<> group(unsigned depth) {
    take('(');
    if (take('?') && !take(':')) return refuse("must not look ahead or behind, or name its groups");
    out_ += '(';
    if (auto read = alternatives(depth + 1); !read) return read;
    if (!take(')')) return refuse("has a ( without its )");
    out_ += ')';
    return {};
  }

  Result<> escape() {
    if (rest_.size() >= 2 && !shorthand_ranges(rest_[1]).empty()) {
      out_ += is_negated_shorthand(rest_[1]) ? "[^" : "[";
      out_ += shorthand_ranges(rest_[1]);
      out_ += ']';
      rest_.remove_prefix(2);
      return {};
    }
    return literal();
  }

  Result<> literal() {
    auto character = take_character();
    if (!character) return fail(character.error());
    out_ += *character;
    return {};
  }

  Result<> character_class() {
    take('[');
    out_ += take('^') ? "[^" : "[";
    if (at(']')) return refuse("has an empty class");
    while (!take(']')) {
      if (rest_.empty()) return refuse("has a [ without its ]");
      if (auto read = class_member(); !read) return read;
    }
    out_ += ']';
    return {};
  }

  // Single members are written as a range of one: RapidJSON has no escape for a hyphen.
  Result<> class_member() {
    if (at('\\') && rest_.size() >= 2 && !shorthand_ranges(rest_[1]).empty()) {
      if (is_negated_shorthand(rest_[1])) return refuse("must not have \\D, \\W or \\S in a class");
      out_ += shorthand_ranges(rest_[1]);
      rest_.remove_prefix(2);
      return {};
    }
    auto first = take_character();
    if (!first) return fail(first.error());
    auto last = first;
    if (rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']') {
      rest_.remove_prefix(1);
      last = take_character();
      if (!last) return fail(last.error());
      if (*last < *first && first->front() != '\\') return refuse("has a range from high to low");
    }
    out_ += *first + '-' + *last;
    return {};
  }

  /// One character, with or without its escape, in the spelling that RapidJSON reads.
  Result<std::string> take_character() {
    const bool escaped = take('\\');
    const std::size_t size = utf8_character_size(rest_, 0);
    if (size == 0 || rest_.front() == '\0') return refuse("ends in the middle of a character");
    std::string character(rest_.substr(0, size));
    const char c = character.front();
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (escaped && alphanumeric && !is_one_of(kControlEscapes, c)) {
      return refuse(fmt::format("uses \\{}, which is not supported", c));
    }
    rest_.remove_prefix(size);
    if ((escaped && alphanumeric) || is_one_of(kSpecial, c)) character.insert(0, 1, '\\');
    return character;
  }

  Result<> quantifier() {
    if (rest_.empty()) return {};
    const char c = rest_.front();
    if (c == '{') return repetition();
    if (c != '?' && c != '*' && c != '+') return {};
    out_ += c;
    rest_.remove_prefix(1);
    return refuse_second_quantifier();
  }

  Result<> repetition() {
    constexpr const char* kForm =
        "must give repetitions as {n}, {n,} or {n,m}, from few to many, 255 at most";
    take('{');
    const auto least = take_number();
    if (!least) return refuse(kForm);
    std::string text = std::to_string(*least);
    if (take(',')) {
      text += ',';
      if (!at('}')) {
        const auto most = take_number();
        if (!most || *most < *least || *most == 0) return refuse(kForm);
        text += std::to_string(*most);
      }
    } else if (*least == 0) {
      return refuse(kForm);
    }
    if (!take('}')) return refuse(kForm);
    out_ += '{' + text + '}';
    return refuse_second_quantifier();
  }

  std::optional<unsigned> take_number() {
    unsigned value = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      value = value * 10 + static_cast<unsigned>(rest_[digits] - '0');
      if (value > kMaxRepetitions) return std::nullopt;
    }
    if (digits == 0) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }

  Result<> refuse_second_quantifier() const {
    if (at('?') || at('*') || at('+') || at('{')) return refuse("has two quantifiers in a row");
    return {};
  }

  std::string_view rest_;
  std::string out_;
  bool top_level_alternatives_ = false;
};

}  // namespace

Result<std::string> translate_pattern(std::string_view pattern) {
  return Translator(pattern).translate();
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
