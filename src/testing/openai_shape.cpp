#include "openai_shape.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

struct Shape::Data {
  Kind kind = Kind::any;
  bool nullable = false;
  double min = 0, max = 0;                 // number, integer
  std::size_t min_size = 0, max_size = 0;  // array, map, text
  std::size_t max_key = 0;                 // map
  std::string tag;                         // tagged
  std::vector<std::string> values;         // choice
  std::vector<Shape> children;             // array, map: one; either: the alternatives
  std::vector<Field> fields;               // object
  std::vector<Variant> variants;           // tagged
};

namespace {

std::string quoted_list(const std::vector<std::string>& values) {
  std::string list;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) list += i + 1 == values.size() ? " and " : ", ";
    list += fmt::format("'{}'", values[i]);
  }
  return list;
}

std::string_view kind_name(JsonView value) {
  if (value.is_null()) return "null";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (value.is_string()) return "a string";
  if (value.is_bool()) return "a boolean";
  return value.integer() ? "an integer" : "a decimal";
}

ApiError invalid_value(const std::string& path, std::string message) {
  return {"invalid_value", std::move(message), path};
}

ApiError unsupported_value(JsonView value, const std::string& path,
                           const std::vector<std::string>& supported) {
  return invalid_value(path, fmt::format("Invalid value: '{}'. Supported values are: {}.",
                                         value.string_or(value.dump()), quoted_list(supported)));
}

ApiError unknown_parameter(const std::string& path) {
  return {"unknown_parameter", fmt::format("Unknown parameter: '{}'.", path), path};
}

ApiError missing_member(const std::string& path) {
  return {"missing_required_parameter", fmt::format("Missing required parameter: '{}'.", path),
          path};
}

ApiError wrong_kind(JsonView value, const std::string& path, std::string_view expected) {
  return {"invalid_type",
          fmt::format("Invalid type for '{}': expected {}, but got {} instead.", path, expected,
                      kind_name(value)),
          path};
}

/// Unknown keys come before missing ones, as the service reports them.
std::optional<ApiError> check_fields(JsonView value, const std::string& path,
                                     const std::vector<Shape::Field>& fields,
                                     std::string_view tag = {}) {
  for (const auto& member : value.members()) {
    if (!tag.empty() && member.key == tag) continue;
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const auto& f) { return f.name == member.key; });
    if (field == fields.end()) return unknown_parameter(join_path(path, member.key));
  }
  for (const auto& field : fields) {
    const JsonView member = value[field.name];
    const std::string member_path = join_path(path, field.name);
    if (!member.exists()) {
      if (field.required) return missing_member(member_path);
      continue;
    }
    if (auto error = field.shape.check(member, member_path)) return error;
  }
  return std::nullopt;
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

