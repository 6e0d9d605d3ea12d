#include "voicebridge/core/json_faults.hpp"

#include <string>

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

constexpr const char* kSchema = R"({
  "title": "people", "type": "object", "required": ["people", "town"],
  "additionalProperties": false,
  "properties": {
    "town": {"type": "string", "minLength": 3, "pattern": "^[a-z.-]+$"},
    "people": {"type": "array", "minItems": 1, "maxItems": 3, "items": {
      "type": "object", "required": ["name"], "additionalProperties": false,
      "properties": {
        "name": {"type": "string", "maxLength": 5, "description": "as it is called"},
        "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": true},
        "pet": {"anyOf": [{"type": "string", "enum": ["cat", "dog"]},
                          {"type": "object", "required": ["kind"],
                           "properties": {"kind": {"type": "string"}}}]}}}},
    "a/b~c": {"type": "boolean"},
    "free": {"not": {"type": "null"}}}
})";

/// One line a fault: "POINTER what".
std::string faults_of(std::string_view document, std::size_t limit = 100) {
  const Json schema = Json::parse(kSchema).value();
  const auto faults = json_faults(schema, Json::parse(document).value(), limit);
  REQUIRE(faults);
  std::string lines;
  for (const JsonFault& fault : *faults) lines += fault.pointer + " " + fault.message + "\n";
  return lines;
}

}  // namespace

TEST_CASE("every broken rule is told, each with its pointer", "[json_faults]") {
  CHECK(faults_of(R"({"town":"ulm","people":[{"name":"Ada","age":7,"pet":"cat"}]})").empty());
  CHECK(faults_of(R"({"people":[{"age":0,"nme":"x"},{"name":"Leopold","age":"old"},7,{"name":""}],
                      "extra":1,"a/b~c":0,"free":null})") ==
        "/town is missing\n"
        "/people must have at most 3 items\n"
        "/people/0/name is missing\n"
        "/people/0/age must be more than 0\n"
        "/people/0/nme is not a known property\n"
        "/people/1/name must have at most 5 characters\n"
        "/people/1/age must be of type \"integer\"\n"
        "/people/2 must be of type \"object\"\n"
        "/extra is not a known property\n"
        "/a~1b~0c must be of type \"boolean\"\n"
        "/free breaks the rule \"not\"\n");
}

TEST_CASE("two rules broken by one value are two faults", "[json_faults]") {
  CHECK(faults_of(R"({"town":"X","people":[{"name":"Ada"}]})") ==
        "/town must have at least 3 characters\n"
        "/town must match the pattern \"^[a-z.-]+$\"\n");
}

TEST_CASE("of alternatives, the one of the value's type is meant", "[json_faults]") {
  const auto pet = [](const std::string& value) {
    return faults_of(R"({"town":"ulm","people":[{"name":"Ada","pet":)" + value + "}]}");
  };
  CHECK(pet(R"({"kind":"cat"})").empty());
  CHECK(pet(R"("cow")") == "/people/0/pet must be one of \"cat\", \"dog\"\n");
  CHECK(pet("{}") == "/people/0/pet/kind is missing\n");
  CHECK(pet("7") == "/people/0/pet fits none of the forms that are allowed here\n");
}

TEST_CASE("members that are not named have a schema of their own", "[json_faults]") {
  const Json schema = Json::parse(R"({"type":"object","properties":{"as_of":{"type":"string"}},
    "additionalProperties":{"type":"object","additionalProperties":{"type":"number"}}})")
                          .value();
  const auto faults =
      json_faults(schema, Json::parse(R"({"as_of":"today","a":{"x":1,"y":"2"},"b":3})").value());
  REQUIRE(faults);
  REQUIRE(faults->size() == 2);
  CHECK((*faults)[0].pointer == "/a/y");
  CHECK((*faults)[1].pointer == "/b");
}

TEST_CASE("the faults told are bounded", "[json_faults]") {
  CHECK(faults_of(R"({"a":1,"b":2,"c":3})", 3) ==
        "/people is missing\n/town is missing\n/a is not a known property\n");
  CHECK(faults_of("{}", 0).empty());
}

TEST_CASE("a schema that does not compile is refused as such", "[json_faults]") {
  const Json schema = Json::parse(R"({"$ref":"#/elsewhere"})").value();
  const auto faults = json_faults(schema, Json::parse("{}").value());
  REQUIRE_FALSE(faults);
  CHECK(faults.error().code == Errc::unsupported);
}
