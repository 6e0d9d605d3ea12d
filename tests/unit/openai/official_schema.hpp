#pragma once

#include "support/schema_check.hpp"

namespace voicebridge::test {

/// The service's own description of its events.
inline const SchemaFile& schema() {
  static const SchemaFile file("openai/realtime-events.schema.json");
  return file;
}

}  // namespace voicebridge::test
