#include "support/openapi_check.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace voicebridge::test {
namespace {

const std::set<std::string> kMethods = {"get",     "put",  "post",  "delete",
                                        "options", "head", "patch", "trace"};
const std::set<std::string> kItemMembers = {"summary", "description", "servers", "parameters",
                                            "$ref"};
const std::set<std::string> kOperationMembers = {
    "operationId", "tags",      "summary",    "description", "security", "parameters",
    "requestBody", "responses", "deprecated", "callbacks",   "servers",  "externalDocs"};

class Checker {
 public:
  explicit Checker(JsonView document) : document_(document) {}

  std::vector<std::string> run() {
    must(std::regex_match(document_["openapi"].string_or(""), std::regex("3\\.1\\.[0-9]+")),
         "/openapi", "must be 3.1.x");
    for (const char* name : {"title", "version"})
      must(document_["info"][name].is_string(), "/info", std::string("needs ") + name);
    must(document_["paths"].is_object(), "/paths", "must be an object");
    for (const JsonView tag : document_["tags"].elements())
      must(tags_.insert(tag["name"].string_or("")).second, "/tags", "has a name twice");
    references(document_, "");
    std::set<std::string> shapes;
    for (const JsonView::Member& item : document_["paths"].members()) {
      const std::string path(item.key);
      const std::string shape = std::regex_replace(path, std::regex("\\{[^}]*\\}"), "{}");
      must(shapes.insert(shape).second, path, "is the same path as another");
      path_item(path, item.value);
    }
    components();
    return std::move(faults_);
  }

 private:
  void must(bool kept, const std::string& where, const std::string& what) {
    if (!kept) faults_.push_back(where + " " + what);
  }

  JsonView target(JsonView value) const {
    const auto reference = value["$ref"].string();
    if (!reference) return value;
    JsonView at = document_;
    std::string rest(*reference);
    if (rest.rfind("#/", 0) != 0) return JsonView();
    rest.erase(0, 2);
    while (at.exists()) {
      const std::size_t end = std::min(rest.find('/'), rest.size());
      at = at[rest.substr(0, end)];
      if (end == rest.size()) break;
      rest.erase(0, end + 1);
    }
    return at;
  }

  void references(JsonView value, const std::string& where) {
    if (value["$ref"].exists()) must(target(value).exists(), where, "refers to nothing");
    for (const JsonView::Member& member : value.members())
      references(member.value, where + "/" + std::string(member.key));
    const auto elements = value.elements();
    for (std::size_t i = 0; i < elements.size(); ++i)
      references(elements[i], where + "/" + std::to_string(i));
  }

  void path_item(const std::string& path, JsonView item) {
    must(path.rfind('/', 0) == 0, path, "must begin with a slash");
    must(path.find_first_of("?#") == std::string::npos, path, "must be a path alone");
    for (const JsonView::Member& member : item.members()) {
      const std::string name(member.key);
      if (kMethods.count(name) != 0)
        operation(path, name, item, member.value);
      else
        must(kItemMembers.count(name) != 0, path, "has no method " + name);
    }
  }

  void operation(const std::string& path, const std::string& method, JsonView item,
                 JsonView operation) {
    const std::string where = method + " " + path;
    for (const JsonView::Member& member : operation.members()) {
      const std::string name(member.key);
      must(kOperationMembers.count(name) != 0 || name.rfind("x-", 0) == 0, where,
           "has the unknown member " + name);
    }
    const std::string id = operation["operationId"].string_or("");
    must(!id.empty() && ids_.insert(id).second, where, "needs an operationId of its own");
    must(!operation["summary"].string_or("").empty(), where, "needs a summary");
    for (const JsonView tag : operation["tags"].elements())
      must(tags_.count(tag.string_or("")) != 0, where, "has a tag that is not listed");
    security(where, operation["security"]);
    parameters(where, path, item, operation);
    if (operation["requestBody"].exists()) {
      const JsonView content = target(operation["requestBody"])["content"];
      must(content.size() > 0, where, "has a body without content");
      media(where + " body", content);
    }
    responses(where, operation["responses"]);
  }

  void security(const std::string& where, JsonView requirements) {
    for (const JsonView requirement : requirements.elements()) {
      for (const JsonView::Member& scheme : requirement.members()) {
        must(document_["components"]["securitySchemes"][scheme.key].exists(), where,
             "needs the unknown scheme " + std::string(scheme.key));
        must(scheme.value.is_array(), where, "has a scheme without its list");
      }
    }
  }

