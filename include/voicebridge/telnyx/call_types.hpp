#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/secret.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

// Values of the Voice API's fields. Where a field is not set Telnyx takes its own default, named
// here.

/// Answering_machine_detection; default disabled
enum class MachineDetection {
  disabled,
  premium,  ///< The vendor's recommendation.
  detect,
  detect_beep,
  detect_words,
  greeting_end,
  premium_ios_call_screening,  ///< Newer than the published schema.
};
/// What is sent to us; default inbound
enum class StreamTrack { inbound, outbound, both };
/// A codec on the media socket. `of_call`: the leg's own, only for what is sent to us.
enum class StreamCodec { of_call, pcmu, pcma, g722, opus, amr_wb, l16 };
/// Default mp3
enum class BidirectionalMode { mp3, rtp };
/// Who hears it.
enum class TargetLegs { self, opposite, both };
/// Of a recording.
enum class RecordFormat { mp3, wav };
/// Whether both sides share a channel.
enum class RecordChannels { single, dual };
/// Default both
enum class RecordTrack { both, inbound, outbound };
/// What the caller's side is told.
enum class RejectCause { call_rejected, user_busy };
/// Default text
enum class SpeakPayload { text, ssml };
/// Default premium
enum class ServiceLevel { premium, basic };
/// What is stopped: what plays now, or what waits behind it too.
enum class StopScope { current, all };
/// Default none
enum class MuteDtmf { none, both, self, opposite };
/// Default disabled; not for phone numbers
enum class MediaEncryption { disabled, srtp, dtls };
/// Default UDP
enum class SipTransport { udp, tcp, tls };
/// None is the same as barge.
enum class SupervisorRole { none, barge, whisper, monitor };
/// Default never
enum class BeepEnabled { never, always, on_enter, on_exit };
/// Default outbound
enum class SoundTrack { inbound, outbound };
/// Where a conference is mixed.
enum class ConferenceRegion { us, europe, australia, middle_east };
/// Who takes out the noise.
enum class NoiseSuppressionEngine { denoiser, deep_filter_net, krisp, ai_coustics };
/// Whose audio.
enum class AudioDirection { inbound, outbound, both };
/// Default US
enum class SipRegion { us, europe, canada, australia, middle_east };

/// The codec that stands for an encoding.
VOICEBRIDGE_API StreamCodec stream_codec(AudioEncoding encoding) noexcept;

/// A SIP header of the INVITE or BYE.
struct SipHeader {
  std::string name;   ///< As Telnyx knows it.
  std::string value;  ///< As it is sent.
};

/// The media socket (Media Streaming). Telnyx' own defaults are silence for an agent on one leg:
/// mode mp3 and target `opposite`. `two_way` sets what such an agent needs.
struct VOICEBRIDGE_API StreamParameters {
  std::string url;                                 ///< ws:// or wss://
  std::optional<StreamTrack> track;                ///< Which side.
  std::optional<StreamCodec> codec;                ///< Of what is sent to us.
  std::optional<BidirectionalMode> mode;           ///< How audio is sent to the leg.
  std::optional<StreamCodec> bidirectional_codec;  ///< Of what we send, mode rtp only; default PCMU
  std::optional<std::uint32_t>
      bidirectional_sampling_rate;        ///< Hz: 8000, 16000, 22050, 24000, 48000
  std::optional<TargetLegs> target_legs;  ///< default opposite
  Secret auth_token;  ///< Comes back in the upgrade's x-telnyx-streaming-auth-token; at most 4000
                      ///< characters.

  /// Caller audio and ours in `format`, as RTP payloads, to the leg itself.
  static StreamParameters two_way(std::string url, AudioFormat format, Secret auth_token = {});
};

/// Recording from the answer on (record, record_*).
struct RecordParameters {
  std::optional<RecordChannels> channels;          ///< default dual
  std::optional<RecordFormat> format;              ///< default mp3
  std::optional<std::chrono::seconds> max_length;  ///< 0 … 43200; default 0, without end
  std::optional<std::chrono::seconds> timeout;     ///< Silence that ends it; default 0, never
  std::optional<RecordTrack> track;                ///< Which side.
  bool trim_silence = false;                       ///< Whether silence at both ends is left out.
  std::string custom_file_name;                    ///< 1 … 40 characters
};

