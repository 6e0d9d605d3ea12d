// The REST interface: conferences and their participants.
#include <algorithm>
#include <utility>

#include "testing/twilio_carrier_impl.hpp"
#include "testing/twilio_form.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

HttpResponse TwilioCarrier::Impl::conferences_resource(Ask& ask) {
  if (ask.route.sub == "Participants") return participants_resource(ask);
  const bool post = ask.request.method == "POST";
  if (ask.route.id.empty() && !post) {
    TwilioPage page(ask.form, base_path() + "/Conferences.json");
    static constexpr std::string_view kStates[] = {"init", "in-progress", "completed"};
    JsonWriter json;
    json.object().key("conferences").array();
    for (auto room = conferences_.rbegin(); room != conferences_.rend(); ++room) {
      const auto name = ask.form.find("FriendlyName");
      const auto state = ask.form.find("Status");
      if (name && *name != (*room)->name()) continue;
      if (state && *state != kStates[static_cast<int>((*room)->state())]) continue;
      if (page.takes()) write_conference(json, **room);
    }
    json.end();
    page.write(json);
    return twilio_json(200, json.end().take());
  }
  TwilioConference* const room = conference(ask.route.id);
  if (room == nullptr || room->sid() != ask.route.id || !ask.route.sub.empty()) {
    return to_response(twilio_not_found(ask.request.path));
  }
  if (post) {
    if (room->state() == TwilioConference::State::completed) {
      return to_response(twilio_not_found(ask.request.path));
    }
    if (ask.form.text_or("Status", "") == "completed") {
      room->end_by_api(ask.now);
    } else if (ask.form.find("AnnounceUrl")) {
      std::vector<std::string> all;
      for (const TwilioParticipant& p : room->participants()) all.push_back(p.call_sid);
      for (const std::string& sid : all) {
        room->announce(*room->find(sid), ask.now + options_.playback_length);
      }
    }
  }
  JsonWriter json;
  write_conference(json, *room);
  return twilio_json(200, json.take());
}

HttpResponse TwilioCarrier::Impl::participants_resource(Ask& ask) {
  TwilioConference* const room = conference(ask.route.id);
  const bool live = room != nullptr && room->state() != TwilioConference::State::completed;
  const std::string& method = ask.request.method;
  if (ask.route.sub_id.empty() && method == "POST") {
    const bool over = !live && ask.route.id.rfind("CF", 0) == 0;
    if (over) return to_response(twilio_not_found(ask.request.path));
    return create_participant(ask, live ? room : nullptr);
  }
  if (!live) return to_response(twilio_not_found(ask.request.path));
  if (ask.route.sub_id.empty()) {
    TwilioPage page(ask.form, base_path() + "/Conferences/" + room->sid() + "/Participants.json");
    const auto fits = [&](const char* name, bool value) {
      return !ask.form.find(name) || twilio_flag(ask.form, name, false) == value;
    };
    JsonWriter json;
    json.object().key("participants").array();
    const auto& all = room->participants();
    for (auto p = all.rbegin(); p != all.rend(); ++p) {
      const bool wanted =
          fits("Muted", p->muted) && fits("Hold", p->hold) && fits("Coaching", p->coaching);
      if (wanted && page.takes()) write_participant(json, *room, *p);
    }
    json.end();
    page.write(json);
    return twilio_json(200, json.end().take());
  }
  TwilioParticipant* const participant = room->find(ask.route.sub_id);
  if (participant == nullptr) return to_response(twilio_not_found(ask.request.path));
  ask.record.call_id = participant->call_sid;
  if (method == "DELETE") {
    TwilioCall* const call = find(participant->call_sid);
    if (call != nullptr) call->hang_up(ask.now);
    return twilio_json(204, "");
  }
  if (method == "POST") return update_participant(ask, *room, *participant);
  JsonWriter json;
  write_participant(json, *room, *participant);
  return twilio_json(200, json.take());
}

HttpResponse TwilioCarrier::Impl::create_participant(Ask& ask, TwilioConference* room) {
  const FormFields& form = ask.form;
  TwilioCallSetup setup = new_setup();
  if (const auto error = read_leg(form, setup)) return to_response(*error);
  TwilioParticipant participant;
  participant.label = form.text_or("Label", "");
  if (room != nullptr && !participant.label.empty() && room->find(participant.label) != nullptr) {
    return to_response(twilio_bad(16025, participant.label));
  }
  participant.call_sid_to_coach = form.text_or("CallSidToCoach", "");
  participant.coaching = twilio_flag(form, "Coaching", !participant.call_sid_to_coach.empty());
  const TwilioCall* const coached = look(participant.call_sid_to_coach);
  if (participant.coaching && (coached == nullptr || !coached->in_progress())) {
    return to_response(twilio_bad(13240, participant.call_sid_to_coach));
  }
  if (active_calls() >= options_.call_limit) return to_response(twilio_too_many());
  participant.muted = twilio_flag(form, "Muted", false);
  participant.start_on_enter = twilio_flag(form, "StartConferenceOnEnter", true);
  participant.end_on_exit = twilio_flag(form, "EndConferenceOnExit", false);
  participant.early_media = twilio_flag(form, "EarlyMedia", true);
  participant.wait_url = form.text_or("WaitUrl", "default");
  participant.call_sid = setup.sid;
  TwilioConference& there = room != nullptr ? *room : conference_named(ask.route.id, ask.now);
  there.offer_callback(twilio_callback(form, "ConferenceStatusCallback"));
  const std::string sid = setup.sid;
  there.expect(std::move(participant), ask.now);
  setup.conference = there.sid();
  next_create_ = std::max(next_create_ + options_.create_spacing, ask.now);
  setup.queued = std::chrono::duration_cast<Millis>(next_create_ - ask.now);
  ask.record.call_id = sid;
  CallPlan plan = plan_for(setup.to);
  add_call(std::move(setup), std::move(plan), ask.now);
  JsonWriter json;
  write_participant(json, there, *there.find(sid));
  return twilio_json(201, json.take());
}

HttpResponse TwilioCarrier::Impl::update_participant(Ask& ask, TwilioConference& room,
                                                     TwilioParticipant& participant) {
  const FormFields& form = ask.form;
  if (form.find("CallSidToCoach")) {
    const std::string coach = form.text_or("CallSidToCoach", "");
    const TwilioCall* const coached = look(coach);
    if (coached == nullptr || !coached->in_progress()) return to_response(twilio_bad(13240, coach));
    participant.call_sid_to_coach = coach;
  }
  if (form.find("Coaching")) {
    participant.coaching = twilio_flag(form, "Coaching", false);
    room.modify(participant, ask.now);
  }
  if (form.find("EndConferenceOnExit")) {
    participant.end_on_exit = twilio_flag(form, "EndConferenceOnExit", false);
    room.modify(participant, ask.now);
  }
  if (form.find("HoldUrl")) participant.hold_url = form.text_or("HoldUrl", "");
  if (form.find("Hold")) room.hold(participant, twilio_flag(form, "Hold", false), ask.now);
  if (form.find("Muted")) room.mute(participant, twilio_flag(form, "Muted", false), ask.now);
  if (form.find("AnnounceUrl")) room.announce(participant, ask.now + options_.playback_length);
  JsonWriter json;
  write_participant(json, room, participant);
  return twilio_json(200, json.take());
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
