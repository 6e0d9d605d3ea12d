#pragma once

#include <string>
#include <vector>

#include "voicebridge/agent/call_options.hpp"
#include "voicebridge/agent/call_record.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

inline constexpr std::string_view kAcceptCallTool = "accept_call";
inline constexpr std::string_view kDeclineCallTool = "decline_call";

/// What of a call a session takes over that speaks with somebody else on its behalf: voice,
/// language, prices, limits of the wire. No texts, no tools.
CallOptions briefing_kin(const CallOptions& call);

/// The rules of the call that tells a person who would like to be put through to them. The model
/// decides nothing: it tells, and calls `accept_call` or `decline_call` for what they say.
/// @param kin  Of `briefing_kin`. @param talk  What was said with the caller so far.
CallOptions briefing_call(CallOptions kin, const TransferTarget& target,
                          const std::vector<TranscriptEntry>& talk);

/// What the carrier's voice says when there is no model for the briefing.
std::string briefing_words(const TransferTarget& target, const std::vector<TranscriptEntry>& talk);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
