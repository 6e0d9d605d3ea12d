#include "voicebridge/agent/call_record.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

struct Transition {
  CallState from;
  CallState to;
};

constexpr Transition kAllowed[] = {
    {CallState::created, CallState::dialing},
    {CallState::created, CallState::answered},  // An inbound stream that nobody announced.
    {CallState::created, CallState::ended},
    {CallState::dialing, CallState::answered},
    {CallState::dialing,
     CallState::talking},  // The stream is there before the webhook that says why.
    {CallState::dialing, CallState::ending},
    {CallState::dialing, CallState::ended},
    {CallState::answered, CallState::talking},
    {CallState::answered, CallState::leaving_message},
    {CallState::answered, CallState::ending},
    {CallState::answered, CallState::ended},
    {CallState::talking, CallState::leaving_message},
    {CallState::talking, CallState::ending},
    {CallState::talking, CallState::ended},
    {CallState::leaving_message, CallState::ending},
    {CallState::leaving_message, CallState::ended},
    {CallState::ending, CallState::ended},
};

}  // namespace

bool is_allowed(CallState from, CallState to) noexcept {
  for (const Transition& t : kAllowed) {
    if (t.from == from && t.to == to) return true;
  }
  return false;
}

std::string_view to_string(CallState state) noexcept {
  switch (state) {
    case CallState::created:
      return "created";
    case CallState::dialing:
      return "dialing";
    case CallState::answered:
      return "answered";
    case CallState::talking:
      return "talking";
    case CallState::leaving_message:
      return "leaving_message";
    case CallState::ending:
      return "ending";
    case CallState::ended:
      return "ended";
  }
  return "unknown";
}

std::string_view to_string(EndReason reason) noexcept {
  switch (reason) {
    case EndReason::agent_goodbye:
      return "agent_goodbye";
    case EndReason::caller_hangup:
      return "caller_hangup";
    case EndReason::not_reached:
      return "not_reached";
    case EndReason::machine:
      return "machine";
    case EndReason::silence:
      return "silence";
    case EndReason::length_limit:
      return "length_limit";
    case EndReason::model_failed:
      return "model_failed";
    case EndReason::media_failed:
      return "media_failed";
    case EndReason::cancelled:
      return "cancelled";
    case EndReason::carrier_failed:
      return "carrier_failed";
    case EndReason::transferred:
      return "transferred";
    case EndReason::budget:
      return "budget";
  }
  return "unknown";
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
