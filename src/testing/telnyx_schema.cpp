#include "testing/telnyx_parameters.hpp"

#include <map>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using Kind = TelnyxParameter::Kind;

constexpr std::string_view kConferencePrefix = "conference.";

TelnyxParameters operator+(TelnyxParameters a, const TelnyxParameters& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const TelnyxParameters& common() {
  static const TelnyxParameters list = {{"client_state", Kind::base64}, {"command_id", Kind::text}};
  return list;
}

const TelnyxParameters& webhook() {
  static const TelnyxParameters list = {
      {"webhook_url", Kind::url},
      {"webhook_url_method", Kind::text, false, "POST, GET"},
      {"webhook_urls"},
      {"webhook_urls_method", Kind::text, false, "POST, GET"},
      {"webhook_retries_policies"},
  };
  return list;
}

const TelnyxParameters& record() {
  static const TelnyxParameters list = {
      {"record", Kind::text, false, "record-from-answer"},
      {"record_channels", Kind::text, false, "single, dual"},
      {"record_format", Kind::text, false, "wav, mp3"},
      {"record_max_length", Kind::integer, false, "", 0, 43200},
      {"record_timeout_secs", Kind::integer},
      {"record_track", Kind::text, false, "both, inbound, outbound"},
      {"record_trim", Kind::text, false, "trim-silence"},
      {"record_custom_file_name", Kind::text, false, "", 1, 40},
  };
  return list;
}

const TelnyxParameters& answer_stream() {
  static const TelnyxParameters list = {
      {"stream_url", Kind::stream_url},
      {"stream_track", Kind::text, false, "inbound_track, outbound_track, both_tracks"},
      {"stream_codec", Kind::text, false, "PCMU, PCMA, G722, OPUS, AMR-WB, L16, default"},
      {"stream_bidirectional_mode", Kind::text, false, "mp3, rtp"},
      {"stream_bidirectional_codec", Kind::text, false, "PCMU, PCMA, G722, OPUS, AMR-WB, L16"},
      {"stream_bidirectional_target_legs", Kind::text, false, "both, self, opposite"},
  };
  return list;
}

const TelnyxParameters& full_stream() {
  static const TelnyxParameters list =
      answer_stream() + TelnyxParameters{
                            {"stream_bidirectional_sampling_rate", Kind::integer, false,
                             "8000, 16000, 22050, 24000, 48000"},
                            {"stream_auth_token", Kind::text, false, "", 0, 4000},
                            {"enable_dialogflow", Kind::boolean},
                            {"dialogflow_config"},
                        };
  return list;
}

/// Of dial and of the leg that a transfer makes.
const TelnyxParameters& outbound_leg() {
  static const TelnyxParameters list = {
      {"from_display_name", Kind::text, false, "", 0, 128},
      {"timeout_secs", Kind::integer, false, "", 5, 600},
      {"time_limit_secs", Kind::integer, false, "", 30, 14400},
      {"answering_machine_detection", Kind::text, false,
       "premium, detect, detect_beep, detect_words, greeting_end, disabled, "
       "premium_ios_call_screening_detection"},
      {"answering_machine_detection_config"},
      {"park_after_unbridge", Kind::text, false, "self"},
      {"preferred_codecs", Kind::text},
      {"media_encryption", Kind::text, false, "disabled, SRTP, DTLS"},
      {"audio_url", Kind::url},
      {"media_name", Kind::text},
      {"send_digits_on_answer", Kind::text, false, "", 0, 64},
      {"privacy", Kind::text, false, "id, none"},
      {"sip_region", Kind::text, false, "US, Europe, Canada, Australia, Middle East"},
      {"sip_transport_protocol", Kind::text, false, "UDP, TCP, TLS"},
      {"custom_headers"},
      {"sip_headers"},
      {"sip_auth_username", Kind::text},
      {"sip_auth_password", Kind::text},
      {"sound_modifications"},
  };
  return list;
}

TelnyxParameters dial() {
  return TelnyxParameters{{"connection_id", Kind::text, true},
                          {"to", Kind::e164, true},
                          {"from", Kind::text, true},
                          {"link_to", Kind::text},
                          {"bridge_intent", Kind::boolean},
                          {"bridge_on_answer", Kind::boolean},
                          {"prevent_double_bridge", Kind::boolean},
                          {"retry_on_timeout", Kind::boolean},
                          {"send_silence_when_idle", Kind::boolean},
                          {"stream_establish_before_call_originate", Kind::boolean},
                          {"billing_group_id", Kind::text},
                          {"conference_config"},
                          {"supervise_call_control_id", Kind::text},
                          {"supervisor_role", Kind::text, false, "barge, whisper, monitor"},
                          {"transcription", Kind::boolean},
                          {"transcription_config"},
                          {"deepfake_detection"},
                          {"assistant"},
                          {"conversation_relay_config"}} +
         outbound_leg() + full_stream() + record() + webhook() + common();
}

TelnyxParameters answer() {
  return TelnyxParameters{{"billing_group_id", Kind::text},
                          {"custom_headers"},
                          {"sip_headers"},
                          {"preferred_codecs", Kind::text},
                          {"send_silence_when_idle", Kind::boolean},
                          {"sound_modifications"},
                          {"deepfake_detection"},
                          {"transcription", Kind::boolean},
                          {"transcription_config"},
                          {"assistant"},
                          {"conversation_relay_config"}} +
         answer_stream() + record() + webhook() + common();
}

TelnyxParameters transfer() {
  return TelnyxParameters{{"to", Kind::e164, true},
                          {"from", Kind::text},
                          {"early_media", Kind::boolean},
                          {"target_leg_client_state", Kind::base64},
                          {"mute_dtmf", Kind::text, false, "none, both, self, opposite"}} +
         outbound_leg() + record() + webhook() + common();
}

TelnyxParameters bridge() {
  return TelnyxParameters{{"call_control_id", Kind::text},
                          {"queue", Kind::text},
                          {"video_room_id", Kind::text},
                          {"video_room_context", Kind::text},
                          {"hold_after_unbridge", Kind::boolean},
                          {"park_after_unbridge", Kind::text, false, "self"},
                          {"play_ringtone", Kind::boolean},
                          {"ringtone", Kind::text},
                          {"mute_dtmf", Kind::text, false, "none, both, self, opposite"},
                          {"prevent_double_bridge", Kind::boolean}} +
         record() + common();
}

TelnyxParameters speak() {
  return TelnyxParameters{{"payload", Kind::text, true, "", 1, 3000},
                          {"voice", Kind::text, true},
                          {"payload_type", Kind::text, false, "text, ssml"},
                          {"language", Kind::text},
                          {"service_level", Kind::text, false, "basic, premium"},
                          {"stop", Kind::text},
                          {"loop"},
                          {"target_legs", Kind::text, false, "self, opposite, both"},
                          {"voice_settings"}} +
         common();
}

TelnyxParameters playback_start() {
  return TelnyxParameters{{"audio_url", Kind::url},
                          {"media_name", Kind::text},
                          {"playback_content", Kind::text},
                          {"audio_type", Kind::text, false, "mp3, wav"},
                          {"cache_audio", Kind::boolean},
                          {"loop"},
                          {"overlay", Kind::boolean},
                          {"stop", Kind::text},
                          {"target_legs", Kind::text, false, "self, opposite, both"}} +
         common();
}

TelnyxParameters record_start() {
  return TelnyxParameters{{"format", Kind::text, true, "wav, mp3"},
                          {"channels", Kind::text, true, "single, dual"},
                          {"play_beep", Kind::boolean},
                          {"max_length", Kind::integer, false, "", 0, 14400},
                          {"timeout_secs", Kind::integer},
                          {"recording_track", Kind::text, false, "both, inbound, outbound"},
                          {"trim", Kind::text, false, "trim-silence"},
                          {"custom_file_name", Kind::text, false, "", 1, 40},
                          {"transcription", Kind::boolean},
                          {"transcription_engine", Kind::text},
                          {"transcription_language", Kind::text},
                          {"transcription_profanity_filter", Kind::boolean},
                          {"transcription_speaker_diarization", Kind::boolean},
                          {"transcription_min_speaker_count", Kind::integer},
                          {"transcription_max_speaker_count", Kind::integer}} +
         common();
}

TelnyxParameters gather() {
  return TelnyxParameters{{"gather_id", Kind::text, false, "", 1, 40},
                          {"initial_timeout_millis", Kind::integer},
                          {"inter_digit_timeout_millis", Kind::integer},
                          {"maximum_digits", Kind::integer, false, "", 1, 128},
                          {"minimum_digits", Kind::integer, false, "", 1, 128},
                          {"terminating_digit", Kind::text},
                          {"timeout_millis", Kind::integer},
                          {"valid_digits", Kind::text}} +
         common();
}

TelnyxParameters gather_using(bool speak) {
  const TelnyxParameters shared = {{"inter_digit_timeout_millis", Kind::integer},
                                   {"maximum_digits", Kind::integer, false, "", 1, 128},
                                   {"minimum_digits", Kind::integer, false, "", 1, 128},
                                   {"maximum_tries", Kind::integer},
                                   {"terminating_digit", Kind::text},
                                   {"timeout_millis", Kind::integer},
                                   {"valid_digits", Kind::text}};
  if (!speak) {
    return TelnyxParameters{{"audio_url", Kind::url},
                            {"media_name", Kind::text},
                            {"invalid_audio_url", Kind::url},
                            {"invalid_media_name", Kind::text}} +
           shared + common();
  }
  return TelnyxParameters{{"payload", Kind::text, true, "", 1, 3000},
                          {"voice", Kind::text, true},
                          {"payload_type", Kind::text, false, "text, ssml"},
                          {"invalid_payload", Kind::text, false, "", 1, 3000},
                          {"language", Kind::text},
                          {"service_level", Kind::text, false, "basic, premium"},
                          {"voice_settings"}} +
         shared + common();
}

TelnyxParameters siprec_start() {
  return TelnyxParameters{
             {"connector_name", Kind::text},
             {"siprec_track", Kind::text, false, "inbound_track, outbound_track, both_tracks"},
             {"include_metadata_custom_headers", Kind::boolean},
             {"secure", Kind::boolean},
             {"session_timeout_secs", Kind::integer},
             {"sip_transport", Kind::text, false, "udp, tcp, tls"}} +
         TelnyxParameters{{"client_state", Kind::base64}};
}

TelnyxParameters suppression_start() {
  return TelnyxParameters{
             {"direction", Kind::text, false, "inbound, outbound, both"},
             {"noise_suppression_engine", Kind::text, false,
              "Denoiser, DeepFilterNet, Krisp, AiCoustics, aic_l_quail, aic_l_rook, aic_s_quail, "
              "aic_s_rook, quail_voice_focus_s, quail_voice_focus_xs"},
             {"noise_suppression_engine_config"}} +
         common();
}

TelnyxParameters transcription_start() {
  return TelnyxParameters{
             {"transcription_engine", Kind::text, false,
              "Google, Telnyx, Deepgram, Azure, xAI, AssemblyAI, Speechmatics, Soniox, Parakeet, "
              "A, B"},
             {"transcription_engine_config"},
             {"transcription_tracks", Kind::text, false, "inbound, outbound, both"}} +
         common();
}

TelnyxParameters enqueue() {
  return TelnyxParameters{{"queue_name", Kind::text, true},
                          {"max_size", Kind::integer},
                          {"max_wait_time_secs", Kind::integer},
                          {"keep_after_hangup", Kind::boolean}} +
         common();
}

TelnyxParameters refer() {
  return TelnyxParameters{{"sip_address", Kind::text, true},
                          {"sip_auth_username", Kind::text},
                          {"sip_auth_password", Kind::text},
                          {"custom_headers", Kind::list},
                          {"sip_headers", Kind::list}} +
         common();
}

TelnyxParameters recording() { return TelnyxParameters{{"recording_id", Kind::text}} + common(); }

std::map<std::string_view, TelnyxParameters> all_commands() {
  return {
      {"dial", dial()},
      {"answer", answer()},
      {"reject",
       TelnyxParameters{{"cause", Kind::text, true, "CALL_REJECTED, USER_BUSY"}} + common()},
      {"hangup", TelnyxParameters{{"custom_headers"}} + common()},
      {"speak", speak()},
      {"playback_start", playback_start()},
      {"playback_stop",
       TelnyxParameters{{"stop", Kind::text, false, "all, current"}, {"overlay", Kind::boolean}} +
           common()},
      {"send_dtmf", TelnyxParameters{{"digits", Kind::text, true},
                                     {"duration_millis", Kind::integer, false, "", 100, 500}} +
                        common()},
      {"streaming_start", full_stream() + TelnyxParameters{{"custom_parameters"}} + common()},
      {"streaming_stop", TelnyxParameters{{"stream_id", Kind::text}} + common()},
      {"transfer", transfer()},
      {"bridge", bridge()},
      {"record_start", record_start()},
      {"record_stop", recording()},
      {"record_pause", recording()},
      {"record_resume", recording()},
      {"gather", gather()},
      {"gather_stop", common()},
      {"gather_using_speak", gather_using(true)},
      {"gather_using_audio", gather_using(false)},
      {"client_state_update", TelnyxParameters{{"client_state", Kind::base64, true}}},
      {"enqueue", enqueue()},
      {"leave_queue", common()},
      {"fork_start", TelnyxParameters{{"rx", Kind::text},
                                      {"tx", Kind::text},
                                      {"stream_type", Kind::text, false, "decrypted"}} +
                         common()},
      {"fork_stop",
       TelnyxParameters{{"stream_type", Kind::text, false, "raw, decrypted"}} + common()},
      {"refer", refer()},
      {"send_sip_info", TelnyxParameters{{"content_type", Kind::text, true},
                                         {"body", Kind::text, true, "", 1, 1400}} +
                            common()},
      {"siprec_start", siprec_start()},
      {"siprec_stop", common()},
      {"suppression_start", suppression_start()},
      {"suppression_stop", common()},
      {"switch_supervisor_role",
       TelnyxParameters{{"role", Kind::text, true, "barge, whisper, monitor"}}},
      {"transcription_start", transcription_start()},
      {"transcription_stop", common()},
      {"ai_assistant_start", common()},
      {"ai_assistant_stop", common()},
      {"ai_assistant_join", common()},
      {"ai_assistant_add_messages", common()},
      {"conversation_relay_start", common()},
      {"conversation_relay_stop", common()},
      {"gather_using_ai", common()},
      {"pay", common()},
  };
}

}  // namespace

const TelnyxParameters* parameters_of(std::string_view command) {
  if (command.substr(0, kConferencePrefix.size()) == kConferencePrefix)
    return conference_parameters_of(command.substr(kConferencePrefix.size()));
  static const std::map<std::string_view, TelnyxParameters> commands = all_commands();
  const auto found = commands.find(command);
  return found == commands.end() ? nullptr : &found->second;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
