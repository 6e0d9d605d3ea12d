#pragma once

#include <variant>

#include "voicebridge/telnyx/call_feature_requests.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

/// Every command on a leg (`/v2/calls/{call_control_id}/actions/…`).
using CallCommand =
    std::variant<AnswerRequest, RejectRequest, HangupRequest, SpeakRequest, PlaybackStartRequest,
                 PlaybackStopRequest, SendDtmfRequest, StreamingStartRequest, StreamingStopRequest,
                 TransferRequest, BridgeRequest, RecordStartRequest, RecordStopRequest,
                 RecordPauseRequest, RecordResumeRequest, GatherRequest, GatherStopRequest,
                 GatherUsingSpeakRequest, GatherUsingAudioRequest, SendSipInfoRequest, ReferRequest,
                 ForkStartRequest, ForkStopRequest, EnqueueRequest, LeaveQueueRequest,
                 SuppressionStartRequest, SuppressionStopRequest, TranscriptionStartRequest,
                 TranscriptionStopRequest, SiprecStartRequest, SiprecStopRequest,
                 SwitchSupervisorRoleRequest, ClientStateUpdateRequest, HostedActionRequest>;

/// The body of a command, checked first.
/// @return `Errc::invalid_argument`; `Error::field` is the name on the wire.
VOICEBRIDGE_API Result<std::string> to_json(const CallCommand& command);

/// The last part of its path: "speak".
VOICEBRIDGE_API std::string_view action_of(const CallCommand& command) noexcept;

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
