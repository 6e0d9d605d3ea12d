// How the carrier writes its resources, and all of its state.
#include <utility>

#include "testing/sim_state.hpp"
#include "testing/twilio_carrier_impl.hpp"
#include "testing/twilio_text.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

void field_or_null(JsonWriter& json, std::string_view name, const std::string& value) {
  json.key(name);
  value.empty() ? json.null() : json.string(value);
}

std::string_view word_of(TwilioParticipant::State state) {
  switch (state) {
    case TwilioParticipant::State::queued:
      return "queued";
    case TwilioParticipant::State::connecting:
      return "connecting";
    case TwilioParticipant::State::ringing:
      return "ringing";
    case TwilioParticipant::State::connected:
      break;
  }
  return "connected";
}

std::string_view word_of(TwilioConference::State state) {
  switch (state) {
    case TwilioConference::State::init:
      return "init";
    case TwilioConference::State::in_progress:
      return "in-progress";
    case TwilioConference::State::completed:
      break;
  }
  return "completed";
}

void write_warnings(JsonWriter& json, const TwilioWarnings& seen) {
  json.object()
      .field("31950", seen.malformed)
      .field("31951", seen.invalid)
      .field("31930", seen.overflow)
      .field("31921", seen.closed_by_server)
      .field("31920", seen.handshake)
      .field("31902", seen.connect)
      .field("12100", seen.bad_twiml)
      .field("12200", seen.unknown_twiml)
      .field("11200", seen.http_failure)
      .field("slow_twiml", seen.slow_twiml)
      .end();
}

}  // namespace

std::string TwilioCarrier::Impl::base_path() const {
  return "/2010-04-01/Accounts/" + options_.account_sid;
}

void TwilioCarrier::Impl::write_call(JsonWriter& json, const TwilioCall& call,
                                     TimePoint now) const {
  const TwilioCallSetup& setup = call.setup();
  const bool begun = call.status() != TwilioCall::Status::queued;
  const auto answered = call.leg().answered_at();
  const std::string uri = base_path() + "/Calls/" + call.sid();
  const auto date = [&](bool known, TimePoint at) {
    return known ? rfc2822(wall_.millis(at)) : std::string();
  };
  const std::string duration =
      call.ended() ? std::to_string((call.duration(now).count() + 999) / 1000) : std::string();
  json.object().field("account_sid", setup.account_sid);
  field_or_null(json, "answered_by", call.answered_by());
  json.field("api_version", "2010-04-01").key("caller_name").null();
  field_or_null(json, "date_created", date(begun, call.created_at()));
  field_or_null(json, "date_updated", date(begun, call.ended() ? call.ended_at() : now));
  json.field("direction", setup.direction);
  field_or_null(json, "duration", duration);
  field_or_null(json, "end_time", date(call.ended(), call.ended_at()));
  json.key("forwarded_from").null();
  json.field("from", setup.from).field("from_formatted", setup.from).key("group_sid").null();
  field_or_null(json, "parent_call_sid", setup.parent_sid);
  json.field("phone_number_sid", "PN00000000000000000000000000000001");
  field_or_null(json, "price", call.ended() && answered ? "-0.01400" : "");
  json.field("price_unit", "USD").field("queue_time", std::to_string(setup.queued.count()));
  json.field("sid", call.sid());
  field_or_null(json, "start_time", date(answered.has_value(), answered.value_or(TimePoint{})));
  json.field("status", std::string(twilio::to_string(call.status())));
  json.key("subresource_uris").object();
  for (const auto& [name, path] : {std::pair("events", "Events"),
                                   {"notifications", "Notifications"},
                                   {"payments", "Payments"},
                                   {"recordings", "Recordings"},
                                   {"siprec", "Siprec"},
                                   {"streams", "Streams"},
                                   {"transcriptions", "Transcriptions"}}) {
    json.field(name, uri + "/" + path + ".json");
  }
  json.end().field("to", setup.to).field("to_formatted", setup.to);
  json.key("trunk_sid").null().field("uri", uri + ".json").end();
}

void TwilioCarrier::Impl::write_conference(JsonWriter& json, const TwilioConference& room) const {
  const std::string uri = base_path() + "/Conferences/" + room.sid();
  json.object().field("account_sid", options_.account_sid).field("api_version", "2010-04-01");
  field_or_null(json, "call_sid_ending_conference", room.ended_by());
  json.field("date_created", rfc2822(wall_.millis(room.created())))
      .field("date_updated", rfc2822(wall_.millis(room.updated())))
      .field("friendly_name", room.name());
  field_or_null(json, "reason_conference_ended", room.reason_ended());
  json.field("region", "us1").field("sid", room.sid()).field("status", word_of(room.state()));
  json.key("subresource_uris").object();
  json.field("participants", uri + "/Participants.json")
      .field("recordings", uri + "/Recordings.json")
      .end();
  json.field("uri", uri + ".json").end();
}

