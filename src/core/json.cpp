#include "voicebridge/core/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/json_rapidjson.hpp"
#include "core/utf8.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

// Writing and comparing recurse once a level; this many fit on any thread's stack.
constexpr unsigned kDepthCap = 512;

const rapid::Value& as_value(const void* value) { return *static_cast<const rapid::Value*>(value); }

// RapidJSON turns "\udc00" without its first half into bytes that are not UTF-8.
bool holds_lone_surrogate(std::string_view text) {
  for (std::size_t at = text.find('\xED'); at != std::string_view::npos;
       at = text.find('\xED', at + 1)) {
    if (detail::utf8_character_size(text, at) == 0) return true;
  }
  return false;
}

/// Stands between the parser and the document and refuses what the limits and Unicode forbid.
template <class Handler>
class Gate {
 public:
  enum class Refusal { none, depth, surrogate, number };

  Gate(Handler& handler, unsigned max_depth) : handler_(handler), max_depth_(max_depth) {}
  Refusal refusal() const { return refusal_; }

  bool Null() { return handler_.Null(); }
  bool Bool(bool value) { return handler_.Bool(value); }
  // Numbers come as text; the parser's template names the others all the same.
  bool Int(int) { return refuse(Refusal::number); }
  bool Uint(unsigned) { return refuse(Refusal::number); }
  bool Int64(std::int64_t) { return refuse(Refusal::number); }
  bool Uint64(std::uint64_t) { return refuse(Refusal::number); }
  bool Double(double) { return refuse(Refusal::number); }
  // RapidJSON's own conversion shifts by undefined amounts for some spellings of 0: it only finds
  // the text.
  bool RawNumber(const char* text, rapid::SizeType size, bool) {
    const char* end = text + size;
    const bool whole =
        std::none_of(text, end, [](char c) { return c == '.' || c == 'e' || c == 'E'; });
    std::int64_t integer = 0;
    if (whole && converts(text, end, integer)) return handler_.Int64(integer);
    std::uint64_t natural = 0;
    if (whole && converts(text, end, natural)) return handler_.Uint64(natural);
    double real = 0;
    return converts(text, end, real) ? handler_.Double(real) : refuse(Refusal::number);
  }
  bool String(const char* text, rapid::SizeType size, bool copy) {
    return allow_string({text, size}) && handler_.String(text, size, copy);
  }
  bool Key(const char* text, rapid::SizeType size, bool copy) {
    return allow_string({text, size}) && handler_.Key(text, size, copy);
  }
  bool StartObject() { return enter() && handler_.StartObject(); }
  bool StartArray() { return enter() && handler_.StartArray(); }
  bool EndObject(rapid::SizeType size) { return leave() && handler_.EndObject(size); }
  bool EndArray(rapid::SizeType size) { return leave() && handler_.EndArray(size); }

 private:
  template <class Number>
  static bool converts(const char* text, const char* end, Number& number) {
    const auto result = std::from_chars(text, end, number);
    return result.ec == std::errc() && result.ptr == end;
  }
  bool enter() {
    if (depth_ == max_depth_) return refuse(Refusal::depth);
    ++depth_;
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }
  bool allow_string(std::string_view text) {
    return !holds_lone_surrogate(text) || refuse(Refusal::surrogate);
  }
  bool refuse(Refusal refusal) {
    refusal_ = refusal;
    return false;
  }

  Handler& handler_;
  const unsigned max_depth_;
  unsigned depth_ = 0;
  Refusal refusal_ = Refusal::none;
};

using ParserGate = Gate<rapid::Document>;

/// One run of the parser; what came of it is kept for the error sentence.
struct Parse {
  std::string_view text;
  unsigned max_depth;
  rapid::ParseResult result;
  ParserGate::Refusal refusal = ParserGate::Refusal::none;
  std::size_t consumed = 0;

  bool operator()(rapid::Document& document) {
    // Iterative: the depth of the input costs heap, never stack.
    constexpr unsigned kFlags = rapid::kParseIterativeFlag | rapid::kParseValidateEncodingFlag |
                                rapid::kParseNumbersAsStringsFlag;
    rapid::MemoryStream stream(text.data(), text.size());
    rapid::Reader reader;
    ParserGate gate(document, max_depth);
    result = reader.Parse<kFlags>(stream, gate);
    refusal = gate.refusal();
    consumed = stream.Tell();
    return !result.IsError();
  }

  // The parser takes a NUL byte for the end of the text.
  bool succeeded() const { return !result.IsError() && consumed == text.size(); }

