#pragma once

#include "request_body.hpp"
#include "voicebridge/telnyx/call_requests.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

// The groups of fields that several requests share.

inline constexpr std::string_view kDtmfCharacters = "0123456789ABCD*#wW";
inline constexpr std::string_view kKeypad = "0123456789ABCD*#";
inline constexpr std::size_t kMaxSpeechCharacters = 3000;

void write_command(RequestBody& body, const Command& command);
/// What Dial, answer and streaming_start take.
void write_stream(RequestBody& body, const StreamParameters& stream);
/// What answer does not take.
void write_stream_extras(RequestBody& body, const StreamParameters& stream);
void write_record(RequestBody& body, const std::optional<RecordParameters>& record);
void write_webhooks(RequestBody& body, const std::optional<WebhookParameters>& webhooks);
void write_machine_detection(RequestBody& body, const std::optional<MachineDetection>& mode,
                             const std::optional<MachineDetectionConfig>& config);
/// timeout_secs, time_limit_secs
void write_call_limits(RequestBody& body, const std::optional<std::chrono::seconds>& timeout,
                       const std::optional<std::chrono::seconds>& time_limit);
/// custom_headers, sip_headers
void write_sip_headers(RequestBody& body, const std::vector<SipHeader>& custom,
                       const std::vector<SipHeader>& sip);
/// from_display_name
void write_display_name(RequestBody& body, std::string_view name);
/// audio_url or media_name
void write_audio(RequestBody& body, std::string_view audio_url, std::string_view media_name);

/// sound_modifications
void write_sound(RequestBody& body, const std::optional<SoundModifications>& sound);
void write_deepfake_detection(RequestBody& body, const std::optional<DeepfakeDetection>& detection);
/// The members of transcription_start.
void write_transcription(RequestBody& body, const TranscriptionParameters& transcription);
/// transcription, transcription_config
void write_transcription_at_answer(RequestBody& body,
                                   const std::optional<TranscriptionParameters>& transcription);
/// conference_config
void write_conference(RequestBody& body, const std::optional<ConferenceParameters>& conference);
/// hold_audio_url or hold_media_name
void write_hold_audio(RequestBody& body, std::string_view audio_url, std::string_view media_name);
/// What the gathers say of the keys they want.
template <class Request>
void write_digits(RequestBody& body, const Request& request) {
  body.number("minimum_digits", request.minimum_digits, 1, 128);
  body.number("maximum_digits", request.maximum_digits, 1, 128);
  body.check(request.minimum_digits.value_or(1) <= request.maximum_digits.value_or(128),
             "minimum_digits", "must not exceed maximum_digits");
  if (request.terminating_digit) {
    body.of_characters("terminating_digit", {&*request.terminating_digit, 1}, kKeypad, 1);
  }
  body.of_characters("valid_digits", request.valid_digits, kKeypad, kKeypad.size());
}

/// +E.164, with or without digits to dial behind a comma, or a SIP URI.
bool is_destination(std::string_view text);
/// Either not a phone number, or one in +E.164.
bool is_caller(std::string_view text);

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
