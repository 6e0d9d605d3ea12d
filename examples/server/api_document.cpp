#include "api_document.hpp"

#include <algorithm>
#include <charconv>

#include "voicebridge/net/form.hpp"

namespace server {

using namespace voicebridge;

namespace {

constexpr int kMaxDepth = 32;  // A schema that holds itself is deeper than any.
constexpr const char* kJson = "application/json";
constexpr const char* kForm = "application/x-www-form-urlencoded";

Result<> resolve(JsonWriter& out, JsonView document, JsonView value, int depth) {
  if (depth > kMaxDepth) return fail(Errc::invalid_argument, "a schema holds itself");
  const auto target = follow(document, value);
  if (!target) return fail(target.error());
  if (target->is_object()) {
    out.object();
    for (const JsonView::Member& member : target->members()) {
      out.key(member.key);
      if (auto done = resolve(out, document, member.value, depth + 1); !done) return done;
    }
  } else if (target->is_array()) {
    out.array();
    for (const JsonView element : target->elements()) {
      if (auto done = resolve(out, document, element, depth + 1); !done) return done;
    }
  } else {
    out.value(*target);
    return {};
  }
  out.end();
  return {};
}

Result<JsonSchema> compile(JsonView document, JsonView schema) {
  const auto resolved = resolve_references(document, schema);
  if (!resolved) return fail(resolved.error());
  return JsonSchema::compile(*resolved);
}

template <class Number>
bool is_number(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// The text as the schema wants it; as a string when it is nothing of the kind, to be refused.
void write_typed(JsonWriter& json, const std::string& type, const std::string& text) {
  const bool plain = (type == "integer" && is_number<std::int64_t>(text)) ||
                     (type == "boolean" && (text == "true" || text == "false"));
  if (plain)
    json.raw(text);
  else
    json.string(text);
}

std::string_view query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

}  // namespace

Result<JsonView> follow(JsonView document, JsonView value) {
  constexpr std::string_view kLocal = "#/";
  for (int step = 0; step < kMaxDepth; ++step) {
    const auto reference = value["$ref"].string();
    if (!reference) return value;
    if (reference->substr(0, kLocal.size()) != kLocal) {
      return fail(Errc::invalid_argument,
                  "a reference leads out of the document: " + std::string(*reference));
    }
    JsonView at = document;
    for (std::string_view rest = reference->substr(1); !rest.empty();) {
      rest.remove_prefix(1);
      const std::size_t end = std::min(rest.find('/'), rest.size());
      at = at[rest.substr(0, end)];
      rest.remove_prefix(end);
    }
    if (!at.exists()) {
      return fail(Errc::invalid_argument, "a reference leads nowhere: " + std::string(*reference));
    }
    value = at;
  }
  return fail(Errc::invalid_argument, "a reference leads to itself");
}

Result<Json> resolve_references(JsonView document, JsonView schema) {
  JsonWriter out;
  if (auto done = resolve(out, document, schema, 0); !done) return fail(done.error());
  return Json::parse(out.take());
}

Result<ApiOperation> ApiOperation::read(JsonView document, JsonView item, JsonView operation) {
  ApiOperation read;
  const JsonView security =
      operation["security"].exists() ? operation["security"] : document["security"];
  for (const JsonView alternative : security.elements()) {
    for (const JsonView::Member& scheme : alternative.members()) {
      read.security_.emplace_back(scheme.key);
    }
  }
  const JsonView schemes = document["components"]["securitySchemes"];
  read.strict_query_ = std::all_of(
      read.security_.begin(), read.security_.end(),
      [&](const std::string& name) { return schemes[name]["type"].string_or("") == "http"; });
  std::vector<JsonView> parameters;
  for (const JsonView owner : {item, operation}) {
    for (const JsonView parameter : owner["parameters"].elements()) {
      const auto target = follow(document, parameter);
      if (!target) return fail(target.error());
      parameters.push_back(*target);
    }
  }
  if (auto done = read.read_parameters(document, parameters); !done) return fail(done.error());
  if (auto done = read.read_body(document, operation["requestBody"]); !done) {
    return fail(done.error());
  }
  if (auto done = read.read_answers(document, operation["responses"]); !done) {
    return fail(done.error());
  }
  return read;
}

Result<> ApiOperation::read_parameters(JsonView document, const std::vector<JsonView>& parameters) {
  const std::pair<const char*, ApiPlace> places[] = {
      {"path", ApiPlace::path}, {"query", ApiPlace::query}, {"header", ApiPlace::header}};
  for (const auto& [where, place] : places) {
    Parameters read;
    JsonWriter properties;
    JsonWriter required;
    properties.object();
    required.array();
    for (const JsonView parameter : parameters) {
      if (parameter["in"].string_or("") != where) continue;
      const std::string name = parameter["name"].string_or("");
      read.types.emplace_back(name, parameter["schema"]["type"].string_or(""));
      properties.field(name, parameter["schema"]);
      if (parameter["required"].bool_or(false)) required.string(name);
    }
    const auto schema = Json::parse(JsonWriter()
                                        .object()
                                        .field("type", "object")
                                        .field("additionalProperties", false)
                                        .key("properties")
                                        .raw(properties.end().take())
                                        .key("required")
                                        .raw(required.end().take())
                                        .end()
                                        .take());
    if (!schema) return fail(schema.error());
    auto compiled = compile(document, *schema);
    if (!compiled) return fail(compiled.error());
    // The compiled schema needs what was resolved for it only while it is made.
    read.schema = std::move(*compiled);
    parameters_[place] = std::move(read);
  }
  return {};
}

Result<> ApiOperation::read_body(JsonView document, JsonView body) {
  if (!body.exists()) return {};
  const auto target = follow(document, body);
  if (!target) return fail(target.error());
  needs_body_ = (*target)["required"].bool_or(false);
  for (const char* type : {kJson, kForm}) {
    const JsonView media = (*target)["content"][type];
    if (!media.exists()) continue;
    auto schema = compile(document, media["schema"]);
    if (!schema) return fail(schema.error());
    media_type_ = type;
    body_ = std::move(*schema);
    return {};
  }
  return fail(Errc::invalid_argument, "a body is of a media type that cannot be checked");
}

Result<> ApiOperation::read_answers(JsonView document, JsonView responses) {
  for (const JsonView::Member& member : responses.members()) {
    const auto response = follow(document, member.value);
    if (!response) return fail(response.error());
    const JsonView schema = (*response)["content"][kJson]["schema"];
    if (!schema.exists()) continue;
    auto compiled = compile(document, schema);
    if (!compiled) return fail(compiled.error());
    answers_.emplace(std::stoi(std::string(member.key)), std::move(*compiled));
  }
  return {};
}

Result<> ApiOperation::check_body(JsonView body) const {
  return body_ ? body_->validate(body) : Result<>();
}

const JsonSchema* ApiOperation::answer(int status) const {
  const auto found = answers_.find(status);
  return found == answers_.end() ? nullptr : &found->second;
}

std::optional<std::string> ApiOperation::text_of(const HttpServerRequest& request, ApiPlace place,
                                                 const std::string& name) {
  if (place == ApiPlace::path) {
    const auto found = request.parameters.find(name);
    if (found == request.parameters.end()) return std::nullopt;
    return found->second;
  }
  const auto found = request.headers.find(name);
  if (!found) return std::nullopt;
  return std::string(*found);
}

Result<Json> ApiOperation::check_parameters(const HttpServerRequest& request) const {
  JsonWriter all;
  all.object();
  for (const auto& [place, parameters] : parameters_) {
    JsonWriter json;
    json.object();
    const auto type_of = [&types = parameters.types](const std::string& name) {
      const auto found = std::find_if(types.begin(), types.end(),
                                      [&](const auto& type) { return type.first == name; });
      return found == types.end() ? nullptr : &found->second;
    };
    const auto write = [&](const std::string& name, const std::string& type,
                           const std::string& text) {
      write_typed(json.key(name), type, text);
      write_typed(all.key(name), type, text);
    };
    if (place == ApiPlace::query) {
      const auto query = FormFields::parse(query_of(request.target), 100);
      if (!query) return fail(Errc::invalid_argument, "the query has too many parameters");
      std::vector<std::string> seen;
      for (const auto& [name, text] : query->fields()) {
        const std::string* type = type_of(name);
        if (type == nullptr && !strict_query_) continue;
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
          return fail(Errc::invalid_argument, "\"" + name + "\" is given twice", name);
        }
        seen.push_back(name);
        write(name, type == nullptr ? "" : *type, text);
      }
    } else {
      for (const auto& [name, type] : parameters.types) {
        if (const auto text = text_of(request, place, name)) write(name, type, *text);
      }
    }
    const auto given = Json::parse(json.end().take());
    if (!given) return fail(given.error());
    if (auto valid = parameters.schema->validate(*given); !valid) return fail(valid.error());
  }
  return Json::parse(all.end().take());
}

}  // namespace server
