#include "testing/telnyx_conference_desk.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "testing/telnyx_api_error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::chrono::hours kLongestConference{4};
/// Conferences that are over and can still be asked for.
constexpr std::size_t kKeptConferences = 1000;
constexpr std::size_t kMaxParticipants = 800;
/// Who speaks keeps the floor over a pause of this length.
constexpr Millis kFloorHangover{500};

std::vector<std::string> texts(JsonView list) {
  std::vector<std::string> all;
  for (const JsonView one : list.elements()) all.push_back(one.string_or(""));
  return all;
}

}  // namespace

TelnyxConference* TelnyxConferenceDesk::find(const std::string& id) const {
  for (const auto& conference : conferences_) {
    if (conference->id == id) return conference.get();
  }
  return nullptr;
}

TelnyxConference* TelnyxConferenceDesk::find_name(std::string_view name) const {
  for (const auto& conference : conferences_) {
    if (conference->name == name && !conference->ended()) return conference.get();
  }
  return nullptr;
}

const TelnyxConference* TelnyxConferenceDesk::of(const std::string& call) const {
  for (const auto& conference : conferences_) {
    if (conference->find(call) != nullptr) return conference.get();
  }
  return nullptr;
}

TelnyxConference& TelnyxConferenceDesk::make(const TelnyxCall& creator, JsonView settings,
                                             TimePoint now) {
  if (conferences_.size() >= kKeptConferences) {
    const auto old = std::find_if(conferences_.begin(), conferences_.end(),
                                  [](const auto& conference) { return conference->ended(); });
    if (old != conferences_.end()) conferences_.erase(old);
  }
  auto made = std::make_unique<TelnyxConference>();
  made->id = host_.new_uuid();
  made->name = settings["name"].string_or(settings["conference_name"].string_or(""));
  made->region = settings["region"].string_or(made->region);
  made->created_at = host_.iso(now);
  made->updated_at = made->created_at;
  made->started = settings["start_conference_on_create"].bool_or(true);
  made->max_participants = static_cast<std::size_t>(
      std::clamp<std::int64_t>(settings["max_participants"].integer_or(250), 2, kMaxParticipants));
  made->creator = creator.setup();
  const std::chrono::minutes asked(settings["duration_minutes"].integer_or(0));
  const auto length = asked.count() > 0 ? std::min<std::chrono::minutes>(asked, kLongestConference)
                                        : std::chrono::minutes(kLongestConference);
  made->expires_at = host_.iso(now + length);
  agenda_.add(now + length, [this, id = made->id](TimePoint at) {
    TelnyxConference* conference = find(id);
    if (conference != nullptr && !conference->ended()) end(*conference, "time_exceeded", true, at);
  });
  conferences_.push_back(std::move(made));
  TelnyxConference& conference = *conferences_.back();
  emit(conference, "conference.created", now);
  return conference;
}

HttpResponse TelnyxConferenceDesk::admit(TelnyxConference& conference, TelnyxCall& call,
                                         JsonView settings, TimePoint now) {
  if (conference.ended()) return to_response(conference_has_ended());
  if (conference.find(call.id()) != nullptr) return to_response(already_in_conference());
  if (conference.members.size() >= conference.max_participants)
    return to_response(too_many_participants());
  remove(call, now);
  host_.detach(call, now);
  TelnyxConferenceMember member;
  member.id = host_.new_uuid();
  member.call = call.id();
  member.leg_id = call.setup().leg_id;
  member.joined_at = host_.iso(now);
  member.held = settings["hold"].bool_or(false);
  member.muted = settings["mute"].bool_or(false);
  member.end_on_exit = settings["end_conference_on_exit"].bool_or(false);
  member.soft_end_on_exit = settings["soft_end_conference_on_exit"].bool_or(false);
  member.role = settings["supervisor_role"].string_or("none");
  member.whispers_to = texts(settings["whisper_call_control_ids"]);
  conference.members.push_back(std::move(member));
  conference.started |= settings["start_conference_on_enter"].bool_or(false);
  refresh(conference, now);
  host_.refresh(call);
  emit_member(conference, call, "conference.participant.joined", now);
  return ok_response();
}

void TelnyxConferenceDesk::join_by_config(TelnyxCall& call, JsonView config, TimePoint now) {
  const std::string id = config["id"].string_or("");
  TelnyxConference* conference =
      id.empty() ? find_name(config["conference_name"].string_or("")) : find(id);
  if (conference == nullptr && !id.empty()) return;
  admit(conference != nullptr ? *conference : make(call, config, now), call, config, now);
}

void TelnyxConferenceDesk::remove(TelnyxCall& call, TimePoint now) {
  for (const auto& conference : conferences_) {
    if (conference->find(call.id()) != nullptr) return leave(*conference, call, now);
  }
}

void TelnyxConferenceDesk::leave(TelnyxConference& conference, TelnyxCall& call, TimePoint now) {
  const TelnyxConferenceMember gone = *conference.find(call.id());
  conference.members.erase(conference.members.begin() +
                           (conference.find(call.id()) - conference.members.data()));
  refresh(conference, now);
  host_.refresh(call);
  call.media().set_announcing(call.announcements() > 0);
  emit_member(conference, call, "conference.participant.left", now);
  if (conference.ended()) return;
  if (gone.end_on_exit || gone.soft_end_on_exit) {
    conference.ended_by = gone.call;
    end(conference, "host_left", gone.end_on_exit, now);
  } else if (conference.members.empty()) {
    end(conference, "all_left", false, now);
  }
}

