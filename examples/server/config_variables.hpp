#pragma once

#include <string>
#include <vector>

#include "config.hpp"

namespace server {

/// One variable of the environment.
struct Variable {
  const char* group;
  const char* name;
  const char* fallback;  ///< Empty: nothing.
  bool needed;           ///< In the group of a carrier: if there are calls by that one.
  const char* meaning;
  /// Fails with a sentence that goes on from the variable's name.
  voicebridge::Result<> (*apply)(Config&, const std::string&);
};

const std::vector<Variable>& config_variables();

}  // namespace server
