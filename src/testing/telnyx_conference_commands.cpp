#include <algorithm>
#include <array>
#include <utility>

#include "testing/telnyx_api_error.hpp"
#include "testing/telnyx_conference_desk.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kConferenceRecordingDelay{1000};
constexpr std::size_t kMaxConferenceAnnouncements = 100;

std::vector<std::string> named_calls(JsonView body) {
  std::vector<std::string> all;
  for (const JsonView one : body["call_control_ids"].elements()) all.push_back(one.string_or(""));
  return all;
}

/// Runs `change` on the members that the body names; nobody named is everybody.
template <class Change>
HttpResponse for_named(TelnyxConference& conference, JsonView body, Change change) {
  const std::vector<std::string> calls = named_calls(body);
  for (const std::string& call : calls) {
    if (conference.find(call) == nullptr)
      return to_response(invalid_call_control_id("call_control_ids"));
  }
  for (TelnyxConferenceMember& member : conference.members) {
    if (calls.empty() || std::find(calls.begin(), calls.end(), member.call) != calls.end())
      change(member);
  }
  return ok_response();
}

void write_page(JsonWriter& json, std::size_t count) {
  json.key("meta").object();
  json.field("page_number", 1).field("page_size", 250).field("total_pages", 1);
  json.field("total_results", count).end();
}

HttpResponse described(const TelnyxConference& conference) {
  JsonWriter json;
  json.object().key("data").object();
  conference.describe(json);
  return json_response(json.end().end().take());
}

}  // namespace

struct TelnyxConferenceDesk::Action {
  std::string_view name;
  Handler handler;
};

const TelnyxConferenceDesk::Action* TelnyxConferenceDesk::find_action(std::string_view name) {
  using Desk = TelnyxConferenceDesk;
  static constexpr std::array<Action, 17> kActions = {{
      {"join", &Desk::join},
      {"leave", &Desk::leave_command},
      {"hold", &Desk::hold},
      {"unhold", &Desk::unhold},
      {"mute", &Desk::mute},
      {"unmute", &Desk::unmute},
      {"update", &Desk::update},
      {"play", &Desk::play},
      {"speak", &Desk::speak},
      {"stop", &Desk::stop},
      {"record_start", &Desk::record_start},
      {"record_stop", &Desk::record_stop},
      {"record_pause", &Desk::record_pause},
      {"record_resume", &Desk::record_pause},
      {"send_dtmf", &Desk::send_dtmf},
      {"gather_using_audio", &Desk::gather},
      {"end", &Desk::end_command},
  }};
  const auto found = std::find_if(kActions.begin(), kActions.end(),
                                  [&](const Action& action) { return action.name == name; });
  return found == kActions.end() ? nullptr : &*found;
}

bool TelnyxConferenceDesk::knows(std::string_view action) { return find_action(action) != nullptr; }

HttpResponse TelnyxConferenceDesk::act(std::string_view name, const std::string& id, JsonView body,
                                       TimePoint now) {
  TelnyxConference* conference = find(id);
  if (conference == nullptr) return to_response(conference_not_found());
  if (conference->ended()) return to_response(conference_has_ended());
  HttpResponse response = (this->*find_action(name)->handler)(*conference, body, now);
  refresh(*conference, now);
  return response;
}

HttpResponse TelnyxConferenceDesk::create(JsonView body, TimePoint now) {
  TelnyxCall* call = host_.find(body["call_control_id"].string_or(""));
  if (call == nullptr) return to_response(invalid_call_control_id("call_control_id"));
  if (call->state() == TelnyxCall::State::ended) return to_response(call_has_ended());
  if (call->state() != TelnyxCall::State::answered) return to_response(call_not_answered());
  if (find_name(body["name"].string_or("")) != nullptr) return to_response(conference_name_taken());
  if (const auto state = body["client_state"].string()) call->set_client_state(std::string(*state));
  TelnyxConference& conference = make(*call, body, now);
  HttpResponse response = described(conference);
  admit(conference, *call, {}, now);
  return response;
}

