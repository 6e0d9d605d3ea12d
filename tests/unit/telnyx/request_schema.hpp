#pragma once

#include <string>
#include <string_view>

#include "support/schema_check.hpp"
#include "unit/telnyx/samples.hpp"
#include "voicebridge/telnyx/call_command.hpp"
#include "voicebridge/telnyx/conference_requests.hpp"

namespace voicebridge::test {

inline const SchemaFile& request_schemas() {
  static const SchemaFile schemas("telnyx/request-schemas.json");
  return schemas;
}

template <class Request>
Json json_of(const Request& request) {
  const auto body = to_json(request);
  INFO((body ? std::string() : body.error().message));
  REQUIRE(body);
  return parsed(*body);
}

/// The body fits the official schema of the command and has no member that is not in it.
/// `command`: "dial", "speak", "conference.join" …
inline void check_schema(const Json& body, const std::string& command) {
  const std::string definition = request_schemas().root()["commands"][command].string_or("");
  INFO(command << " " << definition);
  CHECK(request_schemas().check(body, definition) == "");
}

}  // namespace voicebridge::test
