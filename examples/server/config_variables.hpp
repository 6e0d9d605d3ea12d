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

/// All of them, by group, as they are told to people.
const std::vector<Variable>& config_variables();

// Its parts: config_server.cpp, config_openai.cpp …
std::vector<Variable> server_variables();
std::vector<Variable> openai_variables();
std::vector<Variable> telnyx_variables();
std::vector<Variable> twilio_variables();
std::vector<Variable> agent_variables();
std::vector<Variable> guard_variables();
std::vector<Variable> web_variables();
std::vector<Variable> store_variables();
std::vector<Variable> data_variables();

}  // namespace server
