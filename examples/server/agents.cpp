#include "agents.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agent_script.hpp"

namespace server {

using namespace voicebridge;

namespace {

Result<openai::SessionConfig> read_session(const std::string& json) {
  if (json.empty()) return openai::SessionConfig();
  const auto parsed = Json::parse(json);
  if (!parsed) return fail(parsed.error());
  return openai::SessionConfig::from_json(*parsed);
}

/// What there is a telephone line for.
void drop_line_tools(std::vector<ToolSpec>& tools) {
  constexpr std::string_view kOfLines[] = {"transfer_to_human", "collect_digits", "send_dtmf",
                                           "recording_consent"};
  tools.erase(std::remove_if(tools.begin(), tools.end(),
                             [&](const ToolSpec& tool) {
                               return std::find(std::begin(kOfLines), std::end(kOfLines),
                                                tool.name) != std::end(kOfLines);
                             }),
              tools.end());
}

}  // namespace

AgentChecks agent_checks(const ToolRegistry* tools) {
  AgentChecks checks;
  checks.tools = tools;
  checks.session = [](const std::string& json) {
    return read_session(json).map([](const openai::SessionConfig&) {});
  };
  return checks;
}

tl::expected<std::unique_ptr<Agents>, Agents::Faults> Agents::open(const Config& config,
                                                                   const ToolRegistry& tools) {
  std::unique_ptr<Agents> agents(new Agents(config, tools));
  if (config.agents.empty()) return agents;
  auto directory = AgentDirectory::open(config.agents, agent_checks(&tools));
  if (!directory) return tl::unexpected(std::move(directory.error()));
  agents->directory_ = std::move(*directory);
  return agents;
}

Agents::Agents(const Config& config, const ToolRegistry& tools) : config_(config), tools_(tools) {}

std::size_t Agents::count() const { return directory_ ? directory_->book()->agents().size() : 1; }

tl::expected<std::size_t, Agents::Faults> Agents::reload() {
  if (!directory_) return count();
  const auto book = directory_->reload();
  if (!book) return tl::unexpected(book.error());
  return (*book)->agents().size();
}

Result<ChosenAgent> Agents::choose(const CallFacts& facts) {
  auto chosen = choose_by_name(facts);
  // Twilio's streams are of this codec alone, whatever is asked of Telnyx.
  if (chosen && facts.carrier == "twilio") {
    chosen->options.speech.input = chosen->options.speech.output = AudioFormat::pcmu();
  }
  return chosen;
}

Result<ChosenAgent> Agents::choose_by_name(const CallFacts& facts) {
  const bool web = facts.way == CallFacts::Way::web;
  if (!facts.profile.empty()) {
    const auto agent = directory_ ? directory_->book()->find(facts.profile) : nullptr;
    if (!agent) return fail(Errc::not_found, "there is no such agent", "agent");
    return take(agent, web);
  }
  if (!directory_ || web) return sample(facts);
  if (facts.way == CallFacts::Way::inbound) {
    CalledParty called;
    called.numbers = {facts.to};
    return choose(called);
  }
  const auto agent = directory_->book()->default_agent();
  if (!agent) return sample(facts);
  return take(agent, web);
}

Result<ChosenAgent> Agents::choose(const CalledParty& called) {
  if (!directory_) {
    CallFacts facts;
    facts.way = CallFacts::Way::inbound;
    return sample(facts);
  }
  const auto agent = directory_->book()->answering(called);
  if (!agent) return fail(Errc::not_found, "no agent is configured for what was called");
  return take(agent, false);
}

ChosenAgent Agents::sample(const CallFacts& facts) const {
  using Way = CallFacts::Way;
  ChosenAgent chosen;
  const std::string& language = facts.language.empty() ? config_.language : facts.language;
  const PhoneAgentOptions options = agent_options(config_, language);
  if (facts.way == Way::web)
    chosen.options = options.web;
  else if (facts.way == Way::inbound)
    chosen.options = inbound_options(config_, language);
  else if (facts.way == Way::outbound && facts.lead_id.empty())
    chosen.options = number_options(config_, language);
  else
    chosen.options = options.phone;
  chosen.tools.specs = tools_.specs();
  if (facts.way == Way::web) drop_line_tools(*chosen.tools.specs);
  chosen.session.model = config_.openai_model;
  return chosen;
}

Result<ChosenAgent> Agents::take(const std::shared_ptr<const AgentProfile>& profile, bool web) {
  auto place = take_place(*profile);
  if (!place) return fail(place.error());
  const std::string language =
      profile->language.empty() ? config_.language : profile->language.substr(0, 2);
  const PhoneAgentOptions shared = agent_options(config_, language);
  CallOptions base = web ? shared.web : shared.phone;
  // The sample agent's own part is not for others to play.
  base.speech.instructions.clear();
  base.greeting = "Greet the caller in one short sentence and ask what you can do for them.";
  ChosenAgent chosen;
  chosen.id = profile->id;
  chosen.options = call_options(*profile, std::move(base));
  chosen.tools.specs = tool_specs(*profile, tools_);
  chosen.tools.options = tool_options(*profile, tools_);
  chosen.tools.context = tool_context(*profile);
  if (auto session = read_session(profile->session_json)) chosen.session = std::move(*session);
  chosen.session.model = profile->model.empty() ? config_.openai_model : profile->model;
  chosen.place = std::move(*place);
  return chosen;
}

/// Held as long as the call is: the place is free again when its last copy goes.
Result<std::shared_ptr<void>> Agents::take_place(const AgentProfile& profile) {
  const std::lock_guard lock(places_->mutex);
  std::size_t& taken = places_->taken[profile.id];
  if (profile.limits.max_calls && taken >= *profile.limits.max_calls) {
    return fail(Errc::resource_exhausted, "the agent has as many calls as it may have");
  }
  ++taken;
  return std::shared_ptr<void>(nullptr, [places = places_, id = profile.id](std::nullptr_t) {
    const std::lock_guard freeing(places->mutex);
    --places->taken[id];
  });
}

std::string describe_faults(const Agents::Faults& faults) {
  std::string text =
      fmt::format("the agents have {} fault{}:", faults.size(), faults.size() == 1 ? "" : "s");
  for (const ProfileFault& fault : faults) text += "\n  " + to_string(fault);
  return text;
}

}  // namespace server
