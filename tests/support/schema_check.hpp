#pragma once

#include <string>
#include <string_view>

#include "voicebridge/core/json.hpp"

namespace voicebridge::test {

/// Checks documents against a definition (`$defs`) of a JSON Schema file of tests/data: the
/// vocabulary that the vendors' schemas use, which is newer than what `JsonSchema` compiles.
class SchemaFile {
 public:
  /// `path` below tests/data. Throws when it cannot be read.
  explicit SchemaFile(const std::string& path);

  JsonView root() const { return json_.root(); }
  JsonView definition(std::string_view name) const { return json_["$defs"][name]; }
  /// Empty when `document` fits, otherwise the place and the rule that was broken.
  std::string check(JsonView document, std::string_view definition) const;

 private:
  std::string check(JsonView value, JsonView schema, const std::string& path) const;
  std::string check_object(JsonView value, JsonView schema, const std::string& path) const;
  std::string check_scalar(JsonView value, JsonView schema, const std::string& path) const;
  std::string check_branches(JsonView value, JsonView schema, const std::string& path) const;

  Json json_;
};

/// The text of a file below tests/data. Throws when it cannot be read.
std::string read_test_data(const std::string& path);

}  // namespace voicebridge::test
