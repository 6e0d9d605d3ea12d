#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge::test {

/// tests/data/twilio/NAME.json
inline Json twilio_sample(std::string_view name) {
  const std::string path =
      std::string(VOICEBRIDGE_TEST_DATA) + "/twilio/" + std::string(name) + ".json";
  std::ifstream file(path, std::ios::binary);
  INFO(path);
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  auto json = Json::parse(text.str());
  REQUIRE(json);
  return *json;
}

}  // namespace voicebridge::test