/// Where the events of this leg go instead of to the application's URL.
struct WebhookParameters {
  std::string url;                          ///< http(s), at most 2000 characters; POST
  std::map<std::string, std::string> urls;  ///< By event type; wins over `url`.
  /// By event type: the pauses before each repetition of a delivery, at most 5, 60 s in all.
  std::map<std::string, std::vector<std::chrono::milliseconds>> retries;
};

/// How a leg joins a conference (`conference_config` of Dial). Either `id` or `name`.
struct ConferenceParameters {
  std::string id;                                     ///< Of one that there is.
  std::string name;                                   ///< Made when there is none of this name.
  std::optional<BeepEnabled> beep;                    ///< Who makes the conference beep.
  std::optional<bool> early_media;                    ///< Joins while it rings; default true
  std::optional<bool> end_conference_on_exit;         ///< And hangs up the others; default false
  std::optional<bool> soft_end_conference_on_exit;    ///< Parks the others; default false
  std::optional<bool> hold;                           ///< default false
  std::string hold_audio_url;                         ///< Not with hold_media_name.
  std::string hold_media_name;                        ///< Of a file kept at Telnyx.
  std::optional<bool> mute;                           ///< default false
  std::optional<bool> start_conference_on_create;     ///< default true
  std::optional<bool> start_conference_on_enter;      ///< default false
  std::optional<SupervisorRole> supervisor_role;      ///< How it listens in.
  std::vector<std::string> whisper_call_control_ids;  ///< Who alone hears it, with role whisper.
};

/// sound_modifications
struct SoundModifications {
  std::optional<double> pitch;      ///< Above 0; default 1
  std::optional<double> semitone;   ///< -14 … 14
  std::optional<double> octaves;    ///< -1 … 1
  std::optional<SoundTrack> track;  ///< Which side.
};

/// deepfake_detection; its findings come as `call.deepfake_detection.*`.
struct DeepfakeDetection {
  std::optional<std::chrono::seconds> rtp_timeout;  ///< 5 … 120; default 30
  std::optional<std::chrono::seconds> timeout;      ///< 5 … 60; default 15
};

/// Default google
enum class TranscriptionEngine {
  google,
  telnyx,
  deepgram,
  azure,
  xai,
  assembly_ai,
  speechmatics,
  soniox,
  parakeet,
};

/// transcription_start, and transcription_config of Dial and answer: `call.transcription` events.
struct TranscriptionParameters {
  std::optional<TranscriptionEngine> engine;  ///< Who transcribes.
  std::string engine_config;  ///< JSON object: language, interim_results …, by the engine.
  std::optional<RecordTrack> tracks;  ///< default inbound
};

/// answering_machine_detection_config. Premium looks at `total_analysis_time` and
/// `greeting_duration` only.
struct MachineDetectionConfig {
  std::optional<std::chrono::milliseconds> total_analysis_time;  ///< default 3500, premium 30000
  std::optional<std::chrono::milliseconds> greeting_duration;    ///< default 3500
  std::optional<std::chrono::milliseconds> greeting_total_analysis_time;  ///< default 5000
  std::optional<std::chrono::milliseconds> greeting_silence_duration;     ///< default 1500
  std::optional<std::chrono::milliseconds> after_greeting_silence;        ///< default 800
  std::optional<std::chrono::milliseconds> between_words_silence;         ///< default 50
  std::optional<std::chrono::milliseconds> initial_silence;               ///< default 3500
  std::optional<std::chrono::milliseconds> maximum_word_length;           ///< default 3500
  std::optional<int> maximum_number_of_words;                             ///< default 5
  std::optional<int> silence_threshold;                                   ///< default 256
};

/// How often something is played: 1 … 100, or `infinite`.
struct Loop {
  int times = 1;          ///< How often.
  bool infinite = false;  ///< Until it is stopped.
};

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
