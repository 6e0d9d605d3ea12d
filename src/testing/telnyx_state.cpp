#include "testing/sim_state.hpp"
#include "testing/telnyx_carrier_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

std::string_view name_of(TelnyxCall::State state) {
  switch (state) {
    case TelnyxCall::State::parked:
      return "parked";
    case TelnyxCall::State::establishing:
      return "establishing";
    case TelnyxCall::State::ringing:
      return "ringing";
    case TelnyxCall::State::answered:
      return "answered";
    case TelnyxCall::State::ended:
      return "ended";
  }
  return "";
}

/// Where a leg is, and what passes between it and the others.
void write_company(JsonWriter& json, const TelnyxCarrier& carrier, const TelnyxCall& call) {
  json.field("bridged_with", call.peer())
      .field("conference", carrier.conference_of(call.id()))
      .field("digits_heard", call.digits_heard());
  json.key("hears").array();
  for (const std::string& other : carrier.calls()) {
    if (call.state() == TelnyxCall::State::answered && carrier.hears(call.id(), other))
      json.string(other);
  }
  json.end().key("heard_ms").object();
  for (const auto& [speaker, length] : call.heard_from()) json.field(speaker, length.count());
  json.end();
}

void write_conference(JsonWriter& json, const TelnyxConference& conference) {
  json.object();
  conference.describe(json);
  json.key("participants").array();
  for (const TelnyxConferenceMember& member : conference.members) {
    json.object();
    conference.describe(json, member);
    json.end();
  }
  json.end().end();
}

void write_call(JsonWriter& json, const TelnyxCarrier& carrier, const TelnyxCall& call,
                TimePoint now) {
  const TelnyxSimMedia& media = call.media();
  json.object()
      .field("call_control_id", call.id())
      .field("direction", call.setup().incoming ? "incoming" : "outgoing")
      .field("from", call.setup().leg.from)
      .field("to", call.setup().leg.to)
      .field("state", name_of(call.state()))
      .field("hangup_cause", call.hangup_cause())
      .field("duration_ms", call.duration(now).count())
      .field("streaming", media.streaming())
      .field("stream_id", media.stream_id())
      .field("recording", !call.recording()         ? ""
                          : call.recording_paused() ? "paused"
                                                    : "in-progress");
  write_company(json, carrier, call);
  write_leg(json, media);
  json.end();
}

}  // namespace

std::string TelnyxCarrier::state_json(TimePoint now) const {
  JsonWriter json;
  json.object().key("calls").array();
  for (const auto& call : impl_->calls) write_call(json, *this, *call, now);
  json.end().key("conferences").array();
  for (const auto& conference : impl_->conferences.all()) write_conference(json, *conference);
  json.end().field("webhook_overflow", impl_->outbox.overflow());
  write_requests(json, "call_control_id", impl_->requests);
  write_webhooks(json, impl_->outbox.records());
  return json.end().take();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
