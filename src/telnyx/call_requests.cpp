#include "voicebridge/telnyx/call_requests.hpp"

#include <limits>

#include "call_writers.hpp"
#include "request_parts.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

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

/// Of the leg that Dial and transfer make.
template <class Request>
void write_sip(RequestBody& body, const Request& request) {
  body.text("preferred_codecs", request.preferred_codecs);
  body.choice("media_encryption", request.media_encryption);
  body.choice("sip_transport_protocol", request.sip_transport);
  body.choice("sip_region", request.sip_region);
  write_sip_headers(body, request.custom_headers, request.sip_headers);
  body.text("sip_auth_username", request.sip_auth_username);
  body.text("sip_auth_password", request.sip_auth_password.reveal());
  if (request.hide_caller_id) body.text("privacy", "id");
  body.of_characters("send_digits_on_answer", request.send_digits_on_answer, kDtmfCharacters, 64);
  write_sound(body, request.sound);
}

void write_supervision(RequestBody& body, const DialRequest& request) {
  body.text("supervise_call_control_id", request.supervise);
  body.check(!request.supervise.empty() || !request.supervisor_role, "supervisor_role",
             "needs supervise_call_control_id");
  body.check(request.supervisor_role != SupervisorRole::none, "supervisor_role",
             "must be barge, whisper or monitor");
  body.choice("supervisor_role", request.supervisor_role);
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
  body.flag("retry_on_timeout", request.retry_on_timeout);
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
  write_conference(body, request.conference);
  write_supervision(body, request);
  write_sip(body, request);
  write_deepfake_detection(body, request.deepfake_detection);
  write_transcription_at_answer(body, request.transcription);
  body.text("billing_group_id", request.billing_group_id);
  write_command(body, request);
  return body.finish();
}

void write(RequestBody& body, const AnswerRequest& request) {
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
  write_sound(body, request.sound);
  write_deepfake_detection(body, request.deepfake_detection);
  write_transcription_at_answer(body, request.transcription);
  body.text("billing_group_id", request.billing_group_id);
  write_command(body, request);
}

void write(RequestBody& body, const RejectRequest& request) {
  body.choice("cause", std::optional(request.cause));
  write_command(body, request);
}

void write(RequestBody& body, const HangupRequest& request) {
  body.headers("custom_headers", request.custom_headers);
  write_command(body, request);
}

void write(RequestBody& body, const SpeakRequest& request) {
  body.required("payload", request.payload, kMaxSpeechCharacters);
  body.required("voice", request.voice);
  body.choice("payload_type", request.payload_type);
  body.choice("service_level", request.service_level);
  body.text("language", request.language);
  body.choice("stop", request.stop);
  body.loop(request.loop);
  body.choice("target_legs", request.target_legs);
  body.object("voice_settings", request.voice_settings);
  write_command(body, request);
}

void write(RequestBody& body, const PlaybackStartRequest& request) {
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
}

void write(RequestBody& body, const PlaybackStopRequest& request) {
  body.choice("stop", request.stop);
  body.flag("overlay", request.overlay);
  write_command(body, request);
}

void write(RequestBody& body, const SendDtmfRequest& request) {
  body.check(!request.digits.empty(), "digits", "is required");
  body.of_characters("digits", request.digits, kDtmfCharacters, RequestBody::kAnyLength);
  body.duration("duration_millis", request.duration, 100, 500);
  write_command(body, request);
}

void write(RequestBody& body, const StreamingStartRequest& request) {
  write_stream(body, request.stream);
  write_stream_extras(body, request.stream);
  body.named_values("custom_parameters", request.custom_parameters);
  write_command(body, request);
}

void write(RequestBody& body, const StreamingStopRequest& request) {
  body.text("stream_id", request.stream_id);
  write_command(body, request);
}

void write(RequestBody& body, const TransferRequest& request) {
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
  write_sip(body, request);
  write_command(body, request);
}

void write(RequestBody& body, const BridgeRequest& request) {
  const int targets = int{!request.call_control_id.empty()} + int{!request.queue.empty()} +
                      int{!request.video_room_id.empty()};
  body.check(targets == 1, "call_control_id", "or else queue or video_room_id: exactly one");
  body.text("call_control_id", request.call_control_id);
  body.text("queue", request.queue);
  body.text("video_room_id", request.video_room_id);
  body.text("video_room_context", request.video_room_context);
  body.flag("hold_after_unbridge", request.hold_after_unbridge);
  if (request.park_after_unbridge) body.text("park_after_unbridge", "self");
  body.flag("play_ringtone", request.play_ringtone);
  body.text("ringtone", request.ringtone);
  body.choice("mute_dtmf", request.mute_dtmf);
  body.flag("prevent_double_bridge", request.prevent_double_bridge);
  write_record(body, request.record);
  write_command(body, request);
}

void write(RequestBody& body, const RecordStartRequest& request) {
  body.choice("format", std::optional(request.format));
  body.choice("channels", std::optional(request.channels));
  body.flag("play_beep", request.play_beep);
  body.duration("max_length", request.max_length, 0, 14400);
  body.duration("timeout_secs", request.timeout, 0, kMaxMillis);
  body.choice("recording_track", request.track);
  if (request.trim_silence) body.text("trim", "trim-silence");
  body.text("custom_file_name", request.custom_file_name, kMaxName);
  body.flag("transcription", request.transcription);
  body.text("transcription_engine", request.transcription_engine);
  body.text("transcription_language", request.transcription_language);
  write_command(body, request);
}

void write(RequestBody& body, const RecordStopRequest& request) {
  body.text("recording_id", request.recording_id);
  write_command(body, request);
}

void write(RequestBody& body, const RecordPauseRequest& request) {
  body.text("recording_id", request.recording_id);
  write_command(body, request);
}

void write(RequestBody& body, const RecordResumeRequest& request) {
  body.text("recording_id", request.recording_id);
  write_command(body, request);
}

void write(RequestBody& body, const GatherRequest& request) {
  body.text("gather_id", request.gather_id, kMaxName);
  body.duration("initial_timeout_millis", request.initial_timeout, 1, kMaxMillis);
  body.duration("inter_digit_timeout_millis", request.inter_digit_timeout, 1, kMaxMillis);
  body.duration("timeout_millis", request.timeout, 1, kMaxMillis);
  write_digits(body, request);
  write_command(body, request);
}

void write(RequestBody& body, const Command& request) { write_command(body, request); }

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
