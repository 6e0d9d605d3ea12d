#include "agent/tool_log.hpp"

#include <algorithm>

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// After a session was lost its successor may wish for what its predecessor had; later than this a
/// wish is a new one.
constexpr Millis kSameWish{120000};

/// The same values, however the model has spaced them.
bool same_arguments(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto left = Json::parse(a);
  const auto right = Json::parse(b);
  return left && right && left->dump() == right->dump();
}

bool same_wish(const ToolCall& a, const ToolCall& b) {
  return a.name == b.name && same_arguments(a.arguments_json, b.arguments_json);
}

}  // namespace

ToolLog::Answer ToolLog::want(const ToolCall& call, unsigned generation, TimePoint now) {
  for (auto& [id, open] : open_) {
    if (open.generation == generation && open.asked_as == call.id) return {Verdict::known, {}, {}};
    if (open.generation == generation || !same_wish(open.wanted, call)) continue;
    open.generation = generation;
    open.asked_as = call.id;
    return {Verdict::wait, id, {}};
  }
  for (Done& done : done_) {
    if (done.generation == generation || now - done.at > kSameWish) continue;
    if (!same_wish(done.wanted, call)) continue;
    done.generation = generation;
    return {Verdict::done, {}, done.output};
  }
  if (open_.size() >= kMaxOpen) return {Verdict::full, {}, {}};
  Open open{call, call.id, generation};
  // Another session may have used the id for something else.
  while (open_.count(open.wanted.id) != 0) open.wanted.id += "+";
  const std::string id = open.wanted.id;
  open_.emplace(id, std::move(open));
  return {Verdict::run, id, {}};
}

std::optional<ToolLog::Open> ToolLog::finish(const std::string& id, const std::string& output,
                                             TimePoint now) {
  const auto found = open_.find(id);
  if (found == open_.end()) return std::nullopt;
  Open open = std::move(found->second);
  open_.erase(found);
  keep(open.wanted, output, open.generation, now);
  return open;
}

void ToolLog::late(std::string_view tool, const std::string& output, TimePoint now) {
  keep({std::string(), std::string(tool), "(late)"}, output, 0, now);
}

void ToolLog::keep(ToolCall wanted, const std::string& output, unsigned generation, TimePoint now) {
  if (done_.size() == kMaxDone) done_.erase(done_.begin());
  done_.push_back({std::move(wanted), output, generation, now});
}

void ToolLog::reply_began() {
  for (Done& done : done_) done.in_answer = true;
}

void ToolLog::told() {
  for (Done& done : done_) done.told |= done.in_answer;
}

bool ToolLog::any_untold() const {
  return std::any_of(done_.begin(), done_.end(), [](const Done& done) { return !done.told; });
}

std::string ToolLog::account() const {
  std::string text;
  for (const Done& done : done_) {
    text += "- " + done.wanted.name + " " + done.wanted.arguments_json +
            " was run. Its result: " + done.output.substr(0, kMaxTold) + "\n";
  }
  for (const auto& [id, open] : open_) {
    text += "- " + open.wanted.name + " " + open.wanted.arguments_json +
            " is still running. You will be told its result.\n";
  }
  return text;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
