#include "voicebridge/telnyx/conference_requests.hpp"

#include "request_parts.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

constexpr std::int64_t kLongestConferenceMinutes = 240;

void write_calls(RequestBody& body, const std::vector<std::string>& calls) {
  body.texts("call_control_ids", calls);
}

void write(RequestBody& body, const JoinConferenceRequest& request) {
  body.required("call_control_id", request.call_control_id);
  body.encoded("client_state", request.client_state);
  body.choice("beep_enabled", request.beep);
  body.flag("mute", request.mute);
  body.flag("hold", request.hold);
  write_hold_audio(body, request.hold_audio_url, request.hold_media_name);
  body.flag("start_conference_on_enter", request.start_conference_on_enter);
  body.flag("end_conference_on_exit", request.end_conference_on_exit);
  body.flag("soft_end_conference_on_exit", request.soft_end_conference_on_exit);
  body.choice("supervisor_role", request.supervisor_role);
  body.texts("whisper_call_control_ids", request.whisper_call_control_ids);
}

void write(RequestBody& body, const LeaveConferenceRequest& request) {
  body.required("call_control_id", request.call_control_id);
  body.choice("beep_enabled", request.beep);
}

void write(RequestBody& body, const HoldRequest& request) {
  write_calls(body, request.call_control_ids);
  write_audio(body, request.audio_url, request.media_name);
}

void write(RequestBody& body, const UnholdRequest& request) {
  body.check(!request.call_control_ids.empty(), "call_control_ids", "is required");
  write_calls(body, request.call_control_ids);
}

void write(RequestBody& body, const MuteRequest& request) {
  write_calls(body, request.call_control_ids);
}

void write(RequestBody& body, const UnmuteRequest& request) {
  write_calls(body, request.call_control_ids);
}

void write(RequestBody& body, const UpdateSupervisorRequest& request) {
  body.required("call_control_id", request.call_control_id);
  body.choice("supervisor_role", std::optional(request.supervisor_role));
  body.texts("whisper_call_control_ids", request.whisper_call_control_ids);
}

void write(RequestBody& body, const ConferencePlayRequest& request) {
  body.check(!request.audio_url.empty() || !request.media_name.empty(), "audio_url",
             "or media_name is required");
  write_audio(body, request.audio_url, request.media_name);
  body.loop(request.loop);
  write_calls(body, request.call_control_ids);
}

void write(RequestBody& body, const ConferenceSpeakRequest& request) {
  body.required("payload", request.payload, kMaxSpeechCharacters);
  body.required("voice", request.voice);
  body.choice("payload_type", request.payload_type);
  body.text("language", request.language);
  body.object("voice_settings", request.voice_settings);
  write_calls(body, request.call_control_ids);
}

void write(RequestBody& body, const ConferenceStopRequest& request) {
  write_calls(body, request.call_control_ids);
}

void write(RequestBody& body, const ConferenceRecordStartRequest& request) {
  body.choice("format", std::optional(request.format));
  body.choice("channels", request.channels);
  body.flag("play_beep", request.play_beep);
  if (request.trim_silence) body.text("trim", "trim-silence");
  body.text("custom_file_name", request.custom_file_name, 40);
}

template <class Request>
void write_recording(RequestBody& body, const Request& request) {
  body.text("recording_id", request.recording_id);
}
void write(RequestBody& body, const ConferenceRecordStopRequest& request) {
  write_recording(body, request);
}
void write(RequestBody& body, const ConferenceRecordPauseRequest& request) {
  write_recording(body, request);
}
void write(RequestBody& body, const ConferenceRecordResumeRequest& request) {
  write_recording(body, request);
}

void write(RequestBody& body, const ConferenceSendDtmfRequest& request) {
  body.check(!request.digits.empty(), "digits", "is required");
  body.of_characters("digits", request.digits, kDtmfCharacters, RequestBody::kAnyLength);
  body.duration("duration_millis", request.duration, 100, 500);
  write_calls(body, request.call_control_ids);
}

void write(RequestBody&, const EndConferenceRequest&) {}

template <class Request>
constexpr bool kTakesRegion = !std::is_same_v<Request, ConferenceSendDtmfRequest> &&
                              !std::is_same_v<Request, EndConferenceRequest>;

template <class Request>
void write_whole(RequestBody& body, const Request& request) {
  write(body, request);
  if constexpr (kTakesRegion<Request>) body.choice("region", request.region);
  if constexpr (std::is_base_of_v<IdentifiedConferenceCommand, Request>)
    body.text("command_id", request.command_id);
}

}  // namespace

Result<std::string> to_json(const CreateConferenceRequest& request) {
  RequestBody body;
  body.required("call_control_id", request.call_control_id);
  body.required("name", request.name);
  body.choice("beep_enabled", request.beep);
  body.flag("comfort_noise", request.comfort_noise);
  body.duration("duration_minutes", request.duration, 1, kLongestConferenceMinutes);
  write_hold_audio(body, request.hold_audio_url, request.hold_media_name);
  body.number("max_participants", request.max_participants, 2, 800);
  body.choice("region", request.region);
  body.flag("start_conference_on_create", request.start_conference_on_create);
  write_command(body, request);
  return body.finish();
}

Result<std::string> to_json(const UpdateParticipantRequest& request) {
  RequestBody body;
  body.choice("beep_enabled", request.beep);
  body.flag("end_conference_on_exit", request.end_conference_on_exit);
  body.flag("soft_end_conference_on_exit", request.soft_end_conference_on_exit);
  return body.finish();
}

Result<std::string> to_json(const ConferenceCommand& command) {
  RequestBody body;
  std::visit([&](const auto& request) { write_whole(body, request); }, command);
  return body.finish();
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
