#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
namespace {

JsonSchema compiled(std::string_view text) {
  const Json json = Json::parse(text).value();
  auto schema = JsonSchema::compile(json);
  INFO((schema ? std::string() : schema.error().message));
  REQUIRE(schema);
  return *schema;
}

Error not_compiled(std::string_view text) {
  const Json json = Json::parse(text).value();
  INFO(text);
  const auto schema = JsonSchema::compile(json);
  REQUIRE_FALSE(schema);
  return schema.error();
}

bool valid(const JsonSchema& schema, std::string_view document) {
  return schema.validate(Json::parse(document).value()).has_value();
}

Error fault(const JsonSchema& schema, std::string_view document) {
  const auto result = schema.validate(Json::parse(document).value());
  INFO(document);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::invalid_argument);
  return result.error();
}

constexpr std::string_view kLead = R"({
  "$schema": "http://json-schema.org/draft-07/schema#", "description": "a lead", "type": "object",
  "properties": {
    "first_name": {"type": "string", "minLength": 1, "maxLength": 5, "description": "given name"},
    "phone": {"type": "string", "pattern": "^\\+[1-9]\\d{7,14}$"},
    "age": {"type": "integer", "minimum": 18, "maximum": 120},
    "plan": {"enum": ["basic", "pro", null, 3]},
    "kind": {"const": "lead"},
    "price": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5},
    "items": {"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": true,
              "items": {"type": "object", "properties": {"name": {"type": ["string", "null"]}},
                        "required": ["name"], "additionalProperties": false}},
    "contact": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["mail"]}]}
  },
  "required": ["first_name", "phone"], "additionalProperties": false
})";

std::string lead_with(std::string_view more) {
  return R"({"first_name":"Ann","phone":"+33612345678")" +
         (more.empty() ? "" : "," + std::string(more)) + "}";
}

}  // namespace

TEST_CASE("a document that keeps every rule is valid", "[json_schema]") {
  const JsonSchema schema = compiled(kLead);
  CHECK(valid(schema, lead_with("")));
  CHECK(valid(schema, lead_with(R"("age":18,"plan":null,"kind":"lead","price":0.5)")));
  CHECK(valid(schema, lead_with(R"("items":[{"name":"a"},{"name":null}],"contact":{"mail":1})")));
}

TEST_CASE("a broken rule names the field and what was expected", "[json_schema]") {
  const JsonSchema schema = compiled(kLead);
  const auto check = [&](std::string_view document, std::string_view field,
                         std::string_view message) {
    const Error error = fault(schema, document);
    CHECK(error.field == field);
    CHECK(error.message == message);
  };
  check("[]", "", R"(the value must be of type "object")");
  check(R"({"phone":"+33612345678"})", "first_name", R"("first_name" is missing)");
  check(R"({"first_name":"Ann"})", "phone", R"("phone" is missing)");
  check(R"({"first_name":1,"phone":"+33612345678"})", "first_name",
        R"("first_name" must be of type "string")");
  check(R"({"first_name":"","phone":"+33612345678"})", "first_name",
        R"("first_name" must have at least 1 characters)");
  check(R"({"first_name":"Ann-Sophie","phone":"+33612345678"})", "first_name",
        R"("first_name" must have at most 5 characters)");
  check(R"({"first_name":"Ann","phone":"0612345678"})", "phone",
        R"("phone" must match the pattern "^\\+[1-9][0-9]{7,14}$")");
  check(lead_with(R"("age":17)"), "age", R"("age" must be 18 or more)");
  check(lead_with(R"("age":121)"), "age", R"("age" must be 120 or less)");
  check(lead_with(R"("age":20.5)"), "age", R"("age" must be of type "integer")");
  check(lead_with(R"("plan":"gold")"), "plan", R"("plan" must be one of "basic", "pro", null, 3)");
  check(lead_with(R"("kind":"call")"), "kind", R"("kind" must be one of "lead")");
  check(lead_with(R"("price":0)"), "price", R"("price" must be more than 0)");
  check(lead_with(R"("price":0.7)"), "price", R"("price" must be a multiple of 0.5)");
  check(lead_with(R"("extra":1)"), "extra", R"("extra" is not a known property)");
  check(lead_with(R"("items":[])"), "items", R"("items" must have at least 1 items)");
  check(lead_with(R"("items":[{"name":"a"},{}])"), "items.1.name", R"("items.1.name" is missing)");
  check(lead_with(R"("items":[{"name":5}])"), "items.0.name",
        R"("items.0.name" must be of type "string" or "null")");
  check(lead_with(R"("items":[{"name":"a","b":1}])"), "items.0.b",
        R"("items.0.b" is not a known property)");
  check(lead_with(R"("contact":5)"), "contact", R"("contact" breaks the rule "anyOf")");
}

TEST_CASE("minLength counts characters, not bytes", "[json_schema]") {
  const JsonSchema schema = compiled(R"({"type":"string","minLength":2,"maxLength":2})");
  CHECK(valid(schema, "\"\u00e9\U0001F600\""));
  CHECK_FALSE(valid(schema, "\"\u00e9\""));
}

TEST_CASE("patterns know shorthand classes and cannot be made to hang", "[json_schema]") {
  CHECK(valid(compiled(R"({"pattern":"^[\\d\\-]+$"})"), "\"12-34\""));
  CHECK_FALSE(valid(compiled(R"({"pattern":"^[\\d\\-]+$"})"), "\"12a34\""));
  CHECK(valid(compiled(R"({"pattern":"^\\w+\\s\\w+$"})"), "\"Ann Lee\""));
  CHECK(valid(compiled(R"({"pattern":"a\\/b\\-c"})"), "\"xa/b-cx\""));
  CHECK(valid(compiled(R"({"pattern":"^\\\\d$"})"), R"("\\d")"));
  CHECK_FALSE(valid(compiled(R"({"pattern":"^(a+)+$"})"), "\"" + std::string(2000, 'a') + "!\""));
}

