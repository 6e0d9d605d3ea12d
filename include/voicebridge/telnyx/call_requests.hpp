#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/error.hpp"
#include "voicebridge/telnyx/call_types.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// Whether a command that finds its call over (90018) has what it wanted.
enum class AfterEnd { fails, succeeds };

/// What every command may carry.
struct Command {
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::fails;
  static constexpr bool kRepeatable = true;  ///< Harmless when it arrives twice.

  /// Plain text of ours, base64 on the wire. Comes back with every later event of the leg; the last
  /// command that carries one wins. Not set: it stays as it is.
  std::optional<std::string> client_state;
  /// The key of idempotency: Telnyx ignores a second command of the same id for the same leg.
  /// Empty: one is made.
  std::string command_id;
};

/// POST /v2/calls
struct DialRequest : Command {
  std::string connection_id;      ///< Required: the id of the Call Control application.
  std::vector<std::string> to;    ///< Required: +E.164 or SIP URI; several ring at once.
  std::string from;               ///< Required: +E.164 of the account, or a SIP user.
  std::string from_display_name;  ///< At most 128 of letters, digits, space and -_~!.+
  std::optional<std::chrono::seconds> timeout;  ///< Of ringing, 5 … 600; default 30
  /// Other routes are tried after `timeout`; false: one attempt. default true
  std::optional<bool> retry_on_timeout;
  std::optional<std::chrono::seconds> time_limit;     ///< Of the call, 30 … 14400; default 14400
  std::optional<MachineDetection> machine_detection;  ///< Who picks up, and how it is found out.
  std::optional<MachineDetectionConfig> machine_detection_config;  ///< Finer settings of that.
  std::optional<StreamParameters> stream;                          ///< The media socket.
  /// Opens the media socket before the phone rings.
  std::optional<bool> stream_establish_before_call_originate;
  /// Keeps RTP alive while nothing plays; true for agents. default false
  std::optional<bool> send_silence_when_idle;
  std::optional<WebhookParameters> webhooks;  ///< Where events of the leg go.
  std::optional<RecordParameters> record;     ///< Records from the answer on.
  std::string link_to;                   ///< call_control_id of the leg to share a session with.
  std::optional<bool> bridge_intent;     ///< Needs link_to.
  std::optional<bool> bridge_on_answer;  ///< Needs link_to.
  bool park_after_unbridge = false;      ///< Stays when the peer leaves. Needs link_to.
  std::optional<bool> prevent_double_bridge;       ///< Refuses legs that are bridged already.
  std::optional<ConferenceParameters> conference;  ///< Joins it at the answer.
  std::string supervise;                           ///< call_control_id of the leg to listen in on.
  std::optional<SupervisorRole> supervisor_role;   ///< default barge; not `none`
  std::string audio_url;                           ///< Played at the answer; not with media_name.
  std::string media_name;             ///< Of a file kept at Telnyx; not with audio_url.
  std::string send_digits_on_answer;  ///< At most 64 of 0-9 A-D * #, w: 0.5 s, W: 1 s
  std::string preferred_codecs;       ///< In order: "PCMA,PCMU"
  std::optional<MediaEncryption> media_encryption;       ///< Of the leg's RTP.
  std::optional<SipTransport> sip_transport;             ///< How it is signalled.
  std::optional<SipRegion> sip_region;                   ///< Where the call leaves Telnyx.
  std::vector<SipHeader> custom_headers;                 ///< SIP headers of ours.
  std::vector<SipHeader> sip_headers;                    ///< Name "User-to-User" only.
  std::string sip_auth_username;                         ///< Of the SIP address.
  Secret sip_auth_password;                              ///< Of the SIP address.
  bool hide_caller_id = false;                           ///< privacy "id"
  std::optional<SoundModifications> sound;               ///< How voices are changed.
  std::optional<DeepfakeDetection> deepfake_detection;   ///< Looks for synthetic voices.
  std::optional<TranscriptionParameters> transcription;  ///< From the answer on.
  std::string billing_group_id;                          ///< Who pays.
};

/// actions/answer. Takes no sampling rate and no token for the stream: answer, then
/// `StreamingStartRequest`.
struct AnswerRequest : Command {
  static constexpr std::string_view kAction = "answer";  ///< On the wire.
  std::optional<StreamParameters> stream;                ///< The media socket.
  std::optional<bool> send_silence_when_idle;            ///< default false
  std::optional<WebhookParameters> webhooks;             ///< Where events of the leg go.
  std::optional<RecordParameters> record;                ///< Records from the answer on.
  std::string preferred_codecs;                          ///< In order: "PCMA,PCMU"
  std::vector<SipHeader> custom_headers;                 ///< SIP headers of ours.
  std::vector<SipHeader> sip_headers;                    ///< Standard SIP headers.
  std::optional<SoundModifications> sound;               ///< How voices are changed.
  std::optional<DeepfakeDetection> deepfake_detection;   ///< Looks for synthetic voices.
  std::optional<TranscriptionParameters> transcription;  ///< From the answer on.
  std::string billing_group_id;                          ///< Who pays.
};

