#include "support/event_check.hpp"

#include <stdexcept>

namespace voicebridge::test {
namespace {

/// The largest append, in base64 and with its envelope.
constexpr JsonLimits kEventLimits{std::size_t{24} << 20, 64};

}  // namespace

EventCheck::EventCheck()
    : schema_("openai/realtime-events.schema.json"),
      server_(definitions_of("ServerEvent")),
      client_(definitions_of("ClientEventStrict")) {}

EventCheck::Definitions EventCheck::definitions_of(std::string_view group) const {
  Definitions definitions;
  const JsonView union_of = schema_.definition(group);
  const JsonView branches = union_of["anyOf"].exists() ? union_of["anyOf"] : union_of["oneOf"];
  for (const JsonView branch : branches.elements()) {
    const std::string ref = branch["$ref"].string_or("");
    const std::string name = ref.substr(ref.rfind('/') + 1);
    const JsonView type = schema_.definition(name)["properties"]["type"];
    definitions[type["const"].string_or(type["enum"].at(0).string_or(""))] = name;
  }
  if (definitions.empty()) throw std::runtime_error("no events in " + std::string(group));
  return definitions;
}

std::string EventCheck::check(std::string_view text, const Definitions& definitions) const {
  const auto event = Json::parse(text, kEventLimits);
  if (!event) return "no JSON: " + event.error().message;
  const std::string type = (*event)["type"].string_or("");
  const auto found = definitions.find(type);
  if (found == definitions.end()) return "no event of the type '" + type + "'";
  return schema_.check(*event, found->second);
}

const EventCheck& event_check() {
  static const EventCheck check;
  return check;
}

}  // namespace voicebridge::test
