#include "voicebridge/tools/tool_registry.hpp"

#include "support/catch.hpp"

namespace voicebridge {
namespace {

ToolOutput nothing(const ToolInvocation&) { return "{}"; }

Error refused(ToolRegistry& tools, ToolSpec spec, ToolOptions options = {}) {
  const auto added = tools.add(std::move(spec), nothing, std::move(options));
  REQUIRE_FALSE(added);
  CHECK_FALSE(added.error().message.empty());
  return added.error();
}

}  // namespace

TEST_CASE("tools are told to the model in the order they were added", "[tool_registry]") {
  ToolRegistry tools;
  REQUIRE(tools.add(
      {"check_stock", "How many of an article are in stock",
       R"({"type":"object","properties":{"article":{"type":"string"}},"required":["article"]})"},
      [](const ToolInvocation& call) -> ToolOutput { return call.arguments["article"].dump(); }));
  REQUIRE(tools.add({"end_call", "Ends the call", ""}, nothing));
  const auto specs = tools.specs();
  REQUIRE(specs.size() == 2);
  CHECK(specs[0].name == "check_stock");
  CHECK(specs[1].name == "end_call");
  CHECK(Json::parse(specs[1].parameters_json).value()["type"].string() == "object");
  CHECK(tools.find("end_call") != nullptr);
  CHECK(tools.find("end_cal") == nullptr);
}

TEST_CASE("a subset of tools keeps the order asked for", "[tool_registry]") {
  ToolRegistry tools;
  for (const char* name : {"a", "b", "c"}) REQUIRE(tools.add({name, "", ""}, nothing));
  const auto specs = tools.specs({"c", "unknown", "a"});
  REQUIRE(specs.size() == 2);
  CHECK(specs[0].name == "c");
  CHECK(specs[1].name == "a");
  CHECK(tools.specs(std::vector<std::string>()).empty());
}

TEST_CASE("a wrong tool is refused by name of the field", "[tool_registry]") {
  ToolRegistry tools;
  REQUIRE(tools.add({"taken", "", ""}, nothing));
  for (const char* name : {"", "with space", "dot.ted", "\u00e9t\u00e9"}) {
    CHECK(refused(tools, {name, "", ""}).field == "name");
  }
  CHECK(refused(tools, {std::string(65, 'a'), "", ""}).field == "name");
  CHECK(tools.add({std::string(64, 'a'), "", ""}, nothing));
  CHECK(refused(tools, {"taken", "", ""}).code == Errc::conflict);
  for (const char* parameters :
       {"{", "[]", "null", "{}", R"({"type":"string"})", R"({"type":"object","properties":[]})",
        R"({"type":"object","properties":{"a":{"type":"text"}}})",
        R"({"type":"object","required":[1]})", R"({"type":"object","$ref":"#"})"}) {
    INFO(parameters);
    const Error error = refused(tools, {"new", "", parameters});
    CHECK(error.code == Errc::invalid_argument);
    CHECK(error.field == "parameters");
  }
  ToolOptions options;
  options.deadline = Millis(0);
  CHECK(refused(tools, {"new", "", ""}, options).field == "options");
  options = {};
  options.filler_after = Millis(-1);
  CHECK(refused(tools, {"new", "", ""}, options).field == "options");
  CHECK(tools.add({"new", "", ""}, ToolHandler()).error().field == "handler");
  CHECK(tools.add_async({"new", "", ""}, AsyncToolHandler()).error().field == "handler");
  CHECK(tools.specs().size() == 2);
}

TEST_CASE("an error for the model is valid JSON whatever it says", "[tool_registry]") {
  Error error = fail(Errc::invalid_argument, "say \"please\"\n", "phone").value();
  CHECK(tool_error_json(error) ==
        R"({"error":{"code":"invalid_argument","field":"phone","message":"say \"please\"\n"}})");
  error.field.clear();
  CHECK(tool_error_json(error) ==
        R"({"error":{"code":"invalid_argument","message":"say \"please\"\n"}})");
}

TEST_CASE("copies of a cancellation share it", "[tool_registry]") {
  const Cancellation first;
  const Cancellation copy = first;
  const Cancellation other;
  CHECK_FALSE(copy.cancelled());
  first.cancel();
  CHECK(copy.cancelled());
  CHECK_FALSE(other.cancelled());
}

}  // namespace voicebridge
