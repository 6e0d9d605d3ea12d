#include "testing/sim_state.hpp"
#include "testing/telnyx_carrier_impl.hpp"

namespace voicebridge::testing {
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

void write_call(JsonWriter& json, const TelnyxCall& call, TimePoint now) {
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
      .field("stream_id", media.stream_id());
  write_leg(json, media);
  json.end();
}

}  // namespace

std::string TelnyxCarrier::state_json(TimePoint now) const {
  JsonWriter json;
  json.object().key("calls").array();
  for (const auto& call : impl_->calls) write_call(json, *call, now);
  json.end().field("webhook_overflow", impl_->outbox.overflow());
  write_requests(json, "call_control_id", impl_->requests);
  write_webhooks(json, impl_->outbox.records());
  return json.end().take();
}

}  // namespace voicebridge::testing
