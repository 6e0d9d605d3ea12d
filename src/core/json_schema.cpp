#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "core/json_pattern.hpp"
#include "core/json_rapidjson.hpp"
#include "voicebridge/core/json.hpp"

// After json_rapidjson.hpp, which names the namespace.
#include <rapidjson/schema.h>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

using Allocator = rapid::Document::AllocatorType;

tl::unexpected<Error> fail_schema(const std::string& path, std::string_view key,
                                  std::string_view what, Errc code = Errc::invalid_argument) {
  const std::string field = path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
  return fail(code, fmt::format("the schema's \"{}\" {}", field, what), field);
}

bool is_known_type(JsonView name) {
  constexpr std::array<std::string_view, 7> kTypes = {"null",   "boolean", "object", "array",
                                                      "string", "number",  "integer"};
  return name.is_string() &&
         std::find(kTypes.begin(), kTypes.end(), *name.string()) != kTypes.end();
}

bool is_type(JsonView value) {
  if (!value.is_array()) return is_known_type(value);
  const auto names = value.elements();
  return !names.empty() && std::all_of(names.begin(), names.end(), is_known_type);
}

bool is_scalar(JsonView value) { return !value.is_object() && !value.is_array(); }

bool is_scalar_list(JsonView value) {
  const auto elements = value.elements();
  return !elements.empty() && std::all_of(elements.begin(), elements.end(), is_scalar);
}

bool is_string_list(JsonView value) {
  const auto elements = value.elements();
  return value.is_array() && std::all_of(elements.begin(), elements.end(),
                                         [](JsonView element) { return element.is_string(); });
}

bool is_count(JsonView value) { return value.integer().value_or(-1) >= 0; }
bool is_number(JsonView value) { return value.is_number(); }
bool is_positive(JsonView value) { return value.number_or(0) > 0; }
bool is_flag(JsonView value) { return value.is_bool(); }
bool is_flag_or_number(JsonView value) { return value.is_bool() || value.is_number(); }

/// A keyword whose value is checked and handed on as it is.
struct PlainKeyword {
  std::string_view name;
  bool (*accepts)(JsonView);
  const char* expected;
};

constexpr PlainKeyword kPlainKeywords[] = {
    {"type", is_type,
     "must be one of null, boolean, object, array, string, number, integer, or a list of them"},
    {"enum", is_scalar_list, "must be a list, not empty, of strings, numbers, booleans or null"},
    {"required", is_string_list, "must be a list of property names"},
    {"minLength", is_count, "must be a whole number, 0 or more"},
    {"maxLength", is_count, "must be a whole number, 0 or more"},
    {"minItems", is_count, "must be a whole number, 0 or more"},
    {"maxItems", is_count, "must be a whole number, 0 or more"},
    {"minProperties", is_count, "must be a whole number, 0 or more"},
    {"maxProperties", is_count, "must be a whole number, 0 or more"},
    {"uniqueItems", is_flag, "must be true or false"},
    {"minimum", is_number, "must be a number"},
    {"maximum", is_number, "must be a number"},
    {"multipleOf", is_positive, "must be a number above 0"},
    {"exclusiveMinimum", is_flag_or_number, "must be a number, or true or false"},
    {"exclusiveMaximum", is_flag_or_number, "must be a number, or true or false"},
};

// They describe and do not restrict: left out of what is compiled.
constexpr std::string_view kAnnotations[] = {"$schema",     "$id",     "$comment", "title",
                                             "description", "default", "example",  "examples",
                                             "deprecated",  "format"};

template <class List, class Key>
bool contains(const List& list, const Key& key) {
  return std::find(std::begin(list), std::end(list), key) != std::end(list);
}

/// Copies a schema into the form RapidJSON compiles: checked, without annotations, newer spellings
/// rewritten to those of draft 4. What it does not know it refuses: a rule silently ignored is no
/// rule.
class SchemaReader {
 public:
  explicit SchemaReader(Allocator& allocator) : allocator_(allocator) {}

  /// @param out Gets the copy.
  Result<> read(rapid::Value& out, JsonView schema, const std::string& path) {
    if (!schema.is_object()) {
      return fail(Errc::invalid_argument,
                  fmt::format("the schema{}{} must be an object", path.empty() ? "" : " ", path),
                  path);
    }
    out.SetObject();
    for (const JsonView::Member& keyword : schema.members()) {
      if (auto read = read_keyword(out, schema, keyword, path); !read) return read;
    }
    return {};
  }

