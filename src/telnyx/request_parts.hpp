#pragma once

#include "request_body.hpp"
#include "voicebridge/telnyx/call_requests.hpp"

namespace voicebridge::telnyx {

// The groups of fields that several requests share.

inline constexpr std::string_view kDtmfCharacters = "0123456789ABCD*#wW";

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

/// +E.164, with or without digits to dial behind a comma, or a SIP URI.
bool is_destination(std::string_view text);
/// Either not a phone number, or one in +E.164.
bool is_caller(std::string_view text);

}  // namespace voicebridge::telnyx
