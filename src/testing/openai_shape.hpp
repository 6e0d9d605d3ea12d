#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "openai_api_error.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// What a value of a client event may look like. `check` names the first offence with the code, the
/// words and the dotted path that the service uses; a JSON Schema validator knows neither.
class Shape {
 public:
  struct Field;
  struct Variant;

  static Shape any();
  static Shape text(std::size_t max_characters = std::numeric_limits<std::size_t>::max());
  static Shape choice(std::vector<std::string> values);
  static Shape boolean();
  static Shape integer(std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t max = std::numeric_limits<std::int64_t>::max());
  static Shape number(double min, double max);
  static Shape array(Shape element, std::size_t min_size = 0,
                     std::size_t max_size = std::numeric_limits<std::size_t>::max());
  static Shape object(std::vector<Field> fields);
  /// An object of free keys, such as metadata.
  static Shape map(Shape value, std::size_t max_size, std::size_t max_key);
  /// An object whose other fields depend on the string in `tag`.
  static Shape tagged(std::string tag, std::vector<Variant> variants);
  /// The first alternative that takes the value's JSON kind decides.
  static Shape either(std::vector<Shape> alternatives);
  Shape or_null() const;

  /// `path` is the dotted name of `value`; empty at the top of an event.
  std::optional<ApiError> check(JsonView value, const std::string& path) const;

 private:
  enum class Kind {
    any,
    text,
    choice,
    boolean,
    integer,
    number,
    array,
    object,
    map,
    tagged,
    either
  };
  struct Data;
  explicit Shape(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

  bool takes(JsonView value) const;
  std::optional<ApiError> check_text(JsonView value, const std::string& path) const;
  std::optional<ApiError> check_choice(JsonView value, const std::string& path) const;
  std::optional<ApiError> check_number(JsonView value, const std::string& path) const;
  std::optional<ApiError> check_array(JsonView value, const std::string& path) const;
  std::optional<ApiError> check_object(JsonView value, const std::string& path) const;
  std::optional<ApiError> check_map(JsonView value, const std::string& path) const;
  std::optional<ApiError> check_tagged(JsonView value, const std::string& path) const;
  std::optional<ApiError> check_either(JsonView value, const std::string& path) const;

  std::shared_ptr<const Data> data_;
};

struct Shape::Field {
  std::string name;
  Shape shape;
  bool required = false;
};

struct Shape::Variant {
  std::string tag;
  std::vector<Field> fields;  ///< Besides the tag itself.
};

/// `a.b`, or `b` when there is nothing before it.
std::string join_path(const std::string& path, std::string_view key);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
