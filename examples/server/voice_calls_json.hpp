#pragma once

#include <optional>
#include <string_view>

#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/store/call_store.hpp"

namespace server {

/// A call as `Call` of the OpenAPI document.
void write_stored_call(voicebridge::JsonWriter& json, const voicebridge::StoredCall& call);
/// With what was said and what happened: `CallWithTalk`.
void write_stored_record(voicebridge::JsonWriter& json,
                         const voicebridge::StoredCallRecord& record);
/// What of a call is not kept but known.
voicebridge::StoredCall stored_call(const voicebridge::CallStatus& status,
                                    voicebridge::CallNotes notes);

/// `2026-11-28`, or `2026-11-28T10:30:00+01:00` and the like; nothing for what is no time.
/// @param end_of_day  A date alone is the end of its day.
std::optional<voicebridge::UnixMillis> parse_moment(std::string_view text, bool end_of_day);

}  // namespace server