  void parameters(const std::string& where, const std::string& path, JsonView item,
                  JsonView operation) {
    std::set<std::string> in_path;
    std::set<std::pair<std::string, std::string>> seen;
    for (const JsonView owner : {item, operation}) {
      for (const JsonView one : owner["parameters"].elements()) {
        const JsonView parameter = target(one);
        const std::string name = parameter["name"].string_or("");
        const std::string place = parameter["in"].string_or("");
        must(!name.empty(), where, "has a parameter without a name");
        must(std::set<std::string>{"path", "query", "header", "cookie"}.count(place) != 0, where,
             "has the parameter " + name + " nowhere");
        must(seen.insert({name, place}).second, where, "has the parameter " + name + " twice");
        must(parameter["schema"].exists() != parameter["content"].exists(), where,
             "needs a schema for " + name);
        schema(where + " parameter " + name, parameter["schema"]);
        if (place != "path") continue;
        in_path.insert(name);
        must(parameter["required"].bool_or(false), where, "must require " + name);
        must(path.find("{" + name + "}") != std::string::npos, where, "has no place for " + name);
      }
    }
    const std::regex placeholder("\\{([^}]*)\\}");
    for (std::sregex_iterator at(path.begin(), path.end(), placeholder), end; at != end; ++at) {
      must(in_path.count((*at)[1]) != 0, where, "does not say what " + (*at)[1].str() + " is");
    }
  }

  void responses(const std::string& where, JsonView responses) {
    must(responses.size() > 0, where, "needs an answer");
    for (const JsonView::Member& member : responses.members()) {
      const std::string status(member.key);
      const bool known = std::regex_match(status, std::regex("default|[1-5]([0-9]{2}|XX)"));
      must(known, where, "has the answer " + status);
      const JsonView response = target(member.value);
      must(response["description"].is_string(), where, status + " needs a description");
      media(where + " " + status, response["content"]);
    }
  }

  void media(const std::string& where, JsonView content) {
    for (const JsonView::Member& type : content.members()) {
      must(type.key.find('/') != std::string_view::npos, where, "has a media type without slash");
      schema(where, type.value["schema"]);
    }
  }

  /// Its keywords; references are looked at where they lead to.
  void schema(const std::string& where, JsonView schema) {
    if (!schema.exists() || schema["$ref"].exists()) return;
    must(schema.is_object() || schema.is_bool(), where, "has a schema that is none");
    for (const char* list : {"allOf", "anyOf", "oneOf"})
      for (const JsonView part : schema[list].elements()) this->schema(where, part);
    for (const JsonView::Member& property : schema["properties"].members())
      this->schema(where + "." + std::string(property.key), property.value);
    if (schema["items"].exists()) this->schema(where + "[]", schema["items"]);
    must(!schema["nullable"].exists(), where, "has nullable, which was of version 3.0");
    if (schema["$ref"].exists() || has_reference(schema)) return;
    const auto compiled = JsonSchema::compile(schema);
    must(compiled.has_value(), where, compiled ? "" : compiled.error().message);
  }

  static bool has_reference(JsonView value) {
    return value.dump().find("\"$ref\"") != std::string::npos;
  }

  void components() {
    const std::regex name("[a-zA-Z0-9._-]+");
    for (const JsonView::Member& kind : document_["components"].members()) {
      for (const JsonView::Member& one : kind.value.members()) {
        const std::string where = "/components/" + std::string(kind.key) + "/";
        must(std::regex_match(std::string(one.key), name), where, "has a name with other signs");
        if (kind.key == "schemas") schema(where + std::string(one.key), one.value);
        if (kind.key != "securitySchemes") continue;
        const std::string type = one.value["type"].string_or("");
        must(type != "http" || one.value["scheme"].is_string(), where, "needs a scheme");
        must(type != "apiKey" || (one.value["name"].is_string() && one.value["in"].is_string()),
             where, "needs a name and a place");
      }
    }
    security("/security", document_["security"]);
  }

  JsonView document_;
  std::set<std::string> ids_;
  std::set<std::string> tags_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> openapi_faults(JsonView document) { return Checker(document).run(); }

}  // namespace voicebridge::test
