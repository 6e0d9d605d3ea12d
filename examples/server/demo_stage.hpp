#pragma once

#include <map>
#include <string>

#include "config.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/tools/tool_registry.hpp"

namespace server {

// What all demos are put on stage with.

/// The script in the language of VOICEBRIDGE_LANGUAGE, once its recordings are found.
voicebridge::Result<voicebridge::Json> read_demo_script(const char* english, const char* french);
/// A name that is not taken, in out/.
std::string new_demo_folder();
voicebridge::Result<Config> demo_config(const std::map<std::string, std::string>& variables);
/// `check_visit`: a back end that takes its time. Its settings say what is free.
voicebridge::Result<> add_demo_tool(voicebridge::ToolRegistry& tools);

}  // namespace server
