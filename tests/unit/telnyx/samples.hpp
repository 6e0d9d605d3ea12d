#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge::test {

/// The text of tests/data/telnyx/NAME.json.
inline std::string telnyx_sample(std::string_view name) {
  const std::string path =
      std::string(VOICEBRIDGE_TEST_DATA) + "/telnyx/" + std::string(name) + ".json";
  std::ifstream file(path, std::ios::binary);
  INFO(path);
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline Json parsed(std::string_view text) {
  auto json = Json::parse(text);
  INFO(text);
  REQUIRE(json);
  return *json;
}

inline Json telnyx_sample_json(std::string_view name) { return parsed(telnyx_sample(name)); }

}  // namespace voicebridge::test