TEST_CASE("a schema of the wrong shape does not compile", "[json_schema]") {
  const auto field_of = [](std::string_view text) {
    const Error error = not_compiled(text);
    CHECK(error.code == Errc::invalid_argument);
    CHECK_FALSE(error.message.empty());
    return error.field;
  };
  CHECK(field_of("[]") == "");
  CHECK(field_of("null") == "");
  CHECK(field_of(R"({"type":"text"})") == "type");
  CHECK(field_of(R"({"type":[]})") == "type");
  CHECK(field_of(R"({"type":["string","text"]})") == "type");
  CHECK(field_of(R"({"type":1})") == "type");
  CHECK(field_of(R"({"properties":[]})") == "properties");
  CHECK(field_of(R"({"properties":{"a":{"type":"strin"}}})") == "properties.a.type");
  CHECK(field_of(R"({"properties":{"a":true}})") == "properties.a");
  CHECK(field_of(R"({"required":"a"})") == "required");
  CHECK(field_of(R"({"required":["a",1]})") == "required");
  CHECK(field_of(R"({"enum":[]})") == "enum");
  CHECK(field_of(R"({"enum":{"a":1}})") == "enum");
  CHECK(field_of(R"({"enum":[{"a":1}]})") == "enum");
  CHECK(field_of(R"({"const":[1]})") == "const");
  CHECK(field_of(R"({"const":1,"enum":[1]})") == "const");
  CHECK(field_of(R"({"minLength":-1})") == "minLength");
  CHECK(field_of(R"({"maxLength":1.5})") == "maxLength");
  CHECK(field_of(R"({"minimum":"1"})") == "minimum");
  CHECK(field_of(R"({"exclusiveMinimum":1,"minimum":2})") == "exclusiveMinimum");
  CHECK(field_of(R"({"exclusiveMaximum":"1"})") == "exclusiveMaximum");
  CHECK(field_of(R"({"multipleOf":0})") == "multipleOf");
  CHECK(field_of(R"({"uniqueItems":1})") == "uniqueItems");
  CHECK(field_of(R"({"pattern":"(a"})") == "pattern");
  CHECK(field_of(R"x({"pattern":"(?=a)"})x") == "pattern");
  CHECK(field_of(R"({"pattern":5})") == "pattern");
  CHECK(field_of(R"({"items":[{"type":"string"}]})") == "items");
  CHECK(field_of(R"({"items":{"properties":{"b":{"required":1}}}})") ==
        "items.properties.b.required");
  CHECK(field_of(R"({"anyOf":[]})") == "anyOf");
  CHECK(field_of(R"({"anyOf":[{"type":"string"},{"type":"x"}]})") == "anyOf.1.type");
  CHECK(field_of(R"({"additionalProperties":1})") == "additionalProperties");
}

TEST_CASE("a keyword that would be silently ignored is refused", "[json_schema]") {
  for (const char* text :
       {R"({"$ref":"#/definitions/a"})", R"({"if":{},"then":{}})", R"({"typo":"string"})",
        R"({"prefixItems":[]})", R"({"properties":{"a":{"minlength":1}}})"}) {
    CHECK(not_compiled(text).code == Errc::unsupported);
  }
}

TEST_CASE("properties may be named like keywords", "[json_schema]") {
  const JsonSchema schema = compiled(
      R"({"type":"object","properties":{"type":{"type":"string"},"required":{"type":"integer"},"enum":{"type":"null"},)"
      R"("pattern":{"type":"string","pattern":"^a"},"$ref":{"type":"string"},"patternProperties":{"type":"object"},)"
      R"("not":{"type":"boolean"},"properties":{"type":"object","properties":{"items":{"type":"array"}}}},)"
      R"("required":["type"],"default":{"patternProperties":1,"$ref":"#"}})");
  CHECK(valid(
      schema,
      R"({"type":"x","required":1,"enum":null,"pattern":"ab","$ref":"r","patternProperties":{},)"
      R"("not":true,"properties":{"items":[]}})"));
  CHECK(fault(schema, R"({"type":1})").field == "type");
  CHECK(fault(schema, R"({"type":"x","$ref":1})").field == "$ref");
  CHECK(fault(schema, R"({"type":"x","properties":{"items":1}})").field == "properties.items");
}

TEST_CASE("an empty schema accepts everything that is there", "[json_schema]") {
  const JsonSchema schema = compiled("{}");
  CHECK(valid(schema, "null"));
  CHECK(valid(schema, R"([{"a":1}])"));
  CHECK_FALSE(schema.validate(JsonView()));
  CHECK(JsonSchema().validate(Json()).error().code == Errc::internal);
}

TEST_CASE("threads share a schema", "[json_schema]") {
  const JsonSchema schema = compiled(kLead);
  std::vector<int> right(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < right.size(); ++t) {
    threads.emplace_back([&schema, &right, t] {
      for (int i = 0; i < 300; ++i) {
        const bool good =
            schema.validate(Json::parse(R"({"first_name":"Ann","phone":"+33612345678"})").value())
                .has_value();
        const bool bad =
            schema.validate(Json::parse(R"({"first_name":"Ann","phone":"+3361234567x"})").value())
                .has_value();
        right[t] += good && !bad ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(right == std::vector<int>(4, 300));
}

}  // namespace voicebridge
