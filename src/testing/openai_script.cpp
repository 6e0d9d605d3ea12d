#include "openai_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

const ScenarioAgent& nobody() {
  static const ScenarioAgent agent;
  return agent;
}

const ScenarioAgent* find_agent(const OpenAiScenario& scenario, std::size_t connection,
                                const std::string& name, std::string_view instructions,
                                std::string_view tracing) {
  for (const auto& agent : scenario.agents) {
    if (!name.empty() && agent.name == name) return &agent;
  }
  for (const auto& agent : scenario.agents) {
    if (agent.match.empty()) continue;
    if (instructions.find(agent.match) != std::string_view::npos) return &agent;
    if (tracing.find(agent.match) != std::string_view::npos) return &agent;
  }
  for (const auto& agent : scenario.agents) {
    if (agent.order == connection) return &agent;
  }
  for (const auto& agent : scenario.agents) {
    if (agent.match.empty() && !agent.order) return &agent;
  }
  return &nobody();
}

/// Steps into objects by key and into arrays by number.
JsonView follow(JsonView value, std::string_view path) {
  while (!path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string_view key = path.substr(0, dot);
    path.remove_prefix(std::min(dot + 1, path.size()));
    std::size_t index = 0;
    const auto parsed = std::from_chars(key.data(), key.data() + key.size(), index);
    const bool is_index =
        value.is_array() && parsed.ec == std::errc() && parsed.ptr == key.data() + key.size();
    value = is_index ? value.at(index) : value[key];
  }
  return value;
}

std::string as_text(JsonView value) {
  return value.is_string() ? value.string_or("") : value.dump();
}

/// The word behind `key`: `lead_id: ld_1`, `lead_id="ld_1"`.
std::string word_behind(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (key.empty() || at == std::string_view::npos) return {};
  text.remove_prefix(at + key.size());
  text.remove_prefix(std::min(text.find_first_not_of(":=\"'`* \t\r\n"), text.size()));
  std::string word(text.substr(0, text.find_first_of(" \t\r\n,;\"'`*()[]{}")));
  while (!word.empty() && word.back() == '.') word.pop_back();
  return word;
}

std::string escaped(const std::string& text) {
  std::string json;
  append_json_string(json, text);
  return json.substr(1, json.size() - 2);
}

void longest_between(std::string_view text, std::string_view open, std::string_view close,
                     std::string_view& longest) {
  std::size_t begin = text.find(open);
  while (begin != std::string_view::npos) {
    begin += open.size();
    const std::size_t end = text.find(close, begin);
    if (end == std::string_view::npos) return;
    if (end - begin > longest.size()) longest = text.substr(begin, end - begin);
    begin = text.find(open, end + close.size());
  }
}

/// Without blanks around it, and without the sign of something cut off behind it.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kEllipsis = "…";
  while (!text.empty()) {
    const char last = text.back();
    if (last == ' ' || last == '\n' || last == '.' || last == '-') {
      text.remove_suffix(1);
    } else if (text.size() >= kEllipsis.size() &&
               text.substr(text.size() - kEllipsis.size()) == kEllipsis) {
      text.remove_suffix(kEllipsis.size());
    } else {
      break;
    }
  }
  text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
  return text;
}

/// Whether the one who says `whole` may have come as far as `part`, up to the first placeholder.
bool begins_with(std::string_view whole, std::string_view part) {
  const std::string_view known = whole.substr(0, whole.find("{{"));
  const std::size_t length = std::min(known.size(), part.size());
  return length > 0 && known.substr(0, length) == part.substr(0, length);
}

}  // namespace

Script::Script(std::shared_ptr<const OpenAiScenario> scenario, std::size_t connection,
               std::string agent)
    : scenario_(std::move(scenario)),
      connection_(connection),
      name_(std::move(agent)),
      agent_(&nobody()) {}

void Script::choose_agent(std::string_view instructions, std::string_view tracing_json) {
  if (chosen_) return;
  chosen_ = true;
  agent_ = find_agent(*scenario_, connection_, name_, instructions, tracing_json);
  used_.assign(agent_->replies.size(), false);
}

