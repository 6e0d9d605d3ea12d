#include "demo_stage.hpp"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <thread>

#include "voicebridge/agent/agent_profile.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace server {

using namespace voicebridge;

Result<Json> read_demo_script(const char* english, const char* french) {
  const char* language = std::getenv("VOICEBRIDGE_LANGUAGE");
  auto script =
      Json::parse(language != nullptr && std::string(language) == "fr" ? french : english);
  if (!script) return fail(script.error());
  const std::string sounds = (*script)["sounds"].string_or("");
  if (!std::filesystem::exists(sounds)) {
    return fail(Errc::not_found, "no recorded speech in " + sounds +
                                     ". On Debian: apt-get install " +
                                     (*script)["package"].string_or(""));
  }
  return script;
}

Result<DemoModel> open_demo_model(JsonView script) {
  DemoModel model;
  auto street = Runtime::create({});
  if (!street) return fail(street.error());
  model.street = std::move(*street);
  auto scenario = testing::OpenAiScenario::parse(script.dump());
  if (!scenario) return fail(scenario.error());
  auto openai = testing::OpenAiSimulator::create(*model.street, std::move(*scenario), {});
  if (!openai) return fail(openai.error());
  model.openai = std::move(*openai);
  return model;
}

const char* rendering_words() {
  return testing::EspeakVoice::available()
             ? "Rendering the agent's voice with espeak-ng …"
             : "espeak-ng is not installed: the agent speaks in tones.";
}

std::string new_demo_folder() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char name[32];
  std::strftime(name, sizeof name, "demo-%Y%m%d-%H%M%S", &parts);
  return (std::filesystem::path("out") / name).string();
}

Result<Config> demo_config(const std::map<std::string, std::string>& variables) {
  auto config = load_config([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
  if (config) return std::move(*config);
  const Fault& first = config.error().front();
  return fail(Errc::internal, first.variable + " " + first.message);
}

Result<> add_demo_tool(ToolRegistry& tools) {
  ToolOptions options;
  options.filler_after = Millis(700);
  return tools.add(
      {"check_visit", "Looks up when an engineer is free on a day",
       R"({"type":"object","properties":{"day":{"type":"string"}},"required":["day"]})"},
      [](const ToolInvocation& call) -> ToolOutput {
        for (int i = 0; i < 25 && !call.cancellation.cancelled(); ++i)
          std::this_thread::sleep_for(Millis(100));
        const auto settings = call.context.find(tool_settings_key(call.tool));
        return settings == call.context.end() ? R"({"free":["09:00"]})" : settings->second;
      },
      options);
}

}  // namespace server
