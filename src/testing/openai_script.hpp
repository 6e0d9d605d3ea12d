#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/testing/openai_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// A scenario as one session plays it: which agent it is, which replies are used up, what tools
/// have answered.
class Script {
 public:
  /// `agent` is the name of the one who speaks; empty: chosen by the scenario's rules.
  Script(std::shared_ptr<const OpenAiScenario> scenario, std::size_t connection,
         std::string agent = {});

  /// Chooses the agent, once: later instructions do not change who speaks.
  void choose_agent(std::string_view instructions, std::string_view tracing_json);
  const ScenarioAgent& agent() const { return *agent_; }

  /// The words of the caller's next turn. The reply that knows them is not used up by this; a
  /// second turn before it was answered has no words.
  std::string hear_turn();
  /// The next unused reply of the first cause that has one; null: none is left.
  const ScenarioReply* take(const std::vector<ReplyCause>& causes);

  /// Something that was said on an earlier connection and is replayed: `role` assistant or user.
  void recall_words(std::string_view role, std::string_view text);
  /// The same of a function call.
  void recall_call(std::string_view name);

  void tool_answered(const std::string& name, const std::string& output);
  /// Replaces the placeholders. With `in_json` the values are escaped for the inside of a JSON
  /// string. Those that have no value become empty and are named in `missing`.
  std::string fill(std::string_view text, std::string_view instructions, bool in_json,
                   std::vector<std::string>& missing) const;

 private:
  std::string value_of(std::string_view placeholder, std::string_view instructions,
                       bool& found) const;
  const ScenarioReply* use(std::size_t index);
  void recall(std::size_t index);

  std::shared_ptr<const OpenAiScenario> scenario_;
  std::size_t connection_;
  std::string name_;
  const ScenarioAgent* agent_;
  bool chosen_ = false;
  std::vector<bool> used_;
  bool turn_heard_ = false;
  std::optional<std::size_t> recalled_;       ///< The latest reply that a replay used up.
  std::optional<std::size_t> replayed_turn_;  ///< The reply to a turn that was replayed as text.
  std::map<std::string, std::string, std::less<>> tool_outputs_;  ///< The latest of each, by name.
};

/// The longest sentence in double quotes, straight or typographic; empty without one.
std::string quoted_sentence(std::string_view instructions);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