 private:
  Result<> read_keyword(rapid::Value& out, JsonView schema, const JsonView::Member& keyword,
                        const std::string& path) {
    const std::string_view key = keyword.key;
    if (contains(kAnnotations, key)) return {};
    const auto* plain = std::find_if(std::begin(kPlainKeywords), std::end(kPlainKeywords),
                                     [&](const PlainKeyword& known) { return known.name == key; });
    if (key == "exclusiveMinimum" && keyword.value.is_number()) {
      return read_exclusive(out, schema, "minimum", keyword, path);
    }
    if (key == "exclusiveMaximum" && keyword.value.is_number()) {
      return read_exclusive(out, schema, "maximum", keyword, path);
    }
    if (plain != std::end(kPlainKeywords)) return read_plain(out, *plain, keyword.value, path);
    if (key == "const") return read_const(out, schema, keyword.value, path);
    if (key == "pattern") return read_pattern(out, keyword.value, path);
    if (key == "properties") return read_properties(out, keyword.value, path);
    if (key == "additionalProperties" || key == "additionalItems") {
      if (!keyword.value.is_bool()) return read_child(out, keyword, path);
      add(out, key, rapid::Value(*keyword.value.boolean()));
      return {};
    }
    if (key == "items" || key == "not") return read_child(out, keyword, path);
    if (key == "anyOf" || key == "allOf" || key == "oneOf")
      return read_alternatives(out, keyword, path);
    return fail_schema(path, key, "is a keyword this library does not support", Errc::unsupported);
  }

  Result<> read_plain(rapid::Value& out, const PlainKeyword& keyword, JsonView value,
                      const std::string& path) {
    if (!keyword.accepts(value)) return fail_schema(path, keyword.name, keyword.expected);
    add(out, keyword.name, copy(value));
    return {};
  }

  // Draft 6 gives the bound here, draft 4 a flag beside the bound.
  Result<> read_exclusive(rapid::Value& out, JsonView schema, std::string_view bound,
                          const JsonView::Member& keyword, const std::string& path) {
    if (schema[bound].exists()) {
      return fail_schema(path, keyword.key,
                         fmt::format("as a number must not stand beside \"{}\"", bound));
    }
    add(out, bound, copy(keyword.value));
    add(out, keyword.key, rapid::Value(true));
    return {};
  }

  Result<> read_const(rapid::Value& out, JsonView schema, JsonView value, const std::string& path) {
    if (schema["enum"].exists())
      return fail_schema(path, "const", "must not stand beside \"enum\"");
    if (!is_scalar(value))
      return fail_schema(path, "const", "must be a string, a number, a boolean or null");
    rapid::Value only(rapid::kArrayType);
    only.PushBack(copy(value), allocator_);
    add(out, "enum", std::move(only));
    return {};
  }

  Result<> read_pattern(rapid::Value& out, JsonView value, const std::string& path) {
    if (!value.is_string()) return fail_schema(path, "pattern", "must be a string");
    const auto pattern = detail::translate_pattern(*value.string());
    if (!pattern) return fail_schema(path, "pattern", pattern.error().message);
    add(out, "pattern", rapid::Value(rapid_string(*pattern), allocator_));
    return {};
  }

  Result<> read_properties(rapid::Value& out, JsonView value, const std::string& path) {
    if (!value.is_object()) return fail_schema(path, "properties", "must be an object");
    rapid::Value properties(rapid::kObjectType);
    for (const JsonView::Member& property : value.members()) {
      if (auto read = read_child(properties, property, join(path, "properties")); !read)
        return read;
    }
    add(out, "properties", std::move(properties));
    return {};
  }

  Result<> read_alternatives(rapid::Value& out, const JsonView::Member& keyword,
                             const std::string& path) {
    const auto elements = keyword.value.elements();
    if (elements.empty())
      return fail_schema(path, keyword.key, "must be a list of schemas, not empty");
    rapid::Value schemas(rapid::kArrayType);
    for (std::size_t i = 0; i < elements.size(); ++i) {
      rapid::Value schema;
      const auto place = join(join(path, keyword.key), std::to_string(i));
      if (auto done = read(schema, elements[i], place); !done) return done;
      schemas.PushBack(std::move(schema), allocator_);
    }
    add(out, keyword.key, std::move(schemas));
    return {};
  }

  Result<> read_child(rapid::Value& out, const JsonView::Member& member, const std::string& path) {
    rapid::Value schema;
    if (auto done = read(schema, member.value, join(path, member.key)); !done) return done;
    add(out, member.key, std::move(schema));
    return {};
  }

  static std::string join(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
  }

  void add(rapid::Value& object, std::string_view key, rapid::Value value) {
    object.AddMember(rapid::Value(rapid_string(key), allocator_), std::move(value), allocator_);
  }

  rapid::Value copy(JsonView view) {
    rapid::Document parsed(&allocator_);
    const std::string text = view.dump();
    parsed.Parse(text.data(), text.size());
    return rapid::Value(parsed, allocator_);
  }

  Allocator& allocator_;
};

using Validator = rapid::SchemaValidator;
using Pointer = rapid::SchemaDocument::PointerType;

