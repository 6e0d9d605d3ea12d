#pragma once

#include "support/catch.hpp"
#include "support/schema_check.hpp"
#include "voicebridge/testing/telnyx_carrier.hpp"

namespace voicebridge::test {

/// What a whole call has asked of Telnyx fits the official schemas of its commands. Nothing is
/// checked of another carrier.
inline void check_commands(const testing::SimCarrier& carrier) {
  if (dynamic_cast<const testing::TelnyxCarrier*>(&carrier) == nullptr) return;
  static const SchemaFile schemas("telnyx/request-schemas.json");
  std::size_t checked = 0;
  for (const testing::SimApiRecord& request : carrier.requests()) {
    const std::string definition = schemas.root()["commands"][request.command].string_or("");
    if (definition.empty() && request.body.empty()) continue;  // It asks for something.
    CAPTURE(request.command, request.body);
    // Newer than the schema, and documented.
    if (request.body.find("premium_ios_call_screening_detection") != std::string::npos) continue;
    REQUIRE_FALSE(definition.empty());
    const auto body = Json::parse(request.body.empty() ? "{}" : request.body);
    REQUIRE(body);
    CHECK(schemas.check(body->root(), definition) == "");
    CHECK(request.ignored.empty());
    ++checked;
  }
  CHECK(checked + 1 >= carrier.calls().size());
}

}  // namespace voicebridge::test
