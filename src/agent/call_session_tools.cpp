#include <algorithm>

#include "agent/call_session_impl.hpp"

namespace voicebridge {
namespace {

constexpr std::string_view kEndCall = "end_call";
constexpr std::size_t kMaxOpenTools = 32;

}  // namespace

void CallSession::Impl::handle(const ToolCallsWanted& event, TimePoint now) {
  reply_called_tools = true;
  std::vector<ToolCall> to_run;
  const ToolCall* end_call = nullptr;
  const ToolCall* transfer_to = nullptr;
  for (const ToolCall& call : event.calls) {
    note(now, "tool", call.name + " wanted", {{"tool", call.name}});
    if (call.name == kEndCall) {
      end_call = &call;
    } else if (call.name == kTransferTool) {
      transfer_to = &call;
    } else if (state == CallState::talking && open_tools.size() < kMaxOpenTools) {
      if (open_tools.emplace(call.id, OpenTool{call.name, generation}).second)
        to_run.push_back(call);
    } else {
      speech->request(
          ToolResult{call.id, R"({"error":{"code":"unavailable","message":"the call is ending"}})",
                     false},
          now);
    }
  }
  if (!to_run.empty()) host.run_tools(to_run);
  if (transfer_to != nullptr && speech && !over()) transfer_wanted(*transfer_to, now);
  if (end_call != nullptr && !over()) end_call_wanted(*end_call, now);
}

/// A goodbye said in the same breath counts; otherwise the model is asked for one.
void CallSession::Impl::end_call_wanted(const ToolCall& call, TimePoint now) {
  if (speech) speech->request(ToolResult{call.id, R"({"ok":true})", false}, now);
  if (state == CallState::ending) return;
  if (!reply_spoke) return end_politely(EndReason::agent_goodbye, now);
  ending_reason = EndReason::agent_goodbye;
  if (!enter(CallState::ending, now)) return;
  arm(kGoodbye, options.goodbye_cap, now);
  goodbye_awaited = goodbye_started = reply_active;
  await_last_word(now);
}

void CallSession::Impl::tool_result(const std::string& call_id, const std::string& output_json,
                                    TimePoint now) {
  if (over()) return;
  const auto found = open_tools.find(call_id);
  if (found == open_tools.end()) return;
  const OpenTool tool = found->second;
  open_tools.erase(found);
  note(now, "tool", tool.name + " answered", {{"tool", tool.name}});
  if (!speech || state != CallState::talking) return;
  if (tool.generation != generation) {
    // The session that asked is gone, and its successor does not know the call.
    speech->request(
        AddNote{AddNote::Kind::fact, "The result of " + tool.name + " is: " + output_json}, now);
    if (open_tools.empty()) ask({"", true}, now);
    return;
  }
  speech->request(ToolResult{call_id, output_json, true}, now);
  if (open_tools.empty()) arm(kReply, options.reply_timeout, now);
}

void CallSession::Impl::tool_slow(std::string_view hint, TimePoint now) {
  if (state != CallState::talking || open_tools.empty() || !speech) return;
  if (agent_audible(now) || reply_active || caller_speaking) return;
  note(now, "tool", "filler asked for");
  ask({hint.empty() ? options.filler : std::string(hint), false}, now);
}

}  // namespace voicebridge