/// actions/reject
struct RejectRequest : Command {
  static constexpr std::string_view kAction = "reject";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  RejectCause cause = RejectCause::call_rejected;  ///< Told to the caller's side.
};

/// actions/hangup
struct HangupRequest : Command {
  static constexpr std::string_view kAction = "hangup";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  std::vector<SipHeader> custom_headers;  ///< Of the BYE.
};

/// actions/speak
struct SpeakRequest : Command {
  static constexpr std::string_view kAction = "speak";  ///< On the wire.
  std::string payload;                                  ///< Required: at most 3000 characters.
  std::string voice;  ///< Required: "AWS.Polly.Joanna-Neural", "Telnyx.KokoroTTS.af" …
  std::optional<SpeakPayload> payload_type;   ///< Plain text or SSML.
  std::optional<ServiceLevel> service_level;  ///< Which voices.
  std::string language;                       ///< BCP 47; not for Polly voices.
  std::optional<StopScope> stop;              ///< The stream is over.
  std::optional<Loop> loop;                   ///< How often it is played.
  std::optional<TargetLegs> target_legs;      ///< default self
  std::string voice_settings;                 ///< JSON object, by the provider of the voice.
};

/// actions/playback_start. Exactly one of audio_url, media_name and content.
struct PlaybackStartRequest : Command {
  static constexpr std::string_view kAction = "playback_start";  ///< On the wire.
  std::string audio_url;                                         ///< Of a file to be played.
  std::string media_name;                  ///< Of a file kept at Telnyx; not with audio_url.
  Bytes content;                           ///< An mp3 or wav file; base64 on the wire.
  std::optional<RecordFormat> audio_type;  ///< default mp3
  std::optional<bool> cache_audio;         ///< default true
  std::optional<Loop> loop;                ///< How often it is played.
  std::optional<bool> overlay;             ///< Mixed over what is playing; default false
  std::optional<StopScope> stop;           ///< The stream is over.
  std::optional<TargetLegs> target_legs;   ///< default self
};

/// actions/playback_stop
struct PlaybackStopRequest : Command {
  static constexpr std::string_view kAction = "playback_stop";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  std::optional<StopScope> stop;  ///< default all
  std::optional<bool> overlay;    ///< default false
};

/// actions/send_dtmf
struct SendDtmfRequest : Command {
  static constexpr std::string_view kAction = "send_dtmf";  ///< On the wire.
  std::string digits;                                 ///< Required: 0-9 A-D * #, w: 0.5 s, W: 1 s
  std::optional<std::chrono::milliseconds> duration;  ///< Of each, 100 … 500; default 250
};

/// actions/streaming_start
struct StreamingStartRequest : Command {
  static constexpr std::string_view kAction = "streaming_start";  ///< On the wire.
  StreamParameters stream;                                        ///< `url` is required.
  std::map<std::string, std::string> custom_parameters;           ///< Come back in `start`.
};

/// actions/streaming_stop
struct StreamingStopRequest : Command {
  static constexpr std::string_view kAction = "streaming_stop";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  std::string stream_id;  ///< Empty: all.
};

/// actions/transfer: rings `to` and bridges blindly; when that fails this leg goes on.
struct TransferRequest : Command {
  static constexpr std::string_view kAction = "transfer";  ///< On the wire.
  std::string to;                                          ///< Required.
  std::string from;                                        ///< Default: the original destination.
  std::string from_display_name;                           ///< What the callee's phone shows.
  std::string audio_url;            ///< Played to the target before bridging; not with media_name.
  std::string media_name;           ///< Of a file kept at Telnyx; not with audio_url.
  std::optional<bool> early_media;  ///< default true
  std::optional<std::chrono::seconds> timeout;        ///< 5 … 600; default 30
  std::optional<std::chrono::seconds> time_limit;     ///< 30 … 14400; default 14400
  std::optional<MachineDetection> machine_detection;  ///< Who picks up, and how it is found out.
  std::optional<MachineDetectionConfig> machine_detection_config;  ///< Finer settings of that.
  std::optional<std::string> target_leg_client_state;  ///< Plain text; seeds the new leg.
  bool park_after_unbridge = false;                    ///< Stays when the peer leaves.
  std::optional<MuteDtmf> mute_dtmf;                   ///< Who hears no keys.
  std::optional<WebhookParameters> webhooks;           ///< Where events of the leg go.
  std::optional<RecordParameters> record;              ///< Records from the answer on.
  std::optional<MediaEncryption> media_encryption;     ///< Of the leg's RTP.
  std::string preferred_codecs;                        ///< In order: "PCMA,PCMU"
  bool hide_caller_id = false;                         ///< privacy "id"
  std::string send_digits_on_answer;                   ///< As in `DialRequest`.
  std::optional<SipTransport> sip_transport;           ///< How it is signalled.
  std::optional<SipRegion> sip_region;                 ///< Where the call leaves Telnyx.
  std::string sip_auth_username;                       ///< Of the SIP address.
  Secret sip_auth_password;                            ///< Of the SIP address.
  std::optional<SoundModifications> sound;             ///< How voices are changed.
  std::vector<SipHeader> custom_headers;               ///< SIP headers of ours.
  std::vector<SipHeader> sip_headers;                  ///< Standard SIP headers.
};

