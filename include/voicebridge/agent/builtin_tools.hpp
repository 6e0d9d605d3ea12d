#pragma once

#include "voicebridge/agent/phone_agent.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Adds `save_lead`, `trigger_call`, `transfer_to_human`, `collect_digits`, `send_dtmf`,
/// `recording_consent` and `end_call`. Before the first call.
/// @param region  ISO 3166 country of phone numbers in national form.
VOICEBRIDGE_API Result<> add_builtin_tools(ToolRegistry& tools, PhoneAgent& agent,
                                           std::string region);

/// What `save_lead` and its HTTP route take: first_name, last_name, phone, consent, and nothing
/// else.
VOICEBRIDGE_API Result<LeadInput> parse_lead(JsonView arguments, std::string region,
                                             std::string source, std::string consent_source);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
