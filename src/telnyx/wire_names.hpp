#pragma once

#include <string_view>

#include "voicebridge/telnyx/call_types.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

// How a value is written in a request; empty for a number that is none of the values.
std::string_view wire_name(MachineDetection value) noexcept;
std::string_view wire_name(StreamTrack value) noexcept;
std::string_view wire_name(StreamCodec value) noexcept;
std::string_view wire_name(BidirectionalMode value) noexcept;
std::string_view wire_name(TargetLegs value) noexcept;
std::string_view wire_name(RecordFormat value) noexcept;
std::string_view wire_name(RecordChannels value) noexcept;
std::string_view wire_name(RecordTrack value) noexcept;
std::string_view wire_name(RejectCause value) noexcept;
std::string_view wire_name(SpeakPayload value) noexcept;
std::string_view wire_name(ServiceLevel value) noexcept;
std::string_view wire_name(StopScope value) noexcept;
std::string_view wire_name(MuteDtmf value) noexcept;
std::string_view wire_name(MediaEncryption value) noexcept;
std::string_view wire_name(SipTransport value) noexcept;
std::string_view wire_name(SipRegion value) noexcept;
std::string_view wire_name(SupervisorRole value) noexcept;
std::string_view wire_name(BeepEnabled value) noexcept;
std::string_view wire_name(SoundTrack value) noexcept;
std::string_view wire_name(TranscriptionEngine value) noexcept;
std::string_view wire_name(NoiseSuppressionEngine value) noexcept;
std::string_view wire_name(AudioDirection value) noexcept;
std::string_view wire_name(ConferenceRegion value) noexcept;

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
