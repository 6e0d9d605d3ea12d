#include "voicebridge/telnyx/call_requests.hpp"

#include <limits>

#include "request_parts.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge::telnyx {
namespace {

constexpr std::string_view kKeypad = "0123456789ABCD*#";
constexpr std::size_t kMaxSpeech = 3000;
constexpr std::size_t kMaxName = 40;
constexpr std::int64_t kMaxMillis = std::numeric_limits<std::int32_t>::max();

void write_destinations(RequestBody& body, const std::vector<std::string>& to) {
  body.check(!to.empty(), "to", "is required");
  for (const std::string& one : to) {
    body.check(is_destination(one), "to", "must be a number in +E.164 form or a SIP URI");
  }
  if (to.size() == 1) return body.text("to", to.front());
  body.json().key("to").array();
  for (const std::string& one : to) body.json().string(one);
  body.json().end();
}

void write_linking(RequestBody& body, const DialRequest& request) {
  const bool linked = !request.link_to.empty();
  body.text("link_to", request.link_to);
  body.check(linked || !request.bridge_intent.value_or(false), "bridge_intent", "needs link_to");
  body.flag("bridge_intent", request.bridge_intent);
  body.check(linked || !request.bridge_on_answer.value_or(false), "bridge_on_answer",
             "needs link_to");
  body.flag("bridge_on_answer", request.bridge_on_answer);
  body.check(linked || !request.park_after_unbridge, "park_after_unbridge", "needs link_to");
  if (request.park_after_unbridge) body.text("park_after_unbridge", "self");
  body.flag("prevent_double_bridge", request.prevent_double_bridge);
}

void write_sip(RequestBody& body, const DialRequest& request) {
  body.text("preferred_codecs", request.preferred_codecs);
  body.choice("media_encryption", request.media_encryption);
  body.choice("sip_transport_protocol", request.sip_transport);
  body.choice("sip_region", request.sip_region);
  write_sip_headers(body, request.custom_headers, request.sip_headers);
  body.text("sip_auth_username", request.sip_auth_username);
  body.text("sip_auth_password", request.sip_auth_password.reveal());
  if (request.hide_caller_id) body.text("privacy", "id");
}

}  // namespace

