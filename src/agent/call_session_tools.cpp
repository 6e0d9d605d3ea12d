#include <algorithm>

#include "agent/call_session_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::string_view kEndCall = "end_call";

}  // namespace

void CallSession::Impl::handle(const ToolCallsWanted& event, TimePoint now) {
  reply_called_tools = true;
  std::vector<ToolCall> to_run;
  const ToolCall* end_call = nullptr;
  const ToolCall* transfer_to = nullptr;
  std::vector<const ToolCall*> of_the_line;
  for (const ToolCall& call : event.calls) {
    note(now, "tool", call.name + " wanted", {{"tool", call.name}});
    if (call.name == kEndCall) {
      end_call = &call;
    } else if (call.name == kTransferTool) {
      transfer_to = &call;
    } else if (call.name == kCollectTool || call.name == kSendKeysTool ||
               call.name == kConsentTool) {
      of_the_line.push_back(&call);
    } else {
      tool_wanted(call, to_run, now);
    }
  }
  if (!to_run.empty()) host.run_tools(to_run);
  for (const ToolCall* call : of_the_line) {
    if (!speech || over()) break;
    if (call->name == kCollectTool) collect_wanted(*call, now);
    if (call->name == kSendKeysTool) send_keys_wanted(*call, now);
    if (call->name == kConsentTool) consent_wanted(*call, now);
  }
  if (transfer_to != nullptr && speech && !over()) transfer_wanted(*transfer_to, now);
  if (end_call != nullptr && !over()) end_call_wanted(*end_call, now);
}

void CallSession::Impl::tool_wanted(const ToolCall& call, std::vector<ToolCall>& to_run,
                                    TimePoint now) {
  const auto refuse = [&](const char* why) {
    speech->request(ToolResult{call.id, tool_error("unavailable", why), false}, now);
  };
  if (state != CallState::talking) return refuse("the call is ending");
  ToolLog::Answer answer = tools.want(call, generation, now);
  switch (answer.verdict) {
    case ToolLog::Verdict::run:
      return to_run.push_back({std::move(answer.id), call.name, call.arguments_json});
    case ToolLog::Verdict::done:
      note(now, "tool", call.name + " had run already", {{"tool", call.name}});
      speech->request(ToolResult{call.id, std::move(answer.output), true}, now);
      return arm(kReply, options.reply_timeout, now);
    case ToolLog::Verdict::wait:
      return note(now, "tool", call.name + " is running already", {{"tool", call.name}});
    case ToolLog::Verdict::full:
      return refuse("too many tools are running");
    case ToolLog::Verdict::known:
      return;
  }
}

/// A goodbye said in the same breath counts; otherwise the model is asked for one.
void CallSession::Impl::end_call_wanted(const ToolCall& call, TimePoint now) {
  if (speech) speech->request(ToolResult{call.id, R"({"ok":true})", false}, now);
  // What is left on a machine ends the call by itself.
  if (state == CallState::ending || state == CallState::leaving_message) return;
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
  const std::optional<ToolLog::Open> tool = tools.finish(call_id, output_json, now);
  if (!tool) return;
  note(now, "tool", tool->wanted.name + " answered", {{"tool", tool->wanted.name}});
  if (state != CallState::talking) return;
  if (!speech) return owe_answer();
  if (tool->generation == generation) {
    speech->request(ToolResult{tool->asked_as, output_json, true}, now);
    if (!tools.any_open()) arm(kReply, options.reply_timeout, now);
    return;
  }
  // The session that asked is gone, and its successor does not know the call.
  speech->request(
      AddNote{AddNote::Kind::fact, "The result of " + tool->wanted.name + " is: " + output_json},
      now);
  if (tools.any_open()) return;
  if (!ready) return owe_answer();
  ask({"", true}, now);
}

/// The next session with the model has to answer as soon as it is there.
void CallSession::Impl::owe_answer() {
  if (!broken) broken.emplace();
  broken->answer_owed = true;
  broken->words_unknown = false;
}

void CallSession::Impl::tool_slow(std::string_view hint, TimePoint now) {
  if (state != CallState::talking || !tools.any_open() || !speech) return;
  if (agent_audible(now) || reply_active || caller_speaking) return;
  note(now, "tool", "filler asked for");
  ask({hint.empty() ? options.filler : std::string(hint), false}, now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
