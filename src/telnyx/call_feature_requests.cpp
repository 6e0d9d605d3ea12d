#include "voicebridge/telnyx/call_feature_requests.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "call_writers.hpp"
#include "request_parts.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kMaxSipInfo = 1400;
constexpr std::array<std::string_view, 8> kHostedActions = {
    "ai_assistant_start",      "ai_assistant_stop",
    "ai_assistant_join",       "ai_assistant_add_messages",
    "gather_using_ai",         "conversation_relay_start",
    "conversation_relay_stop", "pay"};

void write_prompted(RequestBody& body, const PromptedGather& request) {
  body.number("maximum_tries", request.maximum_tries, 1, kMost);
  body.duration("inter_digit_timeout_millis", request.inter_digit_timeout, 1, kMost);
  body.duration("timeout_millis", request.timeout, 1, kMost);
  write_digits(body, request);
  write_command(body, request);
}

/// "udp:192.0.2.1:9000"
void write_fork_target(RequestBody& body, std::string_view key, std::string_view target) {
  body.check(target.empty() || target.substr(0, 4) == "udp:", key,
             "must be like udp:192.0.2.1:9000");
  body.text(key, target);
}

}  // namespace

void write(RequestBody& body, const GatherUsingSpeakRequest& request) {
  body.required("payload", request.payload, kMaxSpeechCharacters);
  body.required("voice", request.voice);
  body.text("invalid_payload", request.invalid_payload, kMaxSpeechCharacters);
  body.choice("payload_type", request.payload_type);
  body.choice("service_level", request.service_level);
  body.text("language", request.language);
  body.object("voice_settings", request.voice_settings);
  write_prompted(body, request);
}

void write(RequestBody& body, const GatherUsingAudioRequest& request) {
  body.check(!request.audio_url.empty() || !request.media_name.empty(), "audio_url",
             "or media_name is required");
  write_audio(body, request.audio_url, request.media_name);
  body.check(request.invalid_audio_url.empty() || request.invalid_media_name.empty(),
             "invalid_media_name", "cannot be used together with invalid_audio_url");
  body.web_url("invalid_audio_url", request.invalid_audio_url);
  body.text("invalid_media_name", request.invalid_media_name);
  write_prompted(body, request);
}

void write(RequestBody& body, const SendSipInfoRequest& request) {
  body.required("content_type", request.content_type);
  body.required("body", request.body, kMaxSipInfo);
  write_command(body, request);
}

void write(RequestBody& body, const ReferRequest& request) {
  const bool is_sip =
      request.sip_address.substr(0, 4) == "sip:" || request.sip_address.substr(0, 5) == "sips:";
  body.check(is_sip, "sip_address", "must be a SIP URI");
  body.required("sip_address", request.sip_address);
  body.text("sip_auth_username", request.sip_auth_username);
  body.text("sip_auth_password", request.sip_auth_password.reveal());
  write_sip_headers(body, request.custom_headers, request.sip_headers);
  write_command(body, request);
}

void write(RequestBody& body, const ForkStartRequest& request) {
  body.check(!request.rx.empty() || !request.tx.empty(), "rx", "or tx is required");
  write_fork_target(body, "rx", request.rx);
  write_fork_target(body, "tx", request.tx);
  body.text("stream_type", "decrypted");
  write_command(body, request);
}

void write(RequestBody& body, const ForkStopRequest& request) {
  body.text("stream_type", "decrypted");
  write_command(body, request);
}

void write(RequestBody& body, const EnqueueRequest& request) {
  body.required("queue_name", request.queue_name);
  body.number("max_size", request.max_size, 1, kMost);
  body.duration("max_wait_time_secs", request.max_wait, 1, kMost);
  body.flag("keep_after_hangup", request.keep_after_hangup);
  write_command(body, request);
}

void write(RequestBody& body, const SuppressionStartRequest& request) {
  body.choice("direction", request.direction);
  body.choice("noise_suppression_engine", request.engine);
  body.object("noise_suppression_engine_config", request.engine_config);
  write_command(body, request);
}

void write(RequestBody& body, const TranscriptionStartRequest& request) {
  write_transcription(body, request.transcription);
  write_command(body, request);
}

/// Alone among the commands it takes no command_id.
void write(RequestBody& body, const SiprecStartRequest& request) {
  body.text("connector_name", request.connector_name);
  body.choice("siprec_track", request.track);
  body.flag("include_metadata_custom_headers", request.include_metadata_custom_headers);
  body.flag("secure", request.secure);
  body.duration("session_timeout_secs", request.session_timeout, 1, kMost);
  if (request.sip_transport) {
    static constexpr std::array<std::string_view, 3> kTransports = {"udp", "tcp", "tls"};
    body.text("sip_transport", kTransports[static_cast<std::size_t>(*request.sip_transport)]);
  }
  body.encoded("client_state", request.client_state);
}

void write(RequestBody& body, const SwitchSupervisorRoleRequest& request) {
  body.check(request.role != SupervisorRole::none, "role", "must be barge, whisper or monitor");
  body.choice("role", std::optional(request.role));
}

void write(RequestBody& body, const ClientStateUpdateRequest& request) {
  body.encoded("client_state", request.client_state);
}

void write(RequestBody& body, const HostedActionRequest& request) {
  body.check(std::find(kHostedActions.begin(), kHostedActions.end(), request.action) !=
                 kHostedActions.end(),
             "action", "is none of those that Telnyx hosts");
  if (!request.parameters.empty()) {
    const auto parameters = Json::parse(request.parameters);
    const bool is_object = parameters && parameters->root().is_object();
    body.check(is_object, "parameters", "must be a JSON object");
    if (is_object) {
      for (const JsonView::Member& member : parameters->root().members()) {
        body.check(member.key != "client_state" && member.key != "command_id", member.key,
                   "has a member of its own");
        body.json().key(member.key).value(member.value);
      }
    }
  }
  write_command(body, request);
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