void TwilioCarrier::Impl::write_participant(JsonWriter& json, const TwilioConference& room,
                                            const TwilioParticipant& who) const {
  const TwilioCall* const call = look(who.call_sid);
  json.object().field("account_sid", options_.account_sid).field("call_sid", who.call_sid);
  field_or_null(json, "label", who.label);
  field_or_null(json, "call_sid_to_coach", who.call_sid_to_coach);
  json.field("coaching", who.coaching)
      .field("conference_sid", room.sid())
      .field("date_created", rfc2822(wall_.millis(who.since)))
      .field("date_updated", rfc2822(wall_.millis(who.changed)))
      .field("end_conference_on_exit", who.end_on_exit)
      .field("hold", who.hold)
      .field("muted", who.muted)
      .field("queue_time", std::to_string(call == nullptr ? 0 : call->setup().queued.count()))
      .field("start_conference_on_enter", who.start_on_enter);
  const bool rings = call != nullptr && call->status() == TwilioCall::Status::ringing;
  json.field("status", who.connected() || !rings ? word_of(who.state) : "ringing")
      .field("uri",
             base_path() + "/Conferences/" + room.sid() + "/Participants/" + who.call_sid + ".json")
      .end();
}

void TwilioCarrier::Impl::write_recording(JsonWriter& json, const TwilioCall& call,
                                          const TwilioRecording& recording) const {
  json.object()
      .field("account_sid", options_.account_sid)
      .field("api_version", "2010-04-01")
      .field("call_sid", call.sid())
      .field("channels", recording.request.dual ? 2 : 1)
      .field("sid", recording.sid)
      .field("source", recording.request.source)
      .field("start_time", rfc2822(wall_.millis(recording.begin)))
      .field("status", recording.status)
      .field("track", recording.request.track);
  field_or_null(json, "duration",
                recording.status == "completed"
                    ? std::to_string((recording.length.count() + 999) / 1000)
                    : std::string());
  json.field("uri", base_path() + "/Calls/" + call.sid() + "/Recordings/" + recording.sid + ".json")
      .end();
}

void TwilioCarrier::Impl::write_stream(JsonWriter& json, const TwilioStream& stream,
                                       TimePoint now) const {
  const TwilioStreamSetup& setup = stream.setup();
  json.object()
      .field("sid", setup.sid)
      .field("account_sid", setup.account_sid)
      .field("call_sid", setup.call_sid)
      .field("name", setup.name)
      .field("status", stream.over() ? "stopped" : "in-progress")
      .field("date_updated", rfc2822(wall_.millis(now)))
      .field("uri", base_path() + "/Calls/" + setup.call_sid + "/Streams/" + setup.sid + ".json")
      .end();
}

std::string TwilioCarrier::Impl::state(TimePoint now) const {
  JsonWriter json;
  json.object().key("calls").array();
  for (const auto& call : calls_) {
    const TwilioCallSetup& setup = call->setup();
    json.object()
        .field("call_sid", call->sid())
        .field("direction", setup.direction)
        .field("status", std::string(twilio::to_string(call->status())))
        .field("sip_code", call->sip_code())
        .field("answered_by", call->answered_by())
        .field("duration_ms", call->duration(now).count())
        .field("streaming", call->leg().streaming())
        .field("recording", call->recordings().empty() ? "" : call->recordings().back().status)
        .field("keys_sent", call->digits_sent());
    json.key("verbs").array();
    for (const std::string& verb : call->verbs()) json.string(verb);
    json.end().key("spoken").array();
    for (const std::string& text : call->said()) json.string(text);
    json.end();
    write_leg(json, call->leg());
    json.end();
  }
  json.end().key("conferences").array();
  for (const auto& room : conferences_) {
    json.object().field("sid", room->sid()).field("status", word_of(room->state()));
    field_or_null(json, "reason_ended", room->reason_ended());
    json.key("participants").array();
    for (const auto& p : room->participants()) write_participant(json, *room, p);
    json.end().end();
  }
  json.end().key("warnings");
  write_warnings(json, warnings_);
  json.field("webhook_overflow", outbox_.overflow());
  write_requests(json, "call_sid", requests_);
  write_webhooks(json, outbox_.records());
  return json.end().take();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
