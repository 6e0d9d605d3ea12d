#include <algorithm>
#include <set>

#include "support/catch.hpp"
#include "support/schema_check.hpp"
#include "testing/telnyx_parameters.hpp"

/// What the simulator checks is held against the official schema.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

std::set<std::string> choices_of(std::string_view text) {
  std::set<std::string> all;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(", "), text.size());
    all.emplace(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 2, text.size()));
  }
  return all;
}

/// Follows references.
JsonView resolved(const test::SchemaFile& schemas, JsonView schema) {
  while (const auto ref = schema["$ref"].string()) {
    schema = schemas.definition(ref->substr(ref->rfind('/') + 1));
  }
  return schema;
}

std::set<std::string> enumerated(JsonView schema) {
  std::set<std::string> all;
  for (const JsonView value : schema["enum"].elements())
    all.insert(value.string() ? value.string_or("") : value.dump());
  return all;
}

}  // namespace

TEST_CASE("the simulator knows the parameters of the official schema, and no others") {
  const test::SchemaFile schemas("telnyx/request-schemas.json");
  std::size_t commands = 0;
  for (const auto& command : schemas.root()["commands"].members()) {
    INFO(command.key);
    const TelnyxParameters* parameters = parameters_of(command.key);
    REQUIRE(parameters != nullptr);
    const JsonView schema = schemas.definition(command.value.string_or(""));
    std::set<std::string> known;
    for (const TelnyxParameter& parameter : *parameters) {
      INFO(parameter.name);
      known.insert(std::string(parameter.name));
      const JsonView property = resolved(schemas, schema["properties"][parameter.name]);
      REQUIRE(property.exists());
      if (parameter.kind == TelnyxParameter::Kind::boolean)
        CHECK(property["type"].string() == "boolean");
      if (parameter.kind == TelnyxParameter::Kind::integer)
        CHECK(property["type"].string() == "integer");
      if (parameter.kind == TelnyxParameter::Kind::list)
        CHECK(property["type"].string() == "array");
      std::set<std::string> choices = choices_of(parameter.choices);
      choices.erase("premium_ios_call_screening_detection");         // newer than the schema
      if (parameter.name == "park_after_unbridge") choices.clear();  // said in its description
      const std::set<std::string> official = enumerated(property);
      if (!choices.empty() && !official.empty()) CHECK(choices == official);
    }
    for (const auto& property : schema["properties"].members()) {
      INFO(property.key);
      CHECK(known.count(std::string(property.key)) == 1);
    }
    for (const JsonView required : schema["required"].elements()) {
      const std::string name = required.string_or("");
      if (command.key == "bridge") continue;  // or else `queue`, says its description
      INFO(name);
      CHECK(std::any_of(parameters->begin(), parameters->end(), [&](const TelnyxParameter& one) {
        return one.name == name && one.required;
      }));
    }
    ++commands;
  }
  CHECK(commands == 53);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
