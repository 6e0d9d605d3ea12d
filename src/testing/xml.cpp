#include "testing/xml.hpp"

#include <cstdint>
#include <cstdlib>
#include <optional>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::string_view kXmlSpace = " \t\r\n";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == ':';
}

void append_utf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

/// One reader over one text; the first fault ends it.
class XmlReader {
 public:
  XmlReader(std::string_view text, XmlLimits limits) : text_(text), limits_(limits) {}

  Result<XmlElement> document() {
    if (text_.size() > limits_.max_bytes) {
      return fail(Errc::payload_too_large, "the document is too long");
    }
    XmlElement root;
    if (!skip_prologue() || !element(root, 1) || !skip_misc()) return fault();
    if (at_ != text_.size()) return fault("something stands behind the root element");
    return root;
  }

 private:
  tl::unexpected<Error> fault(const char* what = nullptr) const {
    const std::string why = what != nullptr ? what : why_;
    return fail(Errc::protocol_error, why + " at byte " + std::to_string(at_));
  }
  bool stop(const char* why) {
    why_ = why;
    return false;
  }

  void skip_space() {
    while (at_ < text_.size() && kXmlSpace.find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool starts(std::string_view token) const { return text_.substr(at_, token.size()) == token; }
  bool take(std::string_view token) {
    if (!starts(token)) return false;
    at_ += token.size();
    return true;
  }
  bool skip_past(std::string_view end) {
    const std::size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) return stop("a part that never ends");
    at_ = found + end.size();
    return true;
  }

  bool skip_prologue() {
    take("\xEF\xBB\xBF");
    skip_space();
    if (take("<?xml") && !skip_past("?>")) return false;
    return skip_misc();
  }
  /// Comments and white space outside the root.
  bool skip_misc() {
    for (skip_space(); take("<!--"); skip_space()) {
      if (!skip_past("-->")) return false;
    }
    return true;
  }

  bool name(std::string& out) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name_character(text_[at_])) ++at_;
    out = std::string(text_.substr(begin, at_ - begin));
    return !out.empty() || stop("a name is missing");
  }

  /// Appends the text up to the next of `ends`, entities replaced.
  bool characters(std::string& out, std::string_view ends) {
    while (at_ < text_.size() && ends.find(text_[at_]) == std::string_view::npos) {
      if (text_[at_] != '&') {
        out += text_[at_++];
      } else if (!entity(out)) {
        return false;
      }
    }
    return true;
  }

  bool entity(std::string& out) {
    const std::size_t end = text_.find(';', at_);
    if (end == std::string_view::npos || end - at_ > 10) return stop("an entity without an end");
    const std::string_view inner = text_.substr(at_ + 1, end - at_ - 1);
    constexpr std::pair<std::string_view, char> kEntities[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    std::optional<std::uint32_t> point;
    for (const auto& [known, character] : kEntities) {
      if (inner == known) point = static_cast<std::uint32_t>(character);
    }
    if (!point && inner.size() > 1 && inner[0] == '#')
      point = numeric(std::string(inner.substr(1)));
    if (!point) return stop("an entity that is not known");
    append_utf8(out, *point);
    at_ = end + 1;
    return true;
  }

  static std::optional<std::uint32_t> numeric(const std::string& digits) {
    const bool hex = digits[0] == 'x';
    const char* const begin = digits.c_str() + (hex ? 1 : 0);
    char* end = nullptr;
    const unsigned long value = std::strtoul(begin, &end, hex ? 16 : 10);
    if (end == begin || *end != '\0' || value == 0 || value > 0x10FFFF) return std::nullopt;
    return static_cast<std::uint32_t>(value);
  }

  bool attributes(XmlElement& out) {
    for (skip_space(); at_ < text_.size() && is_name_character(text_[at_]); skip_space()) {
      std::pair<std::string, std::string> attribute;
      if (!name(attribute.first)) return false;
      skip_space();
      if (!take("=")) return stop("an attribute without a value");
      skip_space();
      const char quote = at_ < text_.size() ? text_[at_] : '\0';
      if (quote != '"' && quote != '\'') return stop("an attribute without quotes");
      ++at_;
      if (!characters(attribute.second, std::string_view(&quote, 1))) return false;
      if (at_ >= text_.size()) return stop("an attribute that never ends");
      ++at_;
      if (out.find(attribute.first) != nullptr) return stop("an attribute that comes twice");
      out.attributes.push_back(std::move(attribute));
    }
    return true;
  }

  bool element(XmlElement& out, unsigned depth) {
    if (depth > limits_.max_depth) return stop("elements that are nested too deeply");
    if (!take("<")) return stop("an element is missing");
    if (!name(out.name) || !attributes(out)) return false;
    if (take("/>")) return true;
    if (!take(">")) return stop("a tag that is not closed");
    return content(out, depth);
  }

  bool content(XmlElement& out, unsigned depth) {
    while (at_ < text_.size()) {
      if (take("<!--")) {
        if (!skip_past("-->")) return false;
      } else if (take("<![CDATA[")) {
        const std::size_t begin = at_;
        if (!skip_past("]]>")) return false;
        out.text.append(text_.substr(begin, at_ - begin - 3));
      } else if (take("</")) {
        std::string closed;
        if (!name(closed)) return false;
        skip_space();
        if (closed != out.name || !take(">")) return stop("a tag that closes another element");
        return true;
      } else if (starts("<")) {
        out.children.emplace_back();
        if (!element(out.children.back(), depth + 1)) return false;
      } else if (!characters(out.text, "<")) {
        return false;
      }
    }
    return stop("an element that never ends");
  }

  std::string_view text_;
  const XmlLimits limits_;
  std::size_t at_ = 0;
  std::string why_ = "no document";
};

}  // namespace

const std::string* XmlElement::find(std::string_view attribute) const {
  for (const auto& [known, value] : attributes) {
    if (known == attribute) return &value;
  }
  return nullptr;
}

std::string XmlElement::get(std::string_view attribute, std::string_view fallback) const {
  const std::string* const value = find(attribute);
  return value != nullptr ? *value : std::string(fallback);
}

Result<XmlElement> parse_xml(std::string_view text, XmlLimits limits) {
  return XmlReader(text, limits).document();
}

std::string_view trimmed_xml(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kXmlSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kXmlSpace) - begin + 1);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