HttpResponse TelnyxConferenceDesk::list() const {
  JsonWriter json;
  json.object().key("data").array();
  for (const auto& conference : conferences_) {
    json.object();
    conference->describe(json);
    json.end();
  }
  json.end();
  write_page(json, conferences_.size());
  return json_response(json.end().take());
}

HttpResponse TelnyxConferenceDesk::get(const std::string& id) const {
  const TelnyxConference* conference = find(id);
  return conference == nullptr ? to_response(conference_not_found()) : described(*conference);
}

HttpResponse TelnyxConferenceDesk::participants(const std::string& id) const {
  const TelnyxConference* conference = find(id);
  if (conference == nullptr) return to_response(conference_not_found());
  JsonWriter json;
  json.object().key("data").array();
  for (const TelnyxConferenceMember& member : conference->members) {
    json.object();
    conference->describe(json, member);
    json.end();
  }
  json.end();
  write_page(json, conference->members.size());
  return json_response(json.end().take());
}

HttpResponse TelnyxConferenceDesk::update_participant(const std::string& id,
                                                      const std::string& participant, JsonView body,
                                                      TimePoint now) {
  TelnyxConference* conference = find(id);
  if (conference == nullptr) return to_response(conference_not_found());
  for (TelnyxConferenceMember& member : conference->members) {
    if (member.id != participant && member.call != participant) continue;
    member.end_on_exit = body["end_conference_on_exit"].bool_or(member.end_on_exit);
    member.soft_end_on_exit = body["soft_end_conference_on_exit"].bool_or(member.soft_end_on_exit);
    refresh(*conference, now);
    JsonWriter json;
    json.object().key("data").object();
    conference->describe(json, member);
    return json_response(json.end().end().take());
  }
  return to_response(not_found());
}

HttpResponse TelnyxConferenceDesk::join(TelnyxConference& conference, JsonView body,
                                        TimePoint now) {
  TelnyxCall* call = host_.find(body["call_control_id"].string_or(""));
  if (call == nullptr) return to_response(invalid_call_control_id("call_control_id"));
  if (call->state() == TelnyxCall::State::ended) return to_response(call_has_ended());
  if (call->state() != TelnyxCall::State::answered) return to_response(call_not_answered());
  if (const auto state = body["client_state"].string()) call->set_client_state(std::string(*state));
  return admit(conference, *call, body, now);
}

HttpResponse TelnyxConferenceDesk::leave_command(TelnyxConference& conference, JsonView body,
                                                 TimePoint now) {
  TelnyxCall* call = host_.find(body["call_control_id"].string_or(""));
  if (call == nullptr || conference.find(call->id()) == nullptr)
    return to_response(invalid_call_control_id("call_control_id"));
  leave(conference, *call, now);
  return ok_response();
}

HttpResponse TelnyxConferenceDesk::hold(TelnyxConference& conference, JsonView body, TimePoint) {
  return for_named(conference, body, [](TelnyxConferenceMember& member) { member.held = true; });
}

HttpResponse TelnyxConferenceDesk::unhold(TelnyxConference& conference, JsonView body, TimePoint) {
  return for_named(conference, body, [](TelnyxConferenceMember& member) { member.held = false; });
}

HttpResponse TelnyxConferenceDesk::mute(TelnyxConference& conference, JsonView body, TimePoint) {
  return for_named(conference, body, [](TelnyxConferenceMember& member) { member.muted = true; });
}

HttpResponse TelnyxConferenceDesk::unmute(TelnyxConference& conference, JsonView body, TimePoint) {
  return for_named(conference, body, [](TelnyxConferenceMember& member) { member.muted = false; });
}

HttpResponse TelnyxConferenceDesk::update(TelnyxConference& conference, JsonView body, TimePoint) {
  TelnyxConferenceMember* member = conference.find(body["call_control_id"].string_or(""));
  if (member == nullptr) return to_response(invalid_call_control_id("call_control_id"));
  member->role = body["supervisor_role"].string_or("none");
  member->whispers_to.clear();
  for (const JsonView call : body["whisper_call_control_ids"].elements())
    member->whispers_to.push_back(call.string_or(""));
  return ok_response();
}

