#include "request_parts.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

constexpr std::size_t kMaxToken = 4000;
constexpr std::int64_t kNoLimit = std::numeric_limits<std::int32_t>::max();
constexpr std::array<std::uint32_t, 5> kSamplingRates = {8000, 16000, 22050, 24000, 48000};
constexpr std::string_view kDisplayNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -_~!.+";

}  // namespace

StreamCodec stream_codec(AudioEncoding encoding) noexcept {
  switch (encoding) {
    case AudioEncoding::pcmu:
      return StreamCodec::pcmu;
    case AudioEncoding::pcma:
      return StreamCodec::pcma;
    case AudioEncoding::l16le:
    case AudioEncoding::l16be:
      return StreamCodec::l16;
    case AudioEncoding::g722:
      return StreamCodec::g722;
    case AudioEncoding::opus:
      return StreamCodec::opus;
  }
  return StreamCodec::of_call;
}

StreamParameters StreamParameters::two_way(std::string url, AudioFormat format, Secret auth_token) {
  StreamParameters stream;
  stream.url = std::move(url);
  stream.track = StreamTrack::inbound;
  stream.codec = stream_codec(format.encoding);
  stream.mode = BidirectionalMode::rtp;
  stream.bidirectional_codec = stream.codec;
  // G722 goes by its RTP clock.
  stream.bidirectional_sampling_rate =
      format.encoding == AudioEncoding::g722 ? 8000 : format.sample_rate;
  stream.target_legs = TargetLegs::self;
  stream.auth_token = std::move(auth_token);
  return stream;
}

void write_command(RequestBody& body, const Command& command) {
  body.encoded("client_state", command.client_state);
  body.text("command_id", command.command_id);
}

void write_stream(RequestBody& body, const StreamParameters& stream) {
  body.check(!stream.url.empty(), "stream_url", "is required");
  body.socket_url("stream_url", stream.url);
  body.choice("stream_track", stream.track);
  body.choice("stream_codec", stream.codec);
  body.choice("stream_bidirectional_mode", stream.mode);
  body.check(stream.bidirectional_codec != StreamCodec::of_call, "stream_bidirectional_codec",
             "must be a codec");
  body.choice("stream_bidirectional_codec", stream.bidirectional_codec);
  body.choice("stream_bidirectional_target_legs", stream.target_legs);
}

void write_stream_extras(RequestBody& body, const StreamParameters& stream) {
  const auto rate = stream.bidirectional_sampling_rate;
  if (rate) {
    const bool known =
        std::find(kSamplingRates.begin(), kSamplingRates.end(), *rate) != kSamplingRates.end();
    body.check(known, "stream_bidirectional_sampling_rate",
               "must be 8000, 16000, 22050, 24000 or 48000");
    body.json().field("stream_bidirectional_sampling_rate", *rate);
  }
  body.text("stream_auth_token", stream.auth_token.reveal(), kMaxToken);
}

void write_record(RequestBody& body, const std::optional<RecordParameters>& record) {
  if (!record) return;
  body.text("record", "record-from-answer");
  body.choice("record_channels", record->channels);
  body.choice("record_format", record->format);
  body.duration("record_max_length", record->max_length, 0, 43200);
  body.duration("record_timeout_secs", record->timeout, 0, kNoLimit);
  body.choice("record_track", record->track);
  if (record->trim_silence) body.text("record_trim", "trim-silence");
  body.text("record_custom_file_name", record->custom_file_name, 40);
}

void write_webhooks(RequestBody& body, const std::optional<WebhookParameters>& webhooks) {
  if (!webhooks) return;
  body.web_url("webhook_url", webhooks->url);
  if (!webhooks->url.empty()) body.text("webhook_url_method", "POST");
  if (!webhooks->urls.empty()) {
    body.json().key("webhook_urls").object();
    for (const auto& [event, url] : webhooks->urls) body.web_url(event, url);
    body.json().end();
    body.text("webhook_urls_method", "POST");
  }
  if (webhooks->retries.empty()) return;
  body.json().key("webhook_retries_policies").object();
  for (const auto& [event, pauses] : webhooks->retries) {
    const auto whole = std::accumulate(pauses.begin(), pauses.end(), std::chrono::milliseconds(0));
    body.check(pauses.size() <= 5 && whole <= std::chrono::seconds(60), "webhook_retries_policies",
               "has at most 5 pauses, 60 s in all");
    body.json().key(event).object().key("retries_ms").array();
    for (const auto pause : pauses) body.json().integer(pause.count());
    body.json().end().end();
  }
  body.json().end();
}

void write_sound(RequestBody& body, const std::optional<SoundModifications>& sound) {
  if (!sound) return;
  body.check(sound->pitch.value_or(1) > 0, "pitch", "must be above 0");
  body.json().key("sound_modifications").object();
  body.decimal("pitch", sound->pitch, 0, 100);
  body.decimal("semitone", sound->semitone, -14, 14);
  body.decimal("octaves", sound->octaves, -1, 1);
  body.choice("track", sound->track);
  body.json().end();
}