  Error error() const {
    const auto at = [](std::size_t offset) { return fmt::format(" at offset {}", offset); };
    if (refusal == ParserGate::Refusal::depth) {
      return fail(Errc::payload_too_large,
                  fmt::format("JSON is nested deeper than {} levels", max_depth))
          .value();
    }
    std::string message = "not valid JSON: ";
    if (refusal == ParserGate::Refusal::surrogate) {
      message += "half a surrogate pair" + at(result.Offset());
    } else if (refusal == ParserGate::Refusal::number) {
      message += "a number out of range" + at(result.Offset());
    } else if (result.IsError()) {
      message += rapid::GetParseError_En(result.Code()) + at(result.Offset());
    } else {
      message += "a NUL byte" + at(consumed);
    }
    return fail(Errc::invalid_argument, std::move(message)).value();
  }
};

const rapid::Value& null_value() {
  static const rapid::Value value;
  return value;
}

}  // namespace

struct Json::Document {
  rapid::Document value;
};

Json::Json() = default;

Result<Json> Json::parse(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.max_bytes) {
    return fail(Errc::payload_too_large,
                fmt::format("JSON is longer than {} bytes", limits.max_bytes));
  }
  if (text.empty()) return fail(Errc::invalid_argument, "not valid JSON: the text is empty");
  auto document = std::make_shared<Document>();
  Parse parse{text, std::min(limits.max_depth, kDepthCap), {}};
  document->value.Populate(parse);
  if (!parse.succeeded()) return fail(parse.error());
  Json json;
  json.document_ = std::move(document);
  return json;
}

JsonView Json::root() const noexcept {
  return JsonView(document_ ? &document_->value : &null_value());
}

bool JsonView::is_null() const noexcept { return exists() && as_value(value_).IsNull(); }
bool JsonView::is_object() const noexcept { return exists() && as_value(value_).IsObject(); }
bool JsonView::is_array() const noexcept { return exists() && as_value(value_).IsArray(); }
bool JsonView::is_string() const noexcept { return exists() && as_value(value_).IsString(); }
bool JsonView::is_number() const noexcept { return exists() && as_value(value_).IsNumber(); }
bool JsonView::is_bool() const noexcept { return exists() && as_value(value_).IsBool(); }

JsonView JsonView::operator[](std::string_view key) const noexcept {
  if (!is_object()) return {};
  const rapid::Value& object = as_value(value_);
  const auto found = object.FindMember(rapid::Value(rapid_string(key)));
  return found == object.MemberEnd() ? JsonView() : JsonView(&found->value);
}

JsonView JsonView::at(std::size_t index) const noexcept {
  if (!is_array() || index >= size()) return {};
  return JsonView(&as_value(value_)[static_cast<rapid::SizeType>(index)]);
}

std::size_t JsonView::size() const noexcept {
  if (is_array()) return as_value(value_).Size();
  if (is_object()) return as_value(value_).MemberCount();
  return 0;
}

std::optional<std::string_view> JsonView::string() const noexcept {
  if (!is_string()) return std::nullopt;
  return text_of(as_value(value_));
}

std::optional<std::int64_t> JsonView::integer() const noexcept {
  if (!is_number()) return std::nullopt;
  const rapid::Value& value = as_value(value_);
  if (value.IsInt64()) return value.GetInt64();
  if (!value.IsDouble()) return std::nullopt;  // Above the largest int64.
  constexpr double kTwoTo63 = 9223372036854775808.0;
  const double number = value.GetDouble();
  const bool fits = number >= -kTwoTo63 && number < kTwoTo63 && std::trunc(number) == number;
  return fits ? std::optional<std::int64_t>(static_cast<std::int64_t>(number)) : std::nullopt;
}

std::optional<double> JsonView::number() const noexcept {
  if (!is_number()) return std::nullopt;
  return as_value(value_).GetDouble();
}

std::optional<bool> JsonView::boolean() const noexcept {
  if (!is_bool()) return std::nullopt;
  return as_value(value_).GetBool();
}

std::string JsonView::string_or(std::string_view fallback) const {
  return std::string(string().value_or(fallback));
}

std::vector<JsonView::Member> JsonView::members() const {
  std::vector<Member> members;
  if (!is_object()) return members;
  members.reserve(size());
  for (const auto& member : as_value(value_).GetObject()) {
    members.push_back({text_of(member.name), JsonView(&member.value)});
  }
  return members;
}

std::vector<JsonView> JsonView::elements() const {
  std::vector<JsonView> elements;
  if (!is_array()) return elements;
  elements.reserve(size());
  for (const rapid::Value& element : as_value(value_).GetArray())
    elements.push_back(JsonView(&element));
  return elements;
}

std::string JsonView::dump() const {
  if (!exists()) return "null";
  return dump_value(as_value(value_));
}

bool JsonView::operator==(const JsonView& other) const noexcept {
  if (!exists() || !other.exists()) return exists() == other.exists();
  return as_value(value_) == as_value(other.value_);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
