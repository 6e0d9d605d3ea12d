#include "web_told.hpp"

namespace server {

using namespace voicebridge;

namespace {

/// What the page is told of the end, as calls have it.
EndReason end_of(const std::string& reason) {
  if (reason == "agent") return EndReason::agent_goodbye;
  if (reason == "timeout" || reason == "expired") return EndReason::length_limit;
  if (reason == "error") return EndReason::model_failed;
  return EndReason::caller_hangup;
}

}  // namespace

StoredCallRecord told_record(const WebBook::Seen& seen, UnixMillis ended) {
  StoredCallRecord record;
  StoredCall& call = record.call;
  call.id = seen.visit.id;
  call.lead_id = seen.lead ? seen.lead->id : std::string();
  call.carrier = "web";
  call.direction = "web";
  call.state = to_string(CallState::ended);
  call.end_reason = to_string(end_of(seen.end_reason));
  call.end_detail = "as the page told it";
  call.created_at = call.answered_at = seen.visit.began;
  call.ended_at = ended;
  call.profile = seen.visit.agent;
  if (seen.visit.retention > Millis(0)) {
    call.expires_at = call.created_at + seen.visit.retention.count();
  }
  for (const TranscriptEntry& entry : seen.transcript) {
    record.transcript.push_back({entry.at.count(), std::string(to_string(entry.speaker)),
                                 entry.text, entry.interrupted, entry.heard_text,
                                 entry.heard.count(), entry.sent.count()});
  }
  return record;
}

}  // namespace server