std::string dotted(const Pointer& pointer) {
  std::string path;
  for (std::size_t i = 0; i < pointer.GetTokenCount(); ++i) {
    const auto& token = pointer.GetTokens()[i];
    if (i > 0) path += '.';
    path.append(token.name, token.length);
  }
  return path;
}

std::string list_of(const rapid::Value& values, std::string_view separator) {
  if (!values.IsArray()) return dump_value(values);
  std::string list;
  for (const rapid::Value& value : values.GetArray()) {
    if (!list.empty()) list += separator;
    list += dump_value(value);
  }
  return list;
}

std::string first_missing(const rapid::Value& required, const rapid::Value* object) {
  for (const rapid::Value& name : required.GetArray()) {
    if (object != nullptr && object->IsObject() &&
        object->FindMember(name) == object->MemberEnd()) {
      return std::string(text_of(name));
    }
  }
  return {};
}

/// What the rule demands, to be put behind the name of the field.
std::string demand(std::string_view keyword, const rapid::Value& rule, bool exclusive) {
  const auto sentence = [&](const char* format) {
    return fmt::format(fmt::runtime(format), dump_value(rule));
  };
  if (keyword == "type") return fmt::format("must be of type {}", list_of(rule, " or "));
  if (keyword == "enum") return fmt::format("must be one of {}", list_of(rule, ", "));
  if (keyword == "additionalProperties") return "is not a known property";
  if (keyword == "minLength") return sentence("must have at least {} characters");
  if (keyword == "maxLength") return sentence("must have at most {} characters");
  if (keyword == "minItems") return sentence("must have at least {} items");
  if (keyword == "maxItems") return sentence("must have at most {} items");
  if (keyword == "pattern") return sentence("must match the pattern {}");
  if (keyword == "minimum")
    return sentence(exclusive ? "must be more than {}" : "must be {} or more");
  if (keyword == "maximum")
    return sentence(exclusive ? "must be less than {}" : "must be {} or less");
  if (keyword == "multipleOf") return sentence("must be a multiple of {}");
  if (keyword == "uniqueItems") return "must not hold the same item twice";
  return fmt::format("breaks the rule \"{}\"", keyword);
}

Error explain(const Validator& validator, const rapid::Value& schema,
              const rapid::Value& document) {
  const std::string keyword = validator.GetInvalidSchemaKeyword();
  const Pointer where = validator.GetInvalidDocumentPointer();
  std::string field = dotted(where);
  std::string what = fmt::format("breaks the rule \"{}\"", keyword);
  const rapid::Value* broken = validator.GetInvalidSchemaPointer().Get(schema);
  const rapid::Value* rule = nullptr;
  if (broken != nullptr && broken->IsObject()) {
    const auto found = broken->FindMember(rapid::Value(rapid_string(keyword)));
    if (found != broken->MemberEnd()) rule = &found->value;
  }
  if (rule != nullptr && keyword == "required") {
    if (!field.empty()) field += '.';
    field += first_missing(*rule, where.Get(document));
    what = "is missing";
  } else if (rule != nullptr) {
    const bool exclusive =
        broken->HasMember(keyword == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum");
    what = demand(keyword, *rule, exclusive);
  }
  const std::string subject = field.empty() ? "the value" : fmt::format("\"{}\"", field);
  return fail(Errc::invalid_argument, fmt::format("{} {}", subject, what), field).value();
}

}  // namespace

struct JsonSchema::Compiled {
  static constexpr std::size_t kPiece = 1024;  ///< By which memory grows: most schemas are small.
  Allocator memory{kPiece};
  rapid::Document source{&memory};
  std::unique_ptr<const rapid::SchemaDocument> schema;
  mutable std::mutex
      mutex;  ///< RapidJSON's regular expressions keep their working state in themselves.
};

Result<JsonSchema> JsonSchema::compile(JsonView schema) {
  auto compiled = std::make_shared<Compiled>();
  SchemaReader reader(compiled->source.GetAllocator());
  if (auto read = reader.read(compiled->source, schema, ""); !read) return fail(read.error());
  compiled->schema = std::make_unique<const rapid::SchemaDocument>(compiled->source);
  JsonSchema result;
  result.compiled_ = std::move(compiled);
  return result;
}

Result<> JsonSchema::validate(JsonView document) const {
  if (!compiled_) return fail(Errc::internal, "the schema was never compiled");
  if (!document.exists()) return fail(Errc::invalid_argument, "there is no value to check");
  const auto& value = *static_cast<const rapid::Value*>(document.value_);
  const std::lock_guard<std::mutex> lock(compiled_->mutex);
  Validator validator(*compiled_->schema);
  if (value.Accept(validator)) return {};
  return fail(explain(validator, compiled_->source, value));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