/// The legs go before `conference.ended` is told.
void TelnyxConferenceDesk::end(TelnyxConference& conference, std::string_view reason, bool hang_up,
                               TimePoint now) {
  conference.end_reason = reason;
  record_stop(conference, {}, now);
  while (!conference.members.empty()) {
    TelnyxCall* call = host_.find(conference.members.back().call);
    if (call == nullptr) {
      conference.members.pop_back();
      continue;
    }
    if (hang_up) call->hang_up({"normal_clearing", "unknown", "200"}, now);
    if (conference.find(call->id()) != nullptr) leave(conference, *call, now);
  }
  emit(conference, "conference.ended", now, reason);
}

void TelnyxConferenceDesk::refresh(TelnyxConference& conference, TimePoint now) {
  conference.updated_at = host_.iso(now);
}

void TelnyxConferenceDesk::on_heard(const TelnyxCall& call, TimePoint now) {
  for (const auto& conference : conferences_) {
    const TelnyxConferenceMember* member = conference->find(call.id());
    if (member == nullptr) continue;
    if (member->held || member->muted || !conference->started) return;
    const bool holds_it = conference->floor == call.id();
    const bool free = conference->floor.empty() || now - conference->floor_heard > kFloorHangover;
    if (!holds_it && !free) return;
    conference->floor_heard = now;
    if (holds_it) return;
    conference->floor = call.id();
    JsonWriter json = call.event_payload(false);
    json.field("conference_id", conference->id).field("occurred_at", host_.iso(now));
    return host_.emit_to(conference->creator.webhook, "conference.floor.changed", json.end().take(),
                         now);
  }
}

// Webhooks

void TelnyxConferenceDesk::emit(const TelnyxConference& conference, std::string_view type,
                                TimePoint now, std::string_view reason) {
  JsonWriter json = TelnyxCall::event_payload(conference.creator, false);
  json.field("conference_id", conference.id).field("occurred_at", host_.iso(now));
  if (!reason.empty()) json.field("reason", reason);
  host_.emit_to(conference.creator.webhook, type, json.end().take(), now);
}

void TelnyxConferenceDesk::emit_member(const TelnyxConference& conference, const TelnyxCall& call,
                                       std::string_view type, TimePoint now) {
  JsonWriter json = call.event_payload(false);
  json.field("conference_id", conference.id);
  host_.emit_to(call.setup().webhook, type, json.end().take(), now);
}

// play and speak

void TelnyxConferenceDesk::announce(TelnyxConference& conference, Announcement announcement,
                                    Millis length, TimePoint now) {
  announcement.number = ++last_number_;
  announcement.conference = conference.id;
  emit_announcement(announcement, true, now);
  set_announcing(announcement, true);
  announcements_.push_back(std::move(announcement));
  if (length == Millis(0)) return;
  agenda_.add(now + length,
              [this, number = last_number_](TimePoint at) { end_announcement(number, at); });
}

void TelnyxConferenceDesk::end_announcement(std::uint64_t number, TimePoint now) {
  const auto found =
      std::find_if(announcements_.begin(), announcements_.end(),
                   [&](const Announcement& announcement) { return announcement.number == number; });
  if (found == announcements_.end()) return;
  const Announcement ended = std::move(*found);
  announcements_.erase(found);
  set_announcing(ended, false);
  emit_announcement(ended, false, now);
}

void TelnyxConferenceDesk::set_announcing(const Announcement& announcement, bool announcing) {
  const TelnyxConference* conference = find(announcement.conference);
  if (conference == nullptr) return;
  for (const TelnyxConferenceMember& member : conference->members) {
    const bool meant = announcement.calls.empty() ||
                       std::find(announcement.calls.begin(), announcement.calls.end(),
                                 member.call) != announcement.calls.end();
    TelnyxCall* call = meant ? host_.find(member.call) : nullptr;
    if (call != nullptr) call->media().set_announcing(announcing);
  }
}

void TelnyxConferenceDesk::emit_announcement(const Announcement& announcement, bool started,
                                             TimePoint now) {
  const TelnyxConference* conference = find(announcement.conference);
  if (conference == nullptr) return;
  const std::string what =
      std::string(announcement.speech ? "speak." : "playback.") + (started ? "started" : "ended");
  const auto finish = [&](JsonWriter json, const std::string& type, const WebhookTarget& target) {
    json.field("conference_id", conference->id)
        .field("creator_call_session_id", conference->creator.leg.call_session_id)
        .field("occurred_at", host_.iso(now));
    if (!announcement.media_url.empty()) json.field("media_url", announcement.media_url);
    if (!announcement.media_name.empty()) json.field("media_name", announcement.media_name);
    host_.emit_to(target, type, json.end().take(), now);
  };
  if (announcement.calls.empty()) {
    JsonWriter json;
    json.object().field("connection_id", conference->creator.connection_id);
    return finish(std::move(json), "conference." + what, conference->creator.webhook);
  }
  for (const std::string& id : announcement.calls) {
    const TelnyxCall* call = host_.find(id);
    if (call == nullptr) continue;
    finish(call->event_payload(false), "conference.participant." + what, call->setup().webhook);
  }
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