/// actions/bridge
struct BridgeRequest : Command {
  static constexpr std::string_view kAction = "bridge";  ///< On the wire.
  std::string call_control_id;                           ///< Required: the other leg.
  std::string queue;                                     ///< The next call of a queue instead.
  std::string video_room_id;                             ///< A video room instead.
  std::string video_room_context;                        ///< Passed on to a video room.
  std::optional<bool> hold_after_unbridge;               ///< Keeps this leg when the other leaves.
  bool park_after_unbridge = false;                      ///< The same, parked.
  std::optional<bool> play_ringtone;                     ///< default false
  std::string ringtone;                                  ///< Country: "us", "fr" …
  std::optional<MuteDtmf> mute_dtmf;                     ///< Who hears no keys.
  std::optional<bool> prevent_double_bridge;             ///< Refuses legs that are bridged already.
  std::optional<RecordParameters> record;                ///< Records from the answer on.
};

/// actions/record_start
struct RecordStartRequest : Command {
  static constexpr std::string_view kAction = "record_start";  ///< On the wire.
  RecordFormat format = RecordFormat::mp3;                     ///< Of the file.
  RecordChannels channels = RecordChannels::dual;  ///< Whether each side has a channel of its own.
  std::optional<bool> play_beep;                   ///< Before the recording begins.
  std::optional<std::chrono::seconds> max_length;  ///< 0 … 14400; default 0, without end
  std::optional<std::chrono::seconds> timeout;     ///< Silence that ends it; default 0, never
  std::optional<RecordTrack> track;                ///< Which side.
  bool trim_silence = false;                       ///< Whether silence at both ends is left out.
  std::string custom_file_name;                    ///< 1 … 40 characters
  std::optional<bool> transcription;   ///< `call.recording.transcription.saved`; default false
  std::string transcription_engine;    ///< "A", "B", "deepgram/nova-3"
  std::string transcription_language;  ///< BCP 47; default en-US
};

/// actions/record_stop
struct RecordStopRequest : Command {
  static constexpr std::string_view kAction = "record_stop";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
  std::string recording_id;  ///< Empty: the current one.
};

/// actions/record_pause
struct RecordPauseRequest : Command {
  static constexpr std::string_view kAction = "record_pause";  ///< On the wire.
  std::string recording_id;                                    ///< Empty: the current one.
};

/// actions/record_resume
struct RecordResumeRequest : Command {
  static constexpr std::string_view kAction = "record_resume";  ///< On the wire.
  std::string recording_id;                                     ///< Empty: the current one.
};

/// actions/gather: collects digits; `call.gather.ended` tells them.
struct GatherRequest : Command {
  static constexpr std::string_view kAction = "gather";          ///< On the wire.
  std::string gather_id;                                         ///< At most 40 characters.
  std::optional<std::chrono::milliseconds> initial_timeout;      ///< default 5000
  std::optional<std::chrono::milliseconds> inter_digit_timeout;  ///< default 5000
  std::optional<std::chrono::milliseconds> timeout;              ///< Of the whole; default 60000
  std::optional<int> minimum_digits;                             ///< 1 … 128; default 1
  std::optional<int> maximum_digits;                             ///< 1 … 128; default 128
  std::optional<char> terminating_digit;                         ///< default #
  std::string valid_digits;                                      ///< default 0123456789#*
};

/// actions/gather_stop
struct GatherStopRequest : Command {
  static constexpr std::string_view kAction = "gather_stop";  ///< On the wire.
  /// Whether a command that finds its call over has what it wanted.
  static constexpr AfterEnd kAfterEnd = AfterEnd::succeeds;
};

/// The body of a request, checked first.
/// @return `Errc::invalid_argument`; `Error::field` is the name on the wire, such as
/// "timeout_secs".
VOICEBRIDGE_API Result<std::string> to_json(const DialRequest& request);

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
