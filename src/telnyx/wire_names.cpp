#include "wire_names.hpp"

#include <array>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {
namespace {

/// The enumerations count from 0 in the order of their names.
template <class Enum, std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& names, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? names[index] : std::string_view();
}

using Two = std::array<std::string_view, 2>;
using Three = std::array<std::string_view, 3>;

}  // namespace

std::string_view wire_name(MachineDetection value) noexcept {
  static constexpr std::array<std::string_view, 7> kNames = {
      "disabled",
      "premium",
      "detect",
      "detect_beep",
      "detect_words",
      "greeting_end",
      "premium_ios_call_screening_detection"};
  return pick(kNames, value);
}

std::string_view wire_name(StreamTrack value) noexcept {
  static constexpr Three kNames = {"inbound_track", "outbound_track", "both_tracks"};
  return pick(kNames, value);
}

std::string_view wire_name(StreamCodec value) noexcept {
  static constexpr std::array<std::string_view, 7> kNames = {"default", "PCMU",   "PCMA", "G722",
                                                             "OPUS",    "AMR-WB", "L16"};
  return pick(kNames, value);
}

std::string_view wire_name(BidirectionalMode value) noexcept {
  static constexpr Two kNames = {"mp3", "rtp"};
  return pick(kNames, value);
}

std::string_view wire_name(TargetLegs value) noexcept {
  static constexpr Three kNames = {"self", "opposite", "both"};
  return pick(kNames, value);
}

std::string_view wire_name(RecordFormat value) noexcept {
  static constexpr Two kNames = {"mp3", "wav"};
  return pick(kNames, value);
}

std::string_view wire_name(RecordChannels value) noexcept {
  static constexpr Two kNames = {"single", "dual"};
  return pick(kNames, value);
}

std::string_view wire_name(RecordTrack value) noexcept {
  static constexpr Three kNames = {"both", "inbound", "outbound"};
  return pick(kNames, value);
}

std::string_view wire_name(RejectCause value) noexcept {
  static constexpr Two kNames = {"CALL_REJECTED", "USER_BUSY"};
  return pick(kNames, value);
}

std::string_view wire_name(SpeakPayload value) noexcept {
  static constexpr Two kNames = {"text", "ssml"};
  return pick(kNames, value);
}

std::string_view wire_name(ServiceLevel value) noexcept {
  static constexpr Two kNames = {"premium", "basic"};
  return pick(kNames, value);
}

std::string_view wire_name(StopScope value) noexcept {
  static constexpr Two kNames = {"current", "all"};
  return pick(kNames, value);
}

std::string_view wire_name(MuteDtmf value) noexcept {
  static constexpr std::array<std::string_view, 4> kNames = {"none", "both", "self", "opposite"};
  return pick(kNames, value);
}

std::string_view wire_name(MediaEncryption value) noexcept {
  static constexpr Three kNames = {"disabled", "SRTP", "DTLS"};
  return pick(kNames, value);
}

std::string_view wire_name(SipTransport value) noexcept {
  static constexpr Three kNames = {"UDP", "TCP", "TLS"};
  return pick(kNames, value);
}

std::string_view wire_name(SupervisorRole value) noexcept {
  static constexpr std::array<std::string_view, 4> kNames = {"none", "barge", "whisper", "monitor"};
  return pick(kNames, value);
}

std::string_view wire_name(BeepEnabled value) noexcept {
  static constexpr std::array<std::string_view, 4> kNames = {"never", "always", "on_enter",
                                                             "on_exit"};
  return pick(kNames, value);
}

std::string_view wire_name(SoundTrack value) noexcept {
  static constexpr Two kNames = {"inbound", "outbound"};
  return pick(kNames, value);
}

std::string_view wire_name(TranscriptionEngine value) noexcept {
  static constexpr std::array<std::string_view, 9> kNames = {"Google",       "Telnyx", "Deepgram",
                                                             "Azure",        "xAI",    "AssemblyAI",
                                                             "Speechmatics", "Soniox", "Parakeet"};
  return pick(kNames, value);
}

std::string_view wire_name(NoiseSuppressionEngine value) noexcept {
  static constexpr std::array<std::string_view, 4> kNames = {"Denoiser", "DeepFilterNet", "Krisp",
                                                             "AiCoustics"};
  return pick(kNames, value);
}

std::string_view wire_name(AudioDirection value) noexcept {
  static constexpr Three kNames = {"inbound", "outbound", "both"};
  return pick(kNames, value);
}

std::string_view wire_name(ConferenceRegion value) noexcept {
  static constexpr std::array<std::string_view, 4> kNames = {"US", "Europe", "Australia",
                                                             "Middle East"};
  return pick(kNames, value);
}

std::string_view wire_name(SipRegion value) noexcept {
  static constexpr std::array<std::string_view, 5> kNames = {"US", "Europe", "Canada", "Australia",
                                                             "Middle East"};
  return pick(kNames, value);
}

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
