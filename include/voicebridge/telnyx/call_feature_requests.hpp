#pragma once

#include "voicebridge/telnyx/call_requests.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

// The commands beside the everyday ones: prompts for keys, SIP, queues, forks, filters, hosted AI.

/// What the gather commands with a prompt have in common.
struct PromptedGather : Command {
  std::optional<int> maximum_tries;                              ///< default 3
  std::optional<std::chrono::milliseconds> inter_digit_timeout;  ///< default 5000
  std::optional<std::chrono::milliseconds> timeout;  ///< After the prompt; default 60000
  std::optional<int> minimum_digits;                 ///< 1 … 128; default 1
  std::optional<int> maximum_digits;                 ///< 1 … 128; default 128
  std::optional<char> terminating_digit;             ///< default #
  std::string valid_digits;                          ///< default 0123456789#*
};

/// actions/gather_using_speak
struct GatherUsingSpeakRequest : PromptedGather {
  static constexpr std::string_view kAction = "gather_using_speak";  ///< On the wire.
  std::string payload;                        ///< Required: at most 3000 characters.
  std::string voice;                          ///< Required.
  std::string invalid_payload;                ///< Said after a wrong input.
  std::optional<SpeakPayload> payload_type;   ///< Plain text or SSML.
  std::optional<ServiceLevel> service_level;  ///< Which voices.
  std::string language;                       ///< Of the voice.
  std::string voice_settings;                 ///< JSON object, by the provider of the voice.
};

/// actions/gather_using_audio
struct GatherUsingAudioRequest : PromptedGather {
  static constexpr std::string_view kAction = "gather_using_audio";  ///< On the wire.
  std::string audio_url;           ///< Or media_name: one of them is required.
  std::string media_name;          ///< Of a file kept at Telnyx; not with audio_url.
  std::string invalid_audio_url;   ///< Played after a wrong input; not with invalid_media_name.
  std::string invalid_media_name;  ///< Of a file kept at Telnyx, played after a wrong input.
};

/// actions/send_sip_info
struct SendSipInfoRequest : Command {
  static constexpr std::string_view kAction = "send_sip_info";  ///< On the wire.
  std::string content_type;                                     ///< Required.
  std::string body;                                             ///< Required: at most 1400 bytes.
};

/// actions/refer
struct ReferRequest : Command {
  static constexpr std::string_view kAction = "refer";  ///< On the wire.
  std::string sip_address;                              ///< Required: where the far party is sent.
  std::string sip_auth_username;                        ///< Of the SIP address.
  Secret sip_auth_password;                             ///< Of the SIP address.
  std::vector<SipHeader> custom_headers;                ///< SIP headers of ours.
  std::vector<SipHeader> sip_headers;                   ///< Standard SIP headers.
};

/// actions/fork_start: raw RTP by UDP. Ends a media stream, and is refused (90045) during one.
struct ForkStartRequest : Command {
  static constexpr std::string_view kAction = "fork_start";  ///< On the wire.
  std::string rx;  ///< "udp:192.0.2.1:9000"; what the far party says. One of the two is required.
  std::string tx;  ///< What it hears.
};

/// actions/fork_stop. The vendor's default stream type is not that of fork_start: it is written.
struct ForkStopRequest : Command {
  static constexpr std::string_view kAction = "fork_stop";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
};

/// actions/enqueue
struct EnqueueRequest : Command {
  static constexpr std::string_view kAction = "enqueue";  ///< On the wire.
  std::string queue_name;                                 ///< Required.
  std::optional<int> max_size;                            ///< When the queue is made; default 100
  std::optional<std::chrono::seconds> max_wait;           ///< default: without end
  std::optional<bool> keep_after_hangup;                  ///< default false
};

/// actions/leave_queue
struct LeaveQueueRequest : Command {
  static constexpr std::string_view kAction = "leave_queue";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
};

/// actions/suppression_start
struct SuppressionStartRequest : Command {
  static constexpr std::string_view kAction = "suppression_start";  ///< On the wire.
  std::optional<AudioDirection> direction;                          ///< default inbound
  std::optional<NoiseSuppressionEngine> engine;                     ///< default denoiser
  std::string engine_config;                                        ///< JSON object, by the engine.
};

/// actions/suppression_stop
struct SuppressionStopRequest : Command {
  static constexpr std::string_view kAction = "suppression_stop";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
};

/// actions/transcription_start
struct TranscriptionStartRequest : Command {
  static constexpr std::string_view kAction = "transcription_start";  ///< On the wire.
  TranscriptionParameters transcription;  ///< What is transcribed, and by whom.
};

/// actions/transcription_stop
struct TranscriptionStopRequest : Command {
  static constexpr std::string_view kAction = "transcription_stop";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
};

/// actions/siprec_start. Alone among these it takes no command_id: it is sent once.
struct SiprecStartRequest : Command {
  static constexpr bool kRepeatable = false;  ///< Whether it does no harm when it arrives twice.
  static constexpr std::string_view kAction = "siprec_start";  ///< On the wire.
  std::string connector_name;                           ///< Which connector gets the recording.
  std::optional<StreamTrack> track;                     ///< default both
  std::optional<bool> include_metadata_custom_headers;  ///< Whether SIPREC tells of our headers.
  std::optional<bool> secure;                           ///< SRTP.
  std::optional<std::chrono::seconds> session_timeout;  ///< default 1800
  std::optional<SipTransport> sip_transport;            ///< default udp
};

/// actions/siprec_stop
struct SiprecStopRequest : Command {
  static constexpr std::string_view kAction = "siprec_stop";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
};

/// actions/switch_supervisor_role, on the supervising leg. Has no command_id; repeating it is
/// harmless.
struct SwitchSupervisorRoleRequest {
  static constexpr std::string_view kAction = "switch_supervisor_role";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::fails;
  static constexpr bool kRepeatable = true;  ///< Whether it does no harm when it arrives twice.
  SupervisorRole role = SupervisorRole::monitor;  ///< Not `none`.
};

/// PUT actions/client_state_update. Has no command_id; repeating it is harmless.
struct ClientStateUpdateRequest {
  static constexpr std::string_view kAction = "client_state_update";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::fails;
  static constexpr bool kRepeatable = true;  ///< Whether it does no harm when it arrives twice.
  std::string client_state;                  ///< Plain text of ours.
};

/// The actions that hand a call to AI or payment hosted by Telnyx: ai_assistant_*, gather_using_ai,
/// conversation_relay_*, pay. They are not typed here: a call that voicebridge serves has no use
/// for them. The parameters go out as they are.
struct HostedActionRequest : Command {
  std::string action;      ///< One of the names above.
  std::string parameters;  ///< JSON object, without client_state and command_id; empty: none.
};

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