HttpResponse TelnyxConferenceDesk::play(TelnyxConference& conference, JsonView body,
                                        TimePoint now) {
  Announcement announcement;
  announcement.speech = false;
  announcement.media_url = body["audio_url"].string_or("");
  announcement.media_name = body["media_name"].string_or("");
  if (announcement.media_url.empty() && announcement.media_name.empty())
    return to_response(missing_parameter("audio_url"));
  if (announcements_.size() >= kMaxConferenceAnnouncements) return to_response(too_many_requests());
  announcement.calls = named_calls(body);
  announce(conference, std::move(announcement), host_.playback_length(body), now);
  return ok_response();
}

HttpResponse TelnyxConferenceDesk::speak(TelnyxConference& conference, JsonView body,
                                         TimePoint now) {
  if (announcements_.size() >= kMaxConferenceAnnouncements) return to_response(too_many_requests());
  Announcement announcement;
  announcement.calls = named_calls(body);
  announce(conference, std::move(announcement), host_.speech_length(body), now);
  return ok_response();
}

HttpResponse TelnyxConferenceDesk::stop(TelnyxConference& conference, JsonView body,
                                        TimePoint now) {
  const std::vector<std::string> calls = named_calls(body);
  std::vector<std::uint64_t> stopped;
  for (const Announcement& announcement : announcements_) {
    const bool meant =
        calls.empty() || std::any_of(calls.begin(), calls.end(), [&](const std::string& call) {
          return std::find(announcement.calls.begin(), announcement.calls.end(), call) !=
                 announcement.calls.end();
        });
    if (announcement.conference == conference.id && meant) stopped.push_back(announcement.number);
  }
  for (const std::uint64_t number : stopped) end_announcement(number, now);
  return ok_response();
}

HttpResponse TelnyxConferenceDesk::record_start(TelnyxConference& conference, JsonView body,
                                                TimePoint now) {
  conference.recording_since = host_.iso(now);
  conference.recording_id = host_.new_uuid();
  conference.recording_dual = body["channels"].string_or("single") == "dual";
  return ok_response();
}

HttpResponse TelnyxConferenceDesk::record_stop(TelnyxConference& conference, JsonView,
                                               TimePoint now) {
  if (!conference.recording_since) return ok_response();
  JsonWriter json = TelnyxCall::event_payload(conference.creator, false);
  const std::string url = "https://recordings.invalid/" + conference.recording_id;
  json.field("conference_id", conference.id)
      .field("channels", conference.recording_dual ? "dual" : "single")
      .field("format", "mp3")
      .field("recording_id", conference.recording_id)
      .field("recording_started_at", *conference.recording_since)
      .field("recording_ended_at", host_.iso(now));
  for (const char* key : {"recording_urls", "public_recording_urls"})
    json.key(key).object().field("mp3", url + ".mp3").field("wav", url + ".wav").end();
  conference.recording_since.reset();
  agenda_.add(now + kConferenceRecordingDelay,
              [this, target = conference.creator.webhook, text = json.end().take()](TimePoint at) {
                host_.emit_to(target, "conference.recording.saved", text, at);
              });
  return ok_response();
}

/// Pausing leaves nothing to see from the outside.
HttpResponse TelnyxConferenceDesk::record_pause(TelnyxConference&, JsonView, TimePoint) {
  return ok_response();
}

HttpResponse TelnyxConferenceDesk::send_dtmf(TelnyxConference& conference, JsonView body,
                                             TimePoint) {
  const std::string digits = body["digits"].string_or("");
  return for_named(conference, body, [&](TelnyxConferenceMember& member) {
    if (TelnyxCall* call = host_.find(member.call)) call->hear_digits(digits);
  });
}

HttpResponse TelnyxConferenceDesk::gather(TelnyxConference& conference, JsonView body,
                                          TimePoint now) {
  TelnyxCall* call = host_.find(body["call_control_id"].string_or(""));
  if (call == nullptr || conference.find(call->id()) == nullptr)
    return to_response(invalid_call_control_id("call_control_id"));
  call->gather_using(false, host_.playback_length(body), body, now);
  return ok_response();
}

HttpResponse TelnyxConferenceDesk::end_command(TelnyxConference& conference, JsonView,
                                               TimePoint now) {
  end(conference, "ended_via_api", true, now);
  return ok_response();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
