#include <string>
#include <utility>

#include "testing/telnyx_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// The modes that are not premium know fewer words.
std::string_view plain_amd_result(std::string_view premium) {
  if (premium == "human_residence" || premium == "human_business") return "human";
  if (premium == "machine" || premium == "fax_detected") return "machine";
  if (premium == "beep_detected") return "beep_detected";
  return "not_sure";
}

void add_empty_lists(JsonWriter& json) {
  json.key("custom_headers")
      .array()
      .end()
      .key("sip_headers")
      .array()
      .end()
      .key("tags")
      .array()
      .end();
}

}  // namespace

JsonWriter TelnyxCall::event_payload(const TelnyxCallSetup& setup, bool with_parties) {
  JsonWriter json;
  json.object()
      .field("call_control_id", setup.leg.call_control_id)
      .field("call_leg_id", setup.leg_id)
      .field("call_session_id", setup.leg.call_session_id);
  json.key("client_state");
  setup.leg.client_state.empty() ? json.null() : json.string(setup.leg.client_state);
  json.field("connection_id", setup.connection_id);
  if (with_parties) json.field("from", setup.leg.from).field("to", setup.leg.to);
  return json;
}

void TelnyxCall::emit(std::string_view type, JsonWriter& payload, TimePoint now) {
  host_.emit(*this, type, payload.end().take(), now);
}

std::string TelnyxCall::describe(TimePoint now) const {
  JsonWriter json;
  json.object().key("data").object();
  json.field("record_type", "call")
      .field("call_control_id", setup_.leg.call_control_id)
      .field("call_leg_id", setup_.leg_id)
      .field("call_session_id", setup_.leg.call_session_id)
      .field("is_alive", state_ == State::answered);
  if (!setup_.leg.client_state.empty()) json.field("client_state", setup_.leg.client_state);
  if (media_.answered_at()) {
    json.field("call_duration", duration(now).count() / 1000).field("start_time", start_time_);
  }
  if (!end_time_.empty()) json.field("end_time", end_time_);
  return json.end().end().take();
}

void TelnyxCall::emit_initiated(TimePoint now) {
  JsonWriter json = event_payload(true);
  json.field("direction", setup_.incoming ? "incoming" : "outgoing")
      .field("state", setup_.incoming ? "parked" : "bridging")
      .field("start_time", start_time_)
      .field("calling_party_type", "pstn");
  if (setup_.incoming) {
    json.field("caller_id_name", setup_.leg.from)
        .field("connection_codecs", "G722,PCMU,PCMA")
        .field("offered_codecs", "PCMA,PCMU,G729")
        .field("call_screening_result", "not_flagged")
        .field("from_sip_uri", setup_.leg.from + "@192.0.2.10:5060")
        .field("to_sip_uri", setup_.leg.to + "@192.0.2.20:5060")
        .field("shaken_stir_attestation", "A")
        .field("shaken_stir_validated", true);
  }
  add_empty_lists(json);
  emit("call.initiated", json, now);
}

void TelnyxCall::emit_answered(TimePoint now) {
  JsonWriter json = event_payload(true);
  json.field("state", "answered")
      .field("start_time", start_time_)
      .field("calling_party_type", "pstn")
      .field("codec", plan_.leg_format.encoding == AudioEncoding::pcmu ? "PCMU" : "PCMA")
      .field("sampling_rate", plan_.leg_format.sample_rate);
  if (setup_.stream) {
    json.field("stream_url", setup_.stream->url).field("stream_track", setup_.stream->track);
  }
  add_empty_lists(json);
  emit("call.answered", json, now);
}

void TelnyxCall::emit_hangup(TelnyxHangup why, TimePoint now) {
  JsonWriter json = event_payload(true);
  json.field("state", "hangup")
      .field("start_time", start_time_)
      .field("end_time", wall_.iso(now))
      .field("hangup_cause", why.cause)
      .field("hangup_source", why.source)
      .field("sip_hangup_cause", why.sip);
  json.key("call_quality_stats");
  if (!media_.answered_at()) {
    json.null();
  } else {
    const std::string packets = std::to_string(duration(now).count() / 20);
    json.object().key("inbound").object();
    json.field("jitter_max_variance", "0.00")
        .field("jitter_packet_count", "0")
        .field("mos", "4.50");
    json.field("packet_count", packets).field("skip_packet_count", "0").end();
    json.key("outbound").object();
    json.field("packet_count", packets).field("skip_packet_count", "0").end().end();
  }
  add_empty_lists(json);
  emit("call.hangup", json, now);
}

void TelnyxCall::emit_amd(std::string_view event, std::string_view result, TimePoint now) {
  const bool premium = setup_.amd_mode.rfind("premium", 0) == 0;
  JsonWriter json = event_payload(true);
  json.field("result", premium ? result : plain_amd_result(result));
  emit((premium ? "call.machine.premium." : "call.machine.") + std::string(event), json, now);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