std::string Script::hear_turn() {
  if (std::exchange(turn_heard_, true)) return {};
  for (std::size_t i = 0; i < used_.size(); ++i) {
    if (!used_[i] && agent_->replies[i].on == ReplyCause::turn)
      return agent_->replies[i].transcript_of_caller;
  }
  return {};
}

const ScenarioReply* Script::take(const std::vector<ReplyCause>& causes) {
  for (const ReplyCause cause : causes) {
    if (cause == ReplyCause::turn) turn_heard_ = false;
    if (cause == ReplyCause::text && replayed_turn_) {
      return use(*std::exchange(replayed_turn_, std::nullopt));
    }
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (!used_[i] && agent_->replies[i].on == cause) return use(i);
    }
  }
  return nullptr;
}

const ScenarioReply* Script::use(std::size_t index) {
  used_[index] = true;
  return &agent_->replies[index];
}

void Script::recall_words(std::string_view role, std::string_view text) {
  const bool by_agent = role == "assistant";
  const std::string_view words = trimmed(text);
  if (words.empty() || (!by_agent && role != "user")) return;
  // Whatever came behind a turn, it is over.
  if (replayed_turn_) recall(*replayed_turn_);
  for (std::size_t i = 0; i < used_.size(); ++i) {
    const ScenarioReply& reply = agent_->replies[i];
    if (by_agent && begins_with(reply.say, words) && (!used_[i] || recalled_ == i)) {
      return recall(i);
    }
    if (!by_agent && !used_[i] && reply.on == ReplyCause::turn &&
        trimmed(reply.transcript_of_caller) == words) {
      replayed_turn_ = i;
      return;
    }
  }
}

void Script::recall_call(std::string_view name) {
  const auto calls_it = [&](std::size_t i) {
    const auto& calls = agent_->replies[i].calls;
    return std::any_of(calls.begin(), calls.end(),
                       [&](const ScenarioCall& call) { return call.name == name; });
  };
  if (recalled_ && calls_it(*recalled_)) return;  // it belongs to words that were replayed
  for (std::size_t i = 0; i < used_.size(); ++i) {
    if (used_[i] || !calls_it(i)) continue;
    recall(i);
    return;
  }
}

void Script::recall(std::size_t index) {
  if (replayed_turn_ == index) replayed_turn_.reset();
  recalled_ = index;
  use(index);
}

void Script::tool_answered(const std::string& name, const std::string& output) {
  tool_outputs_[name] = output;
}

std::string Script::fill(std::string_view text, std::string_view instructions, bool in_json,
                         std::vector<std::string>& missing) const {
  std::string filled;
  while (true) {
    const std::size_t open = text.find("{{");
    const std::size_t close = text.find("}}", std::min(open, text.size()));
    if (open == std::string_view::npos || close == std::string_view::npos) break;
    const std::string_view placeholder = text.substr(open + 2, close - open - 2);
    bool found = false;
    const std::string value = value_of(placeholder, instructions, found);
    if (!found) missing.emplace_back(placeholder);
    filled.append(text.substr(0, open)).append(in_json ? escaped(value) : value);
    text.remove_prefix(close + 2);
  }
  return filled.append(text);
}

std::string Script::value_of(std::string_view placeholder, std::string_view instructions,
                             bool& found) const {
  constexpr std::string_view kInstructions = "instructions.";
  constexpr std::string_view kTool = "tool.";
  if (placeholder.substr(0, kInstructions.size()) == kInstructions) {
    std::string word = word_behind(instructions, placeholder.substr(kInstructions.size()));
    found = !word.empty();
    return word;
  }
  if (placeholder.substr(0, kTool.size()) != kTool) return {};
  const std::string_view rest = placeholder.substr(kTool.size());
  const std::size_t dot = std::min(rest.find('.'), rest.size());
  const auto output = tool_outputs_.find(rest.substr(0, dot));
  if (output == tool_outputs_.end()) return {};
  const auto json = Json::parse(output->second);
  if (!json) return {};
  const JsonView value = follow(*json, rest.substr(std::min(dot + 1, rest.size())));
  found = value.exists();
  return found ? as_text(value) : std::string();
}

std::string quoted_sentence(std::string_view instructions) {
  std::string_view longest;
  longest_between(instructions, "\"", "\"", longest);
  longest_between(instructions, "“", "”", longest);
  longest_between(instructions, "«", "»", longest);
  return std::string(longest);
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
