#pragma once

#include <map>
#include <memory>
#include <string>

#include "config.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/testing/openai_simulator.hpp"
#include "voicebridge/tools/tool_registry.hpp"

namespace server {

// What all demos are put on stage with.

/// The script in the language of VOICEBRIDGE_LANGUAGE, once its recordings are found.
voicebridge::Result<voicebridge::Json> read_demo_script(const char* english, const char* french);
/// What the simulated model of a demo lives in.
struct DemoModel {
  std::unique_ptr<voicebridge::Runtime> street;  ///< Of all simulators; outlives them.
  std::unique_ptr<voicebridge::testing::OpenAiSimulator> openai;
};
/// The model that plays that script.
voicebridge::Result<DemoModel> open_demo_model(voicebridge::JsonView script);
/// What is told while its voice is rendered.
const char* rendering_words();
/// A name that is not taken, in out/.
std::string new_demo_folder();
voicebridge::Result<Config> demo_config(const std::map<std::string, std::string>& variables);
/// `check_visit`: a back end that takes its time. Its settings say what is free.
voicebridge::Result<> add_demo_tool(voicebridge::ToolRegistry& tools);

}  // namespace server
