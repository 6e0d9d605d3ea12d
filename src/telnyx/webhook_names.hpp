#pragma once

#include <array>
#include <string_view>

#include "voicebridge/telnyx/webhook_event.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace telnyx {

// The values of enumerations as webhooks name them.

template <class Enum>
struct Name {
  std::string_view text;
  Enum value;
};

template <class Enum, std::size_t N>
Enum value_of(const std::array<Name<Enum>, N>& names, std::string_view text) {
  for (const auto& name : names) {
    if (name.text == text) return name.value;
  }
  return Enum::unknown;
}

template <class Enum, std::size_t N>
std::string_view text_of(const std::array<Name<Enum>, N>& names, Enum value) {
  for (const auto& name : names) {
    if (name.value == value) return name.text;
  }
  return "unknown";
}

inline constexpr std::array<Name<CallDirection>, 2> kDirections = {{
    {"incoming", CallDirection::incoming},
    {"outgoing", CallDirection::outgoing},
}};
inline constexpr std::array<Name<HangupCause>, 8> kCauses = {{
    {"call_rejected", HangupCause::call_rejected},
    {"normal_clearing", HangupCause::normal_clearing},
    {"originator_cancel", HangupCause::originator_cancel},
    {"timeout", HangupCause::timeout},
    {"time_limit", HangupCause::time_limit},
    {"user_busy", HangupCause::user_busy},
    {"not_found", HangupCause::not_found},
    {"no_answer", HangupCause::no_answer},
}};
inline constexpr std::array<Name<HangupSource>, 2> kSources = {{
    {"caller", HangupSource::caller},
    {"callee", HangupSource::callee},
}};
inline constexpr std::array<Name<MachineResult>, 7> kMachineResults = {{
    {"human", MachineResult::human},
    {"human_residence", MachineResult::human},
    {"human_business", MachineResult::human},
    {"machine", MachineResult::machine},
    {"silence", MachineResult::silence},
    {"fax_detected", MachineResult::fax},
    {"not_sure", MachineResult::not_sure},
}};
inline constexpr std::array<Name<GreetingResult>, 5> kGreetingResults = {{
    {"beep_detected", GreetingResult::beep},
    {"no_beep_detected", GreetingResult::no_beep},
    {"ended", GreetingResult::ended},
    {"prompt_ended", GreetingResult::prompt_ended},
    {"not_sure", GreetingResult::not_sure},
}};

}  // namespace telnyx
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
