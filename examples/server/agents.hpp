#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "config.hpp"
#include "voicebridge/agent/agent_book.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/openai/session_config.hpp"

namespace server {

/// The agent that takes a call, and what the call is made of.
struct ChosenAgent {
  std::string id;  ///< Empty: the sample agent.
  voicebridge::CallOptions options;
  voicebridge::CallTools tools;                ///< With their specs.
  voicebridge::openai::SessionConfig session;  ///< With the model.
  std::shared_ptr<void> place;  ///< One of the calls that the agent may have at once.
};

/// Who takes which call: the agents of VOICEBRIDGE_AGENTS, or the sample agent without it.
/// Threads: any.
class Agents {
 public:
  using Faults = voicebridge::AgentBook::Faults;

  /// @param tools  All that there are; must outlive this.
  static tl::expected<std::unique_ptr<Agents>, Faults> open(const Config& config,
                                                            const voicebridge::ToolRegistry& tools);

  /// `not_found`: nobody is configured for it, or there is no agent of that name;
  /// `resource_exhausted`: the agent has as many calls as it may have.
  voicebridge::Result<ChosenAgent> choose(const voicebridge::CallFacts& facts);
  voicebridge::Result<ChosenAgent> choose(const voicebridge::CalledParty& called);

  bool from_files() const { return directory_ != nullptr; }
  std::size_t count() const;
  /// Reads the files anew, for calls to come. Blocks. @return How many agents there are now.
  tl::expected<std::size_t, Faults> reload();

 private:
  /// How many calls each agent has.
  struct Places {
    std::mutex mutex;
    std::map<std::string, std::size_t> taken;
  };

  Agents(const Config& config, const voicebridge::ToolRegistry& tools);
  ChosenAgent sample(const voicebridge::CallFacts& facts) const;
  voicebridge::Result<ChosenAgent> choose_by_name(const voicebridge::CallFacts& facts);
  voicebridge::Result<ChosenAgent> take(const std::shared_ptr<const voicebridge::AgentProfile>&,
                                        bool web);
  voicebridge::Result<std::shared_ptr<void>> take_place(const voicebridge::AgentProfile& profile);

  const Config& config_;
  const voicebridge::ToolRegistry& tools_;
  std::unique_ptr<voicebridge::AgentDirectory> directory_;
  std::shared_ptr<Places> places_ = std::make_shared<Places>();
};

/// What is checked of agent files besides their form. The tools may be unknown: null.
voicebridge::AgentChecks agent_checks(const voicebridge::ToolRegistry* tools);

/// The faults of agent files as one text, a line each.
std::string describe_faults(const Agents::Faults& faults);

}  // namespace server
