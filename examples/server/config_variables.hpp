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
  bool needed;           ///< For OpenAI's calls in its group, for the carrier's in the others.
  const char* meaning;
  /// Fails with a sentence that goes on from the variable's name.
  voicebridge::Result<> (*apply)(Config&, const std::string&);
};

const std::vector<Variable>& config_variables();

}  // namespace server