std::string join_path(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

Shape Shape::any() { return Shape(std::make_shared<Data>()); }

Shape Shape::text(std::size_t max_characters) {
  Data data;
  data.kind = Kind::text;
  data.max_size = max_characters;
  return Shape(std::make_shared<Data>(std::move(data)));
}

Shape Shape::choice(std::vector<std::string> values) {
  Data data;
  data.kind = Kind::choice;
  data.values = std::move(values);
  return Shape(std::make_shared<Data>(std::move(data)));
}

Shape Shape::boolean() {
  Data data;
  data.kind = Kind::boolean;
  return Shape(std::make_shared<Data>(std::move(data)));
}

Shape Shape::integer(std::int64_t min, std::int64_t max) {
  Data data;
  data.kind = Kind::integer;
  data.min = static_cast<double>(min);
  data.max = static_cast<double>(max);
  return Shape(std::make_shared<Data>(std::move(data)));
}

Shape Shape::number(double min, double max) {
  Data data;
  data.kind = Kind::number;
  data.min = min;
  data.max = max;
  return Shape(std::make_shared<Data>(std::move(data)));
}

Shape Shape::array(Shape element, std::size_t min_size, std::size_t max_size) {
  Data data;
  data.kind = Kind::array;
  data.children = {std::move(element)};
  data.min_size = min_size;
  data.max_size = max_size;
  return Shape(std::make_shared<Data>(std::move(data)));
}

Shape Shape::object(std::vector<Field> fields) {
  Data data;
  data.kind = Kind::object;
  data.fields = std::move(fields);
  return Shape(std::make_shared<Data>(std::move(data)));
}

Shape Shape::map(Shape value, std::size_t max_size, std::size_t max_key) {
  Data data;
  data.kind = Kind::map;
  data.children = {std::move(value)};
  data.max_size = max_size;
  data.max_key = max_key;
  return Shape(std::make_shared<Data>(std::move(data)));
}

Shape Shape::tagged(std::string tag, std::vector<Variant> variants) {
  Data data;
  data.kind = Kind::tagged;
  data.tag = std::move(tag);
  data.variants = std::move(variants);
  return Shape(std::make_shared<Data>(std::move(data)));
}

Shape Shape::either(std::vector<Shape> alternatives) {
  Data data;
  data.kind = Kind::either;
  data.children = std::move(alternatives);
  return Shape(std::make_shared<Data>(std::move(data)));
}

Shape Shape::or_null() const {
  Data data = *data_;
  data.nullable = true;
  return Shape(std::make_shared<Data>(std::move(data)));
}

bool Shape::takes(JsonView value) const {
  if (data_->nullable && value.is_null()) return true;
  switch (data_->kind) {
    case Kind::any:
      return true;
    case Kind::text:
    case Kind::choice:
      return value.is_string();
    case Kind::boolean:
      return value.is_bool();
    case Kind::integer:
      return value.integer().has_value();
    case Kind::number:
      return value.is_number();
    case Kind::array:
      return value.is_array();
    case Kind::object:
    case Kind::map:
    case Kind::tagged:
      return value.is_object();
    case Kind::either:
      break;
  }
  return std::any_of(data_->children.begin(), data_->children.end(),
                     [&](const Shape& shape) { return shape.takes(value); });
}

std::optional<ApiError> Shape::check(JsonView value, const std::string& path) const {
  if (data_->nullable && value.is_null()) return std::nullopt;
  switch (data_->kind) {
    case Kind::any:
      return std::nullopt;
    case Kind::text:
      return check_text(value, path);
    case Kind::choice:
      return check_choice(value, path);
    case Kind::boolean:
      if (value.is_bool()) return std::nullopt;
      return wrong_kind(value, path, "a boolean");
    case Kind::integer:
    case Kind::number:
      return check_number(value, path);
    case Kind::array:
      return check_array(value, path);
    case Kind::object:
      if (!value.is_object()) return wrong_kind(value, path, "an object");
      return check_fields(value, path, data_->fields);
    case Kind::map:
      return check_map(value, path);
    case Kind::tagged:
      return check_tagged(value, path);
    case Kind::either:
      break;
  }
  return check_either(value, path);
}

std::optional<ApiError> Shape::check_text(JsonView value, const std::string& path) const {
  if (!value.is_string()) return wrong_kind(value, path, "a string");
  if (utf8_length(*value.string()) <= data_->max_size) return std::nullopt;
  return invalid_value(path,
                       fmt::format("Invalid '{}': string too long. Expected a string with maximum "
                                   "length {}.",
                                   path, data_->max_size));
}

std::optional<ApiError> Shape::check_choice(JsonView value, const std::string& path) const {
  if (!value.is_string()) return wrong_kind(value, path, "a string");
  const auto& values = data_->values;
  if (std::find(values.begin(), values.end(), *value.string()) != values.end()) return std::nullopt;
  return unsupported_value(value, path, values);
}

std::optional<ApiError> Shape::check_number(JsonView value, const std::string& path) const {
  if (!takes(value)) {
    return wrong_kind(value, path, data_->kind == Kind::integer ? "an integer" : "a decimal");
  }
  const double number = *value.number();
  if (number >= data_->min && number <= data_->max) return std::nullopt;
  return invalid_value(
      path, fmt::format("Invalid '{}': expected a value from {} to {}, but got {}.", path,
                        data_->min, data_->max, number));
}

std::optional<ApiError> Shape::check_array(JsonView value, const std::string& path) const {
  if (!value.is_array()) return wrong_kind(value, path, "an array");
  const auto elements = value.elements();
  if (elements.size() < data_->min_size || elements.size() > data_->max_size) {
    return invalid_value(path, fmt::format("Invalid '{}': unexpected number of elements ({}).",
                                           path, elements.size()));
  }
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (auto error = data_->children.front().check(elements[i], fmt::format("{}[{}]", path, i)))
      return error;
  }
  return std::nullopt;
}

std::optional<ApiError> Shape::check_map(JsonView value, const std::string& path) const {
  if (!value.is_object()) return wrong_kind(value, path, "an object");
  if (value.size() > data_->max_size) {
    return invalid_value(
        path, fmt::format("Invalid '{}': too many properties. Expected at most {}.", path,
                          data_->max_size));
  }
  for (const auto& member : value.members()) {
    const std::string member_path = join_path(path, member.key);
    if (utf8_length(member.key) > data_->max_key) {
      return invalid_value(member_path,
                           fmt::format("Invalid property name in '{}': expected at most {} "
                                       "characters.",
                                       path, data_->max_key));
    }
    if (auto error = data_->children.front().check(member.value, member_path)) return error;
  }
  return std::nullopt;
}

std::optional<ApiError> Shape::check_tagged(JsonView value, const std::string& path) const {
  if (!value.is_object()) return wrong_kind(value, path, "an object");
  const std::string tag_path = join_path(path, data_->tag);
  const JsonView tag = value[data_->tag];
  if (!tag.exists()) return missing_member(tag_path);
  if (!tag.is_string()) return wrong_kind(tag, tag_path, "a string");
  std::vector<std::string> known;
  for (const auto& variant : data_->variants) {
    if (variant.tag == *tag.string()) return check_fields(value, path, variant.fields, data_->tag);
    known.push_back(variant.tag);
  }
  return unsupported_value(tag, tag_path, known);
}

std::optional<ApiError> Shape::check_either(JsonView value, const std::string& path) const {
  for (const auto& shape : data_->children) {
    if (shape.takes(value)) return shape.check(value, path);
  }
  return wrong_kind(value, path, "one of several supported types");
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
