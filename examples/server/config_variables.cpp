#include "config_variables.hpp"

namespace server {

const std::vector<Variable>& config_variables() {
  static const std::vector<Variable> all = [] {
    std::vector<Variable> list;
    for (const auto part :
         {server_variables, openai_variables, telnyx_variables, twilio_variables, agent_variables,
          guard_variables, web_variables, store_variables, data_variables}) {
      for (const Variable& variable : part()) list.push_back(variable);
    }
    return list;
  }();
  return all;
}

}  // namespace server
