#include "testing/twilio_conference.hpp"

#include <algorithm>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

const char* yes_no(bool value) { return value ? "true" : "false"; }

/// The word of `StatusCallbackEvent` that asks for an event.
std::string_view subscription_of(std::string_view event) {
  if (event == "participant-unmute") return "mute";
  if (event == "participant-unhold") return "hold";
  const std::size_t dash = event.find('-');
  const std::string_view kind = event.substr(0, dash);
  if (kind == "announcement") return kind;
  return event.substr(dash + 1);
}

}  // namespace

TwilioConference::TwilioConference(std::string sid, std::string name, TwilioConferenceHost& host,
                                   TimePoint now)
    : sid_(std::move(sid)), name_(std::move(name)), host_(host), created_(now), updated_(now) {}

void TwilioConference::offer_callback(const TwilioCallback& callback) {
  if (std::exchange(callback_set_, true)) return;
  callback_ = callback;
  if (callback_.events.empty()) callback_.events = {"start", "end"};
}

TwilioParticipant* TwilioConference::find(std::string_view call_or_label) {
  const auto found = std::find_if(participants_.begin(), participants_.end(), [&](const auto& p) {
    return p.call_sid == call_or_label || (!p.label.empty() && p.label == call_or_label);
  });
  return found == participants_.end() ? nullptr : &*found;
}

// --- coming and going ---------------------------------------------------------------------------

void TwilioConference::expect(TwilioParticipant participant, TimePoint now) {
  participant.state = TwilioParticipant::State::queued;
  participant.since = participant.changed = now;
  participants_.push_back(std::move(participant));
}

void TwilioConference::set_state(const std::string& call_sid, TwilioParticipant::State state) {
  if (TwilioParticipant* const participant = find(call_sid)) participant->state = state;
}

void TwilioConference::join(TwilioParticipant participant, TimePoint now) {
  TwilioParticipant* joined = find(participant.call_sid);
  if (joined == nullptr) {
    participant.since = participant.changed = now;
    participants_.push_back(std::move(participant));
    joined = &participants_.back();
  }
  joined->state = TwilioParticipant::State::connected;
  emit("participant-join", describe(*joined), now);
  const auto here = [](const auto& p) { return p.connected(); };
  const auto starts = [](const auto& p) { return p.connected() && p.start_on_enter; };
  if (state_ != State::init ||
      std::count_if(participants_.begin(), participants_.end(), here) < 2 ||
      std::none_of(participants_.begin(), participants_.end(), starts)) {
    return;
  }
  state_ = State::in_progress;
  emit("conference-start", {}, now);
}

void TwilioConference::leave(const std::string& call_sid, const std::string& reason,
                             TimePoint now) {
  const auto found = std::find_if(participants_.begin(), participants_.end(),
                                  [&](const auto& p) { return p.call_sid == call_sid; });
  if (found == participants_.end()) return;
  const TwilioParticipant gone = *found;
  participants_.erase(found);
  FormFields fields = describe(gone);
  fields.add("ParticipantCallStatus", host_.call_status(call_sid));
  fields.add("ReasonParticipantLeft", reason);
  emit("participant-leave", std::move(fields), now);
  if (state_ == State::completed) return;
  if (gone.connected() && gone.end_on_exit) {
    end("participant-with-end-conference-on-exit-left", &gone, now);
  } else if (participants_.empty()) {
    end(reason == "participant_updated_via_api" ? "last-participant-kicked"
                                                : "last-participant-left",
        &gone, now);
  }
}

void TwilioConference::end_by_api(TimePoint now) {
  if (state_ != State::completed) end("conference-ended-via-api", nullptr, now);
}

void TwilioConference::end(const std::string& reason, const TwilioParticipant* by, TimePoint now) {
  state_ = State::completed;
  reason_ended_ = reason;
  ended_by_ = by != nullptr ? by->call_sid : "";
  const std::string why = by != nullptr ? "moderator_ended_conference" : "conference_ended_via_api";
  while (!participants_.empty()) {
    const std::string call_sid = participants_.front().call_sid;
    leave(call_sid, why, now);
    host_.on_left(call_sid, now);
  }
  FormFields fields;
  if (by != nullptr) {
    fields.add("CallSidEndingConference", by->call_sid);
    if (!by->label.empty()) fields.add("ParticipantLabelEndingConference", by->label);
  }
  fields.add("ReasonConferenceEnded", reason);
  fields.add("Reason", by == nullptr     ? "Conference ended via API"
                       : by->end_on_exit ? "Participant with endConferenceOnExit left"
                                         : "Last participant left");
  emit("conference-end", std::move(fields), now);
}

// --- changes ------------------------------------------------------------------------------------

void TwilioConference::mute(TwilioParticipant& participant, bool muted, TimePoint now) {
  if (participant.muted == muted) return;
  participant.muted = muted;
  participant.changed = now;
  emit(muted ? "participant-mute" : "participant-unmute", describe(participant), now);
}

void TwilioConference::hold(TwilioParticipant& participant, bool hold, TimePoint now) {
  if (participant.hold == hold) return;
  participant.hold = hold;
  participant.changed = now;
  emit(hold ? "participant-hold" : "participant-unhold", describe(participant), now);
}

void TwilioConference::modify(TwilioParticipant& participant, TimePoint now) {
  participant.changed = now;
  emit("participant-modify", describe(participant), now);
}

void TwilioConference::announce(TwilioParticipant& participant, TimePoint until) {
  participant.announcement_until = until;
}

Deadline TwilioConference::next_deadline() const {
  Deadline next;
  for (const auto& p : participants_) next = earliest(next, p.announcement_until);
  return next;
}

void TwilioConference::on_deadline(TimePoint now) {
  for (auto& p : participants_) {
    if (!p.announcement_until || *p.announcement_until > now) continue;
    p.announcement_until.reset();
    emit("announcement-end", describe(p), now);
  }
}

bool TwilioConference::hears(const TwilioParticipant& listener,
                             const TwilioParticipant& speaker) const {
  if (state_ != State::in_progress || &listener == &speaker) return false;
  if (!listener.connected() || !speaker.connected() || listener.hold || speaker.hold) return false;
  if (speaker.muted || listener.announcement_until) return false;
  return !speaker.coaching || speaker.call_sid_to_coach == listener.call_sid;
}

// --- what is told -------------------------------------------------------------------------------

FormFields TwilioConference::describe(const TwilioParticipant& participant) const {
  FormFields fields;
  fields.add("CallSid", participant.call_sid);
  fields.add("Coaching", yes_no(participant.coaching));
  if (participant.coaching) fields.add("CallSidToCoach", participant.call_sid_to_coach);
  fields.add("EndConferenceOnExit", yes_no(participant.end_on_exit));
  fields.add("Hold", yes_no(participant.hold));
  fields.add("Muted", yes_no(participant.muted));
  if (!participant.label.empty()) fields.add("ParticipantLabel", participant.label);
  fields.add("StartConferenceOnEnter", yes_no(participant.start_on_enter));
  return fields;
}

void TwilioConference::emit(const std::string& event, FormFields fields, TimePoint now) {
  updated_ = now;
  const std::uint64_t number = ++sequence_;
  if (callback_.url.empty()) return;
  if (callback_.events.count(std::string(subscription_of(event))) == 0) return;
  FormFields all = {{"ConferenceSid", sid_},
                    {"FriendlyName", name_},
                    {"SequenceNumber", std::to_string(number)},
                    {"StatusCallbackEvent", event}};
  for (const auto& [name, value] : fields.fields()) all.add(name, value);
  host_.tell(*this, event, std::move(all), now);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
