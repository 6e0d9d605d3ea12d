#include "support/schema_check.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace voicebridge::test {
namespace {

constexpr JsonLimits kSchemaLimits{std::size_t{4} << 20, 256};

bool has_type(JsonView value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.integer().has_value();
  return type == "number" && value.is_number();
}

}  // namespace

std::string read_test_data(const std::string& path) {
  std::ifstream file(std::string(VOICEBRIDGE_TEST_DATA) + "/" + path);
  if (!file) throw std::runtime_error("cannot read tests/data/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

SchemaFile::SchemaFile(const std::string& path) {
  auto json = Json::parse(read_test_data(path), kSchemaLimits);
  if (!json) throw std::runtime_error(path + ": " + json.error().message);
  json_ = std::move(*json);
}

std::string SchemaFile::check(JsonView document, std::string_view name) const {
  const JsonView schema = definition(name);
  if (!schema.exists()) return "the schema does not define " + std::string(name);
  return check(document, schema, "$");
}

std::string SchemaFile::check(JsonView value, JsonView schema, const std::string& path) const {
  if (const auto ref = schema["$ref"].string()) {
    return check(value, definition(ref->substr(ref->rfind('/') + 1)), path);
  }
  if (auto wrong = check_scalar(value, schema, path); !wrong.empty()) return wrong;
  if (auto wrong = check_branches(value, schema, path); !wrong.empty()) return wrong;
  if (value.is_object()) return check_object(value, schema, path);
  if (value.is_array() && schema["items"].exists()) {
    std::size_t index = 0;
    for (JsonView element : value.elements()) {
      auto wrong = check(element, schema["items"], path + "[" + std::to_string(index++) + "]");
      if (!wrong.empty()) return wrong;
    }
  }
  return {};
}

std::string SchemaFile::check_scalar(JsonView value, JsonView schema,
                                     const std::string& path) const {
  const auto type = schema["type"].string();
  if (type && !has_type(value, *type)) return path + " is no " + std::string(*type);
  if (schema["const"].exists() && !(schema["const"] == value))
    return path + " is not " + schema["const"].dump();
  if (schema["enum"].exists()) {
    bool listed = false;
    for (JsonView allowed : schema["enum"].elements()) listed |= allowed == value;
    if (!listed) return path + " is not in " + schema["enum"].dump();
  }
  if (const auto number = value.number()) {
    if (*number < schema["minimum"].number_or(*number)) return path + " is too small";
    if (*number > schema["maximum"].number_or(*number)) return path + " is too large";
  }
  if (const auto text = value.string()) {
    if (static_cast<std::int64_t>(text->size()) > schema["maxLength"].integer_or(1 << 30))
      return path + " is too long";
  }
  return {};
}

std::string SchemaFile::check_branches(JsonView value, JsonView schema,
                                       const std::string& path) const {
  for (const char* key : {"anyOf", "oneOf"}) {
    if (!schema[key].is_array()) continue;
    std::string reasons;
    bool fits = false;
    for (JsonView branch : schema[key].elements()) {
      const std::string wrong = check(value, branch, path);
      fits |= wrong.empty();
      reasons += "\n  " + wrong;
    }
    if (!fits) return path + " fits no branch:" + reasons;
  }
  for (JsonView part : schema["allOf"].elements()) {
    if (auto wrong = check(value, part, path); !wrong.empty()) return wrong;
  }
  return {};
}

std::string SchemaFile::check_object(JsonView value, JsonView schema,
                                     const std::string& path) const {
  for (JsonView required : schema["required"].elements()) {
    const std::string key = required.string_or("");
    if (!value[key].exists()) return path + " lacks " + key;
  }
  const bool closed = !schema["additionalProperties"].bool_or(true);
  for (const auto& member : value.members()) {
    const std::string member_path = path + "." + std::string(member.key);
    const JsonView property = schema["properties"][member.key];
    if (!property.exists()) {
      if (closed) return member_path + " is not known";
      continue;
    }
    if (auto wrong = check(member.value, property, member_path); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace voicebridge::test