void write_deepfake_detection(RequestBody& body,
                              const std::optional<DeepfakeDetection>& detection) {
  if (!detection) return;
  body.json().key("deepfake_detection").object().field("enabled", true);
  body.duration("rtp_timeout", detection->rtp_timeout, 5, 120);
  body.duration("timeout", detection->timeout, 5, 60);
  body.json().end();
}

void write_transcription(RequestBody& body, const TranscriptionParameters& transcription) {
  body.choice("transcription_engine", transcription.engine);
  body.object("transcription_engine_config", transcription.engine_config);
  body.choice("transcription_tracks", transcription.tracks);
}

void write_transcription_at_answer(RequestBody& body,
                                   const std::optional<TranscriptionParameters>& transcription) {
  if (!transcription) return;
  body.json().field("transcription", true).key("transcription_config").object();
  write_transcription(body, *transcription);
  body.json().end();
}

void write_hold_audio(RequestBody& body, std::string_view audio_url, std::string_view media_name) {
  body.check(audio_url.empty() || media_name.empty(), "hold_media_name",
             "cannot be used together with hold_audio_url");
  body.web_url("hold_audio_url", audio_url);
  body.text("hold_media_name", media_name);
}

void write_conference(RequestBody& body, const std::optional<ConferenceParameters>& conference) {
  if (!conference) return;
  body.check(conference->id.empty() != conference->name.empty(), "conference_config",
             "needs either id or conference_name");
  body.json().key("conference_config").object();
  body.text("id", conference->id);
  body.text("conference_name", conference->name);
  body.choice("beep_enabled", conference->beep);
  body.flag("early_media", conference->early_media);
  body.flag("end_conference_on_exit", conference->end_conference_on_exit);
  body.flag("soft_end_conference_on_exit", conference->soft_end_conference_on_exit);
  body.flag("hold", conference->hold);
  write_hold_audio(body, conference->hold_audio_url, conference->hold_media_name);
  body.flag("mute", conference->mute);
  body.flag("start_conference_on_create", conference->start_conference_on_create);
  body.flag("start_conference_on_enter", conference->start_conference_on_enter);
  body.choice("supervisor_role", conference->supervisor_role);
  body.texts("whisper_call_control_ids", conference->whisper_call_control_ids);
  body.json().end();
}

void write_machine_detection(RequestBody& body, const std::optional<MachineDetection>& mode,
                             const std::optional<MachineDetectionConfig>& config) {
  body.choice("answering_machine_detection", mode);
  if (!config) return;
  body.json().key("answering_machine_detection_config").object();
  body.duration("total_analysis_time_millis", config->total_analysis_time, 1, kNoLimit);
  body.duration("greeting_duration_millis", config->greeting_duration, 1, kNoLimit);
  body.duration("greeting_total_analysis_time_millis", config->greeting_total_analysis_time, 1,
                kNoLimit);
  body.duration("greeting_silence_duration_millis", config->greeting_silence_duration, 1, kNoLimit);
  body.duration("after_greeting_silence_millis", config->after_greeting_silence, 1, kNoLimit);
  body.duration("between_words_silence_millis", config->between_words_silence, 1, kNoLimit);
  body.duration("initial_silence_millis", config->initial_silence, 1, kNoLimit);
  body.duration("maximum_word_length_millis", config->maximum_word_length, 1, kNoLimit);
  body.number("maximum_number_of_words", config->maximum_number_of_words, 1, kNoLimit);
  body.number("silence_threshold", config->silence_threshold, 0, kNoLimit);
  body.json().end();
}

void write_call_limits(RequestBody& body, const std::optional<std::chrono::seconds>& timeout,
                       const std::optional<std::chrono::seconds>& time_limit) {
  body.duration("timeout_secs", timeout, 5, 600);
  body.duration("time_limit_secs", time_limit, 30, 14400);
}

void write_sip_headers(RequestBody& body, const std::vector<SipHeader>& custom,
                       const std::vector<SipHeader>& sip) {
  body.headers("custom_headers", custom);
  const auto is_user_to_user = [](const SipHeader& header) {
    return header.name == "User-to-User";
  };
  body.check(std::all_of(sip.begin(), sip.end(), is_user_to_user), "sip_headers",
             "may have User-to-User only");
  body.headers("sip_headers", sip);
}

void write_display_name(RequestBody& body, std::string_view name) {
  body.of_characters("from_display_name", name, kDisplayNameCharacters, 128);
}

void write_audio(RequestBody& body, std::string_view audio_url, std::string_view media_name) {
  body.check(audio_url.empty() || media_name.empty(), "media_name",
             "cannot be used together with audio_url");
  body.web_url("audio_url", audio_url);
  body.text("media_name", media_name);
}

bool is_destination(std::string_view text) {
  if (text.substr(0, 4) == "sip:" || text.substr(0, 5) == "sips:") return true;
  const std::size_t comma = text.find(',');
  const bool digits_fit =
      comma == std::string_view::npos ||
      text.find_first_not_of(kDtmfCharacters, comma + 1) == std::string_view::npos;
  return digits_fit && looks_like_e164(text.substr(0, comma));
}

bool is_caller(std::string_view text) { return text.substr(0, 1) != "+" || looks_like_e164(text); }

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