Result<std::string> to_json(const DialRequest& request) {
  RequestBody body;
  body.required("connection_id", request.connection_id);
  write_destinations(body, request.to);
  body.check(is_caller(request.from), "from", "must be a number in +E.164 form or a SIP user");
  body.required("from", request.from);
  write_display_name(body, request.from_display_name);
  write_call_limits(body, request.timeout, request.time_limit);
  write_machine_detection(body, request.machine_detection, request.machine_detection_config);
  if (request.stream) {
    write_stream(body, *request.stream);
    write_stream_extras(body, *request.stream);
  }
  body.check(request.stream || !request.stream_establish_before_call_originate.value_or(false),
             "stream_establish_before_call_originate", "needs stream_url");
  body.flag("stream_establish_before_call_originate",
            request.stream_establish_before_call_originate);
  body.flag("send_silence_when_idle", request.send_silence_when_idle);
  write_webhooks(body, request.webhooks);
  write_record(body, request.record);
  write_linking(body, request);
  write_audio(body, request.audio_url, request.media_name);
  body.of_characters("send_digits_on_answer", request.send_digits_on_answer, kDtmfCharacters, 64);
  write_sip(body, request);
  body.text("billing_group_id", request.billing_group_id);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const AnswerRequest& request) {
  RequestBody body;
  if (request.stream) {
    body.check(request.stream->auth_token.empty(), "stream_auth_token",
               "is not taken by answer: use streaming_start");
    body.check(request.stream->bidirectional_sampling_rate.value_or(8000) == 8000,
               "stream_bidirectional_sampling_rate", "is not taken by answer: use streaming_start");
    write_stream(body, *request.stream);
  }
  body.flag("send_silence_when_idle", request.send_silence_when_idle);
  write_webhooks(body, request.webhooks);
  write_record(body, request.record);
  body.text("preferred_codecs", request.preferred_codecs);
  write_sip_headers(body, request.custom_headers, request.sip_headers);
  body.text("billing_group_id", request.billing_group_id);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const RejectRequest& request) {
  RequestBody body;
  body.choice("cause", std::optional(request.cause));
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const HangupRequest& request) {
  RequestBody body;
  body.headers("custom_headers", request.custom_headers);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const SpeakRequest& request) {
  RequestBody body;
  body.required("payload", request.payload, kMaxSpeech);
  body.required("voice", request.voice);
  body.choice("payload_type", request.payload_type);
  body.choice("service_level", request.service_level);
  body.text("language", request.language);
  body.choice("stop", request.stop);
  body.loop(request.loop);
  body.choice("target_legs", request.target_legs);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const PlaybackStartRequest& request) {
  RequestBody body;
  const int sources = int{!request.audio_url.empty()} + int{!request.media_name.empty()} +
                      int{!request.content.empty()};
  body.check(sources == 1, "audio_url", "or else media_name or playback_content: exactly one");
  write_audio(body, request.audio_url, request.media_name);
  body.text("playback_content", base64_encode(request.content));
  body.choice("audio_type", request.audio_type);
  body.flag("cache_audio", request.cache_audio);
  body.loop(request.loop);
  body.flag("overlay", request.overlay);
  body.choice("stop", request.stop);
  body.choice("target_legs", request.target_legs);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const PlaybackStopRequest& request) {
  RequestBody body;
  body.choice("stop", request.stop);
  body.flag("overlay", request.overlay);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const SendDtmfRequest& request) {
  RequestBody body;
  body.check(!request.digits.empty(), "digits", "is required");
  body.of_characters("digits", request.digits, kDtmfCharacters, RequestBody::kAnyLength);
  body.duration("duration_millis", request.duration, 100, 500);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const StreamingStartRequest& request) {
  RequestBody body;
  write_stream(body, request.stream);
  write_stream_extras(body, request.stream);
  body.named_values("custom_parameters", request.custom_parameters);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const StreamingStopRequest& request) {
  RequestBody body;
  body.text("stream_id", request.stream_id);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const TransferRequest& request) {
  RequestBody body;
  body.check(is_destination(request.to), "to", "must be a number in +E.164 form or a SIP URI");
  body.required("to", request.to);
  body.check(is_caller(request.from), "from", "must be a number in +E.164 form or a SIP user");
  body.text("from", request.from);
  write_display_name(body, request.from_display_name);
  write_audio(body, request.audio_url, request.media_name);
  body.flag("early_media", request.early_media);
  write_call_limits(body, request.timeout, request.time_limit);
  write_machine_detection(body, request.machine_detection, request.machine_detection_config);
  body.encoded("target_leg_client_state", request.target_leg_client_state);
  if (request.park_after_unbridge) body.text("park_after_unbridge", "self");
  body.choice("mute_dtmf", request.mute_dtmf);
  write_webhooks(body, request.webhooks);
  write_record(body, request.record);
  write_sip_headers(body, request.custom_headers, request.sip_headers);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const BridgeRequest& request) {
  RequestBody body;
  body.required("call_control_id", request.call_control_id);
  body.flag("hold_after_unbridge", request.hold_after_unbridge);
  if (request.park_after_unbridge) body.text("park_after_unbridge", "self");
  body.flag("play_ringtone", request.play_ringtone);
  body.text("ringtone", request.ringtone);
  body.choice("mute_dtmf", request.mute_dtmf);
  body.flag("prevent_double_bridge", request.prevent_double_bridge);
  write_record(body, request.record);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const RecordStartRequest& request) {
  RequestBody body;
  body.choice("format", std::optional(request.format));
  body.choice("channels", std::optional(request.channels));
  body.flag("play_beep", request.play_beep);
  body.duration("max_length", request.max_length, 0, 14400);
  body.duration("timeout_secs", request.timeout, 0, kMaxMillis);
  body.choice("recording_track", request.track);
  if (request.trim_silence) body.text("trim", "trim-silence");
  body.text("custom_file_name", request.custom_file_name, kMaxName);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const RecordStopRequest& request) {
  RequestBody body;
  body.text("recording_id", request.recording_id);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const GatherRequest& request) {
  RequestBody body;
  body.text("gather_id", request.gather_id, kMaxName);
  body.duration("initial_timeout_millis", request.initial_timeout, 1, kMaxMillis);
  body.duration("inter_digit_timeout_millis", request.inter_digit_timeout, 1, kMaxMillis);
  body.duration("timeout_millis", request.timeout, 1, kMaxMillis);
  body.number("minimum_digits", request.minimum_digits, 1, 128);
  body.number("maximum_digits", request.maximum_digits, 1, 128);
  body.check(request.minimum_digits.value_or(1) <= request.maximum_digits.value_or(128),
             "minimum_digits", "must not exceed maximum_digits");
  if (request.terminating_digit) {
    body.of_characters("terminating_digit", {&*request.terminating_digit, 1}, kKeypad, 1);
  }
  body.of_characters("valid_digits", request.valid_digits, kKeypad, kKeypad.size());
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const GatherStopRequest& request) {
  RequestBody body;
  write_command(body, request);
  return body.finish();
}

}  // namespace voicebridge::telnyx
