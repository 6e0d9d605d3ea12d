#include "voice_calls_json.hpp"

#include <charconv>
#include <ctime>

namespace server {

using namespace voicebridge;

namespace {

constexpr UnixMillis kDay = 86'400'000;

void write_text_or_null(JsonWriter& json, const char* key, const std::string& text) {
  json.key(key);
  if (text.empty())
    json.null();
  else
    json.string(text);
}

void write_moment(JsonWriter& json, const char* key, UnixMillis at) {
  write_text_or_null(json, key, at == 0 ? std::string() : to_iso8601(at));
}

void write_members(JsonWriter& json, const StoredCall& call) {
  json.field("id", call.id).field("status", call.state);
  write_text_or_null(json, "endReason", call.end_reason);
  json.field("carrier", call.carrier).field("direction", call.direction);
  write_text_or_null(json, "legId", call.leg_id);
  write_text_or_null(json, "twilioCallSid", call.carrier == "twilio" ? call.leg_id : "");
  json.field("toNumber", call.to).field("fromNumber", call.from);
  json.field("contactName", call.notes.contact_name);
  json.field("businessName", call.notes.business_name);
  json.field("userId", call.notes.user_id).field("leadId", call.lead_id);
  write_moment(json, "createdAt", call.created_at);
  write_moment(json, "answeredAt", call.answered_at);
  write_moment(json, "endedAt", call.ended_at);
  json.field("costUsd", call.cost_usd);
  json.key("metadata").raw(call.notes.metadata_json.empty() ? "{}" : call.notes.metadata_json);
}

/// The digits at a place, as a number; -1 when there are none.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int number = 0;
  const char* const begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + count, number);
  return error == std::errc() && end == begin + count ? number : -1;
}

bool is_between(int low, int number, int high) { return number >= low && number <= high; }

}  // namespace

void write_stored_call(JsonWriter& json, const StoredCall& call) {
  json.object();
  write_members(json, call);
  json.end();
}

void write_stored_record(JsonWriter& json, const StoredCallRecord& record) {
  json.object();
  write_members(json, record.call);
  json.key("transcript").array();
  for (const StoredTranscriptEntry& entry : record.transcript) {
    json.object().field("atMs", entry.at_ms).field("speaker", entry.speaker);
    json.field("text", entry.text).field("interrupted", entry.interrupted);
    json.field("heardText", entry.heard_text).end();
  }
  json.end().key("timeline").array();
  for (const StoredTimelineEntry& entry : record.timeline) {
    json.object().field("atMs", entry.at_ms).field("kind", entry.kind);
    json.field("detail", entry.detail).key("fields").raw(entry.fields_json).end();
  }
  json.end().end();
}

StoredCall stored_call(const CallStatus& status, CallNotes notes) {
  StoredCall call;
  call.id = status.call_id;
  call.lead_id = status.lead_id;
  call.leg_id = status.leg_id;
  call.carrier = status.carrier;
  call.direction = "outbound";
  call.from = status.from;
  call.to = status.to;
  call.state = status.state;
  call.end_reason = status.end_reason;
  call.created_at = status.created_at;
  call.notes = std::move(notes);
  return call;
}

std::optional<UnixMillis> parse_moment(std::string_view text, bool end_of_day) {
  std::tm parts{};
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  const int year = digits(text, 0, 4);
  if (year < 1970 || !is_between(1, month, 12) || !is_between(1, day, 31)) return std::nullopt;
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  const UnixMillis midnight = UnixMillis{timegm(&parts)} * 1000;
  if (parts.tm_mday != day) return std::nullopt;  // The 31st of a month that has none.
  if (text.size() == 10) return end_of_day ? midnight + kDay : midnight;

  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  if (!is_between(0, hour, 23) || !is_between(0, minute, 59)) return std::nullopt;
  UnixMillis at = midnight + (hour * 60 + minute) * 60'000;
  std::size_t zone = 16;
  if (zone < text.size() && text[zone] == ':') {
    const int second = digits(text, 17, 2);
    if (!is_between(0, second, 60)) return std::nullopt;
    at += second * 1000;
    zone = text.find_first_of("Z+-", 19);
    if (zone == std::string_view::npos) return std::nullopt;
    const std::string millis = std::string(text.substr(19, zone - 19)) + "000";
    if (zone > 19) at += digits(millis, 1, 3);
  }
  if (zone >= text.size()) return std::nullopt;
  if (text[zone] == 'Z') return at;
  const int hours = digits(text, zone + 1, 2);
  const int minutes = digits(text, zone + 4, 2);
  if (!is_between(0, hours, 23) || !is_between(0, minutes, 59)) return std::nullopt;
  const UnixMillis offset = (hours * 60 + minutes) * 60'000;
  return text[zone] == '+' ? at - offset : at + offset;
}

}  // namespace server
