// `transfer_to_human`: says so, waits until that was heard, and lets the carrier hand the caller
// on.
#include "agent/call_session_impl.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// The service has handed the caller on; its end of the call is to follow.
constexpr Millis kGoneAfterTransfer{20000};
/// Beyond the ringing and the briefing: who runs a warm transfer has bounds of its own within this.
constexpr Millis kWarmSlack{60000};
constexpr const char* kTransferredJson = R"({"ok":true})";

}  // namespace

std::string CallSession::Impl::tool_error(std::string_view code, std::string_view message) {
  JsonWriter out;
  out.object().key("error").object().field("code", code).field("message", message).end().end();
  return out.take();
}

/// The model is told whom it can name, and nothing of the tool when there is nobody.
void CallSession::Impl::describe_transfer(std::vector<ToolSpec>& offered) const {
  for (auto tool = offered.begin(); tool != offered.end(); ++tool) {
    const bool idle_consent =
        tool->name == kConsentTool && options.recording.consent != RecordingConsent::agreed;
    if (idle_consent || (tool->name == kSendKeysTool && !options.sends_dtmf)) {
      offered.erase(tool);
      return describe_transfer(offered);
    }
    if (tool->name != kTransferTool) continue;
    if (options.transfer_targets.empty()) {
      offered.erase(tool);
      return;
    }
    JsonWriter schema;
    schema.object().field("type", "object").key("properties").object();
    schema.key("target").object().field("type", "string").key("enum").array();
    for (const auto& [name, target] : options.transfer_targets) schema.string(name);
    schema.end().end().end().field("additionalProperties", false).end();
    tool->parameters_json = schema.take();
    return;
  }
}

const TransferTarget* CallSession::Impl::transfer_target(std::string name) const {
  if (name.empty()) name = options.default_transfer;
  const auto& targets = options.transfer_targets;
  const auto found = name.empty() ? targets.begin() : targets.find(name);
  return found == targets.end() ? nullptr : &found->second;
}

void CallSession::Impl::transfer_wanted(const ToolCall& call, TimePoint now) {
  const auto arguments = Json::parse(call.arguments_json);
  const std::string name =
      arguments ? std::string((*arguments)["target"].string_or("")) : std::string();
  const TransferTarget* target = transfer_target(name);
  if (target == nullptr || transfer || state != CallState::talking) {
    const char* why = transfer ? "a transfer is under way" : "nobody has this name";
    speech->request(ToolResult{call.id, tool_error("invalid_argument", why), !transfer}, now);
    if (!transfer) arm(kReply, options.reply_timeout, now);
    return;
  }
  const ToolLog::Answer open = tools.want(call, generation, now);
  if (open.verdict != ToolLog::Verdict::run) {
    speech->request(ToolResult{call.id, tool_error("unavailable", "it was tried just now"), true},
                    now);
    return arm(kReply, options.reply_timeout, now);
  }
  transfer.emplace();
  transfer->tool_call = open.id;
  transfer->target = *target;
  transfer->announcing = !reply_spoke || reply_active;
  transfer->announced = reply_spoke && reply_active;
  arm(kTransfer, options.goodbye_cap, now);
  if (!reply_spoke) {
    ask({options.transfer_sentence, false}, now);
  } else if (!transfer->announcing) {
    transfer_when_heard(now);
  }
}

/// Once the caller has heard that they are put through.
void CallSession::Impl::transfer_when_heard(TimePoint now) {
  if (!transfer || transfer->asked || transfer->announcing) return;
  if (voice && !voice->drained()) {
    const Deadline end = voice->estimated_end(now);
    if (end) timers.arm(kTransfer, *end + Millis(1000));
    return;
  }
  ask_for_transfer(now);
}

void CallSession::Impl::ask_for_transfer(TimePoint now) {
  transfer->asked = true;
  const TransferTarget target = transfer->target;
  // A carrier may take the caller away as soon as it is asked.
  leaving = !target.is_warm();
  disarm(kSilence);
  disarm(kReply);
  Millis longest = options.transfer_timeout + target.ring_timeout;
  if (target.is_warm()) longest += target.briefing_timeout + kWarmSlack;
  arm(kTransfer, longest, now);
  note(now, "state", target.is_warm() ? "warm transfer asked for" : "transfer asked for");
  if (!host.transfer(target)) {
    Error error;
    error.code = Errc::unsupported;
    error.message = "this call cannot be transferred";
    return transferred(tl::unexpected<Error>(std::move(error)), now);
  }
  if (transfer && !transfer->failure && !over()) begin_waiting(now);
}

void CallSession::Impl::transferred(const Result<>& taken_over, TimePoint now) {
  if (over() || !transfer || !transfer->asked || transfer->failure) return;
  disarm(kTransfer);
  if (!taken_over) return caller_came_back(taken_over.error(), now);
  end_hold(now);
  const auto open = tools.finish(transfer->tool_call, kTransferredJson, now);
  if (open && speech && open->generation == generation) {
    speech->request(ToolResult{open->asked_as, kTransferredJson, false}, now);
  }
  transfer.reset();
  caller_handed_on(now);
}

void CallSession::Impl::caller_handed_on(TimePoint now) {
  note(now, "state", "the caller was handed on");
  tools.clear();
  ending_reason = EndReason::transferred;
  if (!service_voice || service_left || hang_up_sent)
    return finish(EndReason::transferred, "", now);
  // A hang-up now could overtake the transfer: the service lets go of the caller by itself.
  if (state != CallState::ending) enter(CallState::ending, now);
  disarm(kGoodbye);
  disarm(kDrain);
  arm(kGone, kGoneAfterTransfer, now);
}

void CallSession::Impl::transfer_overdue(TimePoint now) {
  if (!transfer) return;
  if (!transfer->asked) return ask_for_transfer(now);
  Error error;
  error.code = Errc::deadline_exceeded;
  error.message = "the carrier did not take the caller over in time";
  transferred(tl::unexpected<Error>(std::move(error)), now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
