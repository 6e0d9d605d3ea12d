#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What a parser accepts. Documents beyond it fail with `Errc::payload_too_large`.
struct JsonLimits {
  std::size_t max_bytes = 1 << 20;  ///< Of the text.
  unsigned max_depth = 64;          ///< Above 512 it counts as 512.
};

/// A value inside a `Json` document: cheap to copy, valid as long as the document. A missing value
/// is a view that `exists()` denies, so that look-ups chain:
/// `event["payload"]["call_control_id"].string_or("")`.
class VOICEBRIDGE_API JsonView {
 public:
  JsonView() = default;
  /// Whether there is such a value, null included.
  bool exists() const noexcept { return value_ != nullptr; }
  bool is_null() const noexcept;  ///< Present and null.
  ///@{
  /// Whether it is one; false for a missing value.
  bool is_object() const noexcept;
  bool is_array() const noexcept;
  bool is_string() const noexcept;
  bool is_number() const noexcept;
  bool is_bool() const noexcept;
  ///@}

  JsonView operator[](
      std::string_view key) const noexcept;  ///< Missing unless this is an object with the key.
  /// The same.
  JsonView operator[](const char* key) const noexcept { return (*this)[std::string_view(key)]; }
  JsonView at(std::size_t index) const noexcept;  ///< Missing unless this is an array that long.
  std::size_t size() const noexcept;              ///< Elements or members; 0 for anything else.

  /// Nothing unless it is a string; valid as long as the document.
  std::optional<std::string_view> string() const noexcept;
  std::optional<std::int64_t> integer() const noexcept;  ///< Whole numbers only, 3.0 included.
  /// Nothing unless it is a number.
  std::optional<double> number() const noexcept;
  /// Nothing unless it is true or false.
  std::optional<bool> boolean() const noexcept;
  ///@{
  /// The value, or `fallback` when it is missing or of another type.
  std::string string_or(std::string_view fallback) const;
  std::int64_t integer_or(std::int64_t fallback) const noexcept {
    return integer().value_or(fallback);
  }
  double number_or(double fallback) const noexcept { return number().value_or(fallback); }
  bool bool_or(bool fallback) const noexcept { return boolean().value_or(fallback); }
  ///@}

  struct Member;
  std::vector<Member> members() const;     ///< In document order; empty unless an object.
  std::vector<JsonView> elements() const;  ///< Empty unless an array.

  /// Compact JSON text; "null" for a missing value.
  std::string dump() const;
  bool operator==(
      const JsonView& other) const noexcept;  ///< Deep; the order of members does not matter.

 private:
  friend class Json;
  friend class JsonSchema;
  explicit JsonView(const void* value) : value_(value) {}
  const void* value_ = nullptr;
};

/// One member of an object. Views are valid as long as the document.
struct JsonView::Member {
  std::string_view key;  ///< The name, unescaped.
  JsonView value;        ///< The value.
};

/// A parsed, immutable document. Copies share it. Any thread may read.
class VOICEBRIDGE_API Json {
 public:
  Json();  ///< null
  /// Strict RFC 8259: no comments, no trailing commas, no NaN, valid UTF-8, no number that a double
  /// cannot come near. Of members with the same name the first counts. The error tells the offset.
  static Result<Json> parse(std::string_view text, JsonLimits limits = {});

  /// The document's value.
  JsonView root() const noexcept;
  /// The same.
  operator JsonView() const noexcept { return root(); }  // NOLINT: a document is used as its root
  /// A member of the root.
  JsonView operator[](std::string_view key) const noexcept { return root()[key]; }
  /// The same.
  JsonView operator[](const char* key) const noexcept { return root()[key]; }
  /// Compact JSON text.
  std::string dump() const { return root().dump(); }

 private:
  struct Document;
  std::shared_ptr<const Document> document_;
};

/// Writes one JSON text from the front to the back, into one growing string.
/// `JsonWriter().object().field("type",
/// "session.update").key("session").object().end().end().take()`
class VOICEBRIDGE_API JsonWriter {
 public:
  /// Begins an object.
  JsonWriter& object();
  /// Begins an array.
  JsonWriter& array();
  JsonWriter& end();  ///< Closes the innermost object or array.
  /// The name of the member that is written next.
  JsonWriter& key(std::string_view key);
  JsonWriter& string(std::string_view text);  ///< Escaped; invalid UTF-8 is replaced by U+FFFD.
  /// A whole number, exactly.
  JsonWriter& integer(std::int64_t number);
  JsonWriter& number(double number);  ///< Not finite: null.
  /// true or false
  JsonWriter& boolean(bool value);
  /// null
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  ///< Already JSON; not checked.
  /// A value of a document.
  JsonWriter& value(JsonView view) { return raw(view.dump()); }

  ///@{
  /// A member of the object: `key` and a value.
  JsonWriter& field(std::string_view k, std::string_view v) { return key(k).string(v); }
  JsonWriter& field(std::string_view k, const char* v) { return key(k).string(v); }
  JsonWriter& field(std::string_view k, const std::string& v) { return key(k).string(v); }
  JsonWriter& field(std::string_view k, bool v) { return key(k).boolean(v); }
  JsonWriter& field(std::string_view k, double v) { return key(k).number(v); }
  ///@}
  /// A member that is a whole number.
  template <class Int,
            class = std::enable_if_t<std::is_integral_v<Int> && !std::is_same_v<Int, bool>>>
  JsonWriter& field(std::string_view k, Int v) {
    return key(k).integer(static_cast<std::int64_t>(v));
  }
  /// A member that is a value of a document.
  JsonWriter& field(std::string_view k, JsonView v) { return key(k).value(v); }
  /// Nothing is written when the optional is empty.
  template <class T>
  JsonWriter& field(std::string_view k, const std::optional<T>& v) {
    return v ? field(k, *v) : *this;
  }

  /// What was written so far.
  const std::string& text() const noexcept { return text_; }
  /// What was written; the writer is used up.
  std::string take() { return std::move(text_); }

 private:
  void separate();
  std::string text_;
  std::vector<char> closers_;
  bool need_comma_ = false;
};

/// Appends `text` as a JSON string with its quotes.
VOICEBRIDGE_API void append_json_string(std::string& out, std::string_view text);

/// A compiled JSON Schema: type, enum, const, properties, required, additionalProperties, items,
/// the limits of strings, numbers, arrays and objects, pattern, anyOf, allOf, oneOf, not. Copies
/// share it. Any thread.
class VOICEBRIDGE_API JsonSchema {
 public:
  /// Checks the shape of the schema itself: `type` known, `properties` an object, `required` an
  /// array of strings … with `Errc::invalid_argument` and the path; `Errc::unsupported` for a
  /// keyword that would not be checked, such as `$ref`.
  static Result<JsonSchema> compile(JsonView schema);
  /// `Errc::invalid_argument`; `field` is the path (`phone` or `items.0.name`), the message says
  /// which rule was broken.
  Result<> validate(JsonView document) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
