#include <algorithm>

#include "testing/telnyx_carrier_impl.hpp"

/// How the legs of a carrier are joined: bridges, conferences, queues and supervision.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

void TelnyxCarrier::Impl::on_answered(TelnyxCall& call, TimePoint now) {
  const TelnyxCallSetup& setup = call.setup();
  if (!setup.conference_config.empty()) {
    const auto config = Json::parse(setup.conference_config);
    if (config) conferences.join_by_config(call, *config, now);
  }
  if (call.supervises()) {
    supervisors.push_back(call.id());
    refresh(call);
    if (TelnyxCall* supervised = find(setup.supervised_call)) refresh(*supervised);
  }
  if (!setup.bridge_on_answer) return;
  TelnyxCall* peer = find(setup.linked_call);
  if (peer != nullptr && peer->state() == TelnyxCall::State::answered)
    bridge(call, *peer, false, now);
}

void TelnyxCarrier::Impl::on_ended(TelnyxCall& call, TimePoint now) {
  supervisors.erase(std::remove(supervisors.begin(), supervisors.end(), call.id()),
                    supervisors.end());
  leave_queue_because("hangup", call, now);
  conferences.remove(call, now);
  unbridge(call, now);
}

void TelnyxCarrier::Impl::on_said(TelnyxCall& call, TimePoint now) {
  const auto tell = [&](const std::string& id) {
    TelnyxCall* listener = find(id);
    if (listener != nullptr && hears(*listener, call)) listener->hear(call.id());
  };
  if (!call.peer().empty()) tell(call.peer());
  if (const TelnyxConference* conference = conferences.of(call.id())) {
    for (const TelnyxConferenceMember& member : conference->members) tell(member.call);
    conferences.on_heard(call, now);
  }
  for (const std::string& supervisor : supervisors) tell(supervisor);
  if (!call.supervises()) return;
  tell(call.setup().supervised_call);
  const TelnyxCall* supervised = find(call.setup().supervised_call);
  if (supervised != nullptr && !supervised->peer().empty()) tell(supervised->peer());
}

bool TelnyxCarrier::Impl::hears(const TelnyxCall& listener, const TelnyxCall& speaker) const {
  if (&listener == &speaker) return false;
  if (!listener.peer().empty() && listener.peer() == speaker.id()) return true;
  const TelnyxConference* conference = conferences.of(listener.id());
  if (conference != nullptr && conference->hears(listener.id(), speaker.id())) return true;
  const auto up = [](const TelnyxCall& call) {
    return call.state() == TelnyxCall::State::answered;
  };
  if (!up(listener) || !up(speaker)) return false;
  if (listener.supervises()) {
    const std::string& heard = listener.setup().supervised_call;
    return speaker.id() == heard || speaker.peer() == heard;
  }
  if (!speaker.supervises() || speaker.setup().supervisor_role == "monitor") return false;
  const std::string& supervised = speaker.setup().supervised_call;
  return listener.id() == supervised ||
         (speaker.setup().supervisor_role == "barge" && listener.peer() == supervised);
}

/// `a` keeps its park_after_unbridge, or gets one.
void TelnyxCarrier::Impl::bridge(TelnyxCall& a, TelnyxCall& b, bool park_a, TimePoint now) {
  for (TelnyxCall* call : {&a, &b}) {
    leave_queue_because("bridged", *call, now);
    conferences.remove(*call, now);
    if (call->peer() != (call == &a ? b : a).id()) unbridge(*call, now);
  }
  a.bridge_with(b.id(), park_a, now);
  b.bridge_with(a.id(), false, now);
  refresh(a);
  refresh(b);
}

/// The peer is parked or hung up, as was agreed for it.
void TelnyxCarrier::Impl::unbridge(TelnyxCall& call, TimePoint now) {
  TelnyxCall* peer = find(call.peer());
  call.forget_peer();
  refresh(call);
  if (peer == nullptr || peer->peer() != call.id()) return;
  peer->forget_peer();
  refresh(*peer);
  if (!peer->setup().park_after_unbridge) peer->hang_up({"normal_clearing", "unknown", "200"}, now);
}

void TelnyxCarrier::Impl::detach(TelnyxCall& call, TimePoint now) {
  leave_queue_because("leave", call, now);
  unbridge(call, now);
}

void TelnyxCarrier::Impl::refresh(TelnyxCall& call) {
  const bool supervised =
      std::any_of(supervisors.begin(), supervisors.end(), [&](const std::string& id) {
        const TelnyxCall* supervisor = find(id);
        return supervisor != nullptr &&
               (supervisor == &call || supervisor->setup().supervised_call == call.id());
      });
  call.media().set_bridged(supervised || !call.peer().empty() ||
                           conferences.of(call.id()) != nullptr);
}

bool TelnyxCarrier::Impl::leave_queue_because(std::string_view reason, TelnyxCall& call,
                                              TimePoint now) {
  const auto left = queues.remove(call.id(), now);
  if (!left) return false;
  JsonWriter json = call.event_payload(false);
  json.field("queue", left->queue)
      .field("queue_position", left->position)
      .field("reason", reason)
      .field("wait_time_secs", left->waited.count() / 1000);
  call.emit("call.dequeued", json, now);
  return true;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
