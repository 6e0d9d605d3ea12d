#include "voicebridge/core/json_faults.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// Keywords whose faults lie in the members and elements: walked through here.
bool is_structure(std::string_view keyword) {
  return keyword == "properties" || keyword == "required" || keyword == "additionalProperties" ||
         keyword == "items" || keyword == "anyOf" || keyword == "allOf";
}

/// What an error of `JsonSchema` demands, without the field that it begins with.
std::string demand_of(const Error& error) {
  const std::string subject = error.field.empty() ? "the value " : '"' + error.field + "\" ";
  return error.message.rfind(subject, 0) == 0 ? error.message.substr(subject.size())
                                              : error.message;
}

std::string pointer_of(const std::string& pointer, const std::string& dotted_field) {
  std::string all = pointer;
  for (std::size_t begin = 0; begin < dotted_field.size();) {
    const std::size_t end = std::min(dotted_field.find('.', begin), dotted_field.size());
    all = json_pointer(all, std::string_view(dotted_field).substr(begin, end - begin));
    begin = end + 1;
  }
  return all;
}

/// Goes through a document beside its schema, which is known to compile.
class FaultFinder {
 public:
  explicit FaultFinder(std::size_t limit) : limit_(limit) {}

  void look(JsonView schema, JsonView value, const std::string& pointer) {
    // A value of the wrong type breaks every other rule too: that says nothing new.
    if (schema["type"].exists() && !keeps(schema, "type", value, pointer)) return;
    for (const JsonView::Member& rule : schema.members()) {
      if (rule.key != "type" && !is_structure(rule.key)) {
        keeps(schema, rule.key, value, pointer);
      }
    }
    for (const JsonView part : schema["allOf"].elements()) look(part, value, pointer);
    if (schema["anyOf"].exists()) look_at_alternatives(schema, value, pointer);
    look_at_members(schema, value, pointer);
    const auto elements = value.elements();
    for (std::size_t i = 0; schema["items"].is_object() && i < elements.size(); ++i) {
      look(schema["items"], elements[i], json_pointer(pointer, std::to_string(i)));
    }
  }
  std::vector<JsonFault> take() { return std::move(faults_); }

 private:
  void look_at_members(JsonView schema, JsonView value, const std::string& pointer) {
    if (!value.is_object()) return;
    for (const JsonView name : schema["required"].elements()) {
      if (!value[*name.string()].exists()) add(json_pointer(pointer, *name.string()), "is missing");
    }
    const JsonView others = schema["additionalProperties"];
    for (const JsonView::Member& member : value.members()) {
      const JsonView of_member = schema["properties"][member.key];
      if (of_member.exists()) {
        look(of_member, member.value, json_pointer(pointer, member.key));
      } else if (others.is_object()) {
        look(others, member.value, json_pointer(pointer, member.key));
      } else if (others.boolean() == false) {
        add(json_pointer(pointer, member.key), "is not a known property");
      }
    }
  }

  /// The alternative that was meant is the one of the value's type, when there is one.
  void look_at_alternatives(JsonView schema, JsonView value, const std::string& pointer) {
    JsonView meant;
    std::size_t of_its_type = 0;
    for (const JsonView alternative : schema["anyOf"].elements()) {
      if (fits(alternative, value)) return;
      const Json type = only(alternative, "type");
      if (!alternative["type"].exists() || !fits(type, value)) continue;
      meant = alternative;
      ++of_its_type;
    }
    if (of_its_type == 1) return look(meant, value, pointer);
    add(pointer, "fits none of the forms that are allowed here");
  }

  bool keeps(JsonView schema, std::string_view keyword, JsonView value,
             const std::string& pointer) {
    const Json rule = only(schema, keyword);
    const auto compiled = JsonSchema::compile(rule);
    if (!compiled) return true;  // An annotation beside the rules.
    const auto valid = compiled->validate(value);
    // The compiled pattern is a rewritten one; people know theirs.
    if (!valid && keyword == "pattern")
      add(pointer, "must match the pattern " + schema[keyword].dump());
    else if (!valid)
      add(pointer_of(pointer, valid.error().field), demand_of(valid.error()));
    return valid.has_value();
  }

  static bool fits(JsonView schema, JsonView value) {
    const auto compiled = JsonSchema::compile(schema);
    return compiled && compiled->validate(value).has_value();
  }

  /// A schema with this rule alone; a bound has the flag beside it that makes it exclusive.
  static Json only(JsonView schema, std::string_view keyword) {
    JsonWriter json;
    json.object();
    if (schema[keyword].exists()) json.field(keyword, schema[keyword]);
    for (const auto& [bound, flag] :
         {std::pair("minimum", "exclusiveMinimum"), std::pair("maximum", "exclusiveMaximum")}) {
      if (keyword == bound && schema[flag].is_bool()) json.field(flag, schema[flag]);
    }
    return Json::parse(json.end().take()).value_or(Json());
  }

  void add(std::string pointer, std::string message) {
    if (faults_.size() < limit_) faults_.push_back({std::move(pointer), std::move(message)});
  }

  const std::size_t limit_;
  std::vector<JsonFault> faults_;
};

}  // namespace

Result<std::vector<JsonFault>> json_faults(JsonView schema, JsonView document, std::size_t limit) {
  const auto compiled = JsonSchema::compile(schema);
  if (!compiled) return fail(compiled.error());
  const auto valid = compiled->validate(document);
  if (valid) return std::vector<JsonFault>();
  FaultFinder finder(limit);
  finder.look(schema, document, "");
  std::vector<JsonFault> faults = finder.take();
  // A rule that is checked as a whole only.
  if (faults.empty() && limit > 0) {
    faults.push_back({pointer_of("", valid.error().field), demand_of(valid.error())});
  }
  return faults;
}

std::string json_pointer(const std::string& pointer, std::string_view step) {
  std::string longer = pointer + '/';
  for (const char c : step) {
    if (c == '~')
      longer += "~0";
    else if (c == '/')
      longer += "~1";
    else
      longer += c;
  }
  return longer;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
