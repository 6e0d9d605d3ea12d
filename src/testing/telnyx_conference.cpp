#include "testing/telnyx_conference.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

std::string_view TelnyxConference::status() const {
  if (ended()) return "completed";
  return started && !members.empty() ? "in_progress" : "init";
}

TelnyxConferenceMember* TelnyxConference::find(std::string_view call) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const auto& member) { return member.call == call; });
  return found == members.end() ? nullptr : &*found;
}

const TelnyxConferenceMember* TelnyxConference::find(std::string_view call) const {
  return const_cast<TelnyxConference*>(this)->find(call);
}

bool TelnyxConference::hears(std::string_view listener, std::string_view speaker) const {
  if (!started || listener == speaker) return false;
  const TelnyxConferenceMember* ear = find(listener);
  const TelnyxConferenceMember* mouth = find(speaker);
  if (ear == nullptr || mouth == nullptr || ear->held || mouth->held || mouth->muted) return false;
  if (mouth->role == "monitor") return false;
  if (mouth->role != "whisper") return true;
  return std::find(mouth->whispers_to.begin(), mouth->whispers_to.end(), ear->call) !=
         mouth->whispers_to.end();
}

void TelnyxConference::describe(JsonWriter& json) const {
  json.field("record_type", "conference")
      .field("id", id)
      .field("name", name)
      .field("connection_id", creator.connection_id)
      .field("region", region)
      .field("status", status())
      .field("created_at", created_at)
      .field("updated_at", updated_at)
      .field("expires_at", expires_at);
  if (!ended()) return;
  json.field("end_reason", end_reason);
  if (ended_by.empty()) return;
  json.key("ended_by").object().field("call_control_id", ended_by);
  json.field("call_session_id", creator.leg.call_session_id).end();
}

void TelnyxConference::describe(JsonWriter& json, const TelnyxConferenceMember& member) const {
  json.field("record_type", "participant")
      .field("id", member.id)
      .field("call_control_id", member.call)
      .field("call_leg_id", member.leg_id);
  json.key("conference").object().field("id", id).field("name", name).end();
  json.field("status", "joined")
      .field("muted", member.muted)
      .field("on_hold", member.held || !started)
      .field("end_conference_on_exit", member.end_on_exit)
      .field("soft_end_conference_on_exit", member.soft_end_on_exit)
      .field("created_at", member.joined_at)
      .field("updated_at", updated_at);
  json.key("whisper_call_control_ids").array();
  for (const std::string& call : member.whispers_to) json.string(call);
  json.end();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
