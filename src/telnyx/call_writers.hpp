#pragma once

#include "request_body.hpp"
#include "voicebridge/telnyx/call_command.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

// The members of each command's body, by its type.

void write(RequestBody& body, const AnswerRequest& request);
void write(RequestBody& body, const RejectRequest& request);
void write(RequestBody& body, const HangupRequest& request);
void write(RequestBody& body, const SpeakRequest& request);
void write(RequestBody& body, const PlaybackStartRequest& request);
void write(RequestBody& body, const PlaybackStopRequest& request);
void write(RequestBody& body, const SendDtmfRequest& request);
void write(RequestBody& body, const StreamingStartRequest& request);
void write(RequestBody& body, const StreamingStopRequest& request);
void write(RequestBody& body, const TransferRequest& request);
void write(RequestBody& body, const BridgeRequest& request);
void write(RequestBody& body, const RecordStartRequest& request);
void write(RequestBody& body, const RecordStopRequest& request);
void write(RequestBody& body, const RecordPauseRequest& request);
void write(RequestBody& body, const RecordResumeRequest& request);
void write(RequestBody& body, const GatherRequest& request);
void write(RequestBody& body, const GatherUsingSpeakRequest& request);
void write(RequestBody& body, const GatherUsingAudioRequest& request);
void write(RequestBody& body, const SendSipInfoRequest& request);
void write(RequestBody& body, const ReferRequest& request);
void write(RequestBody& body, const ForkStartRequest& request);
void write(RequestBody& body, const ForkStopRequest& request);
void write(RequestBody& body, const EnqueueRequest& request);
void write(RequestBody& body, const SuppressionStartRequest& request);
void write(RequestBody& body, const TranscriptionStartRequest& request);
void write(RequestBody& body, const SiprecStartRequest& request);
void write(RequestBody& body, const SwitchSupervisorRoleRequest& request);
void write(RequestBody& body, const ClientStateUpdateRequest& request);
void write(RequestBody& body, const HostedActionRequest& request);
/// Those that have nothing of their own: gather_stop, leave_queue, …
void write(RequestBody& body, const Command& request);

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
