#pragma once

#include <memory>
#include <string>

#include "voicebridge/testing/callee_script.hpp"
#include "voicebridge/testing/voice_source.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// `ToneVoice` that makes the same words once only, for many calls.
/// @par Threads One, unlike other voices.
VOICEBRIDGE_API std::shared_ptr<const VoiceSource> remembering_voice();

/// A sentence of the callee that a voice detector takes for speech.
VOICEBRIDGE_API CalleeStep callee_says(const std::string& words);
/// Waits for time, or for the agent to speak or to be silent for so long.
VOICEBRIDGE_API CalleeStep callee_waits(CalleeStep::Kind what, Millis duration);
/// Presses keys, one every 200 ms.
VOICEBRIDGE_API CalleeStep callee_presses(const std::string& keys);
/// Hangs up.
VOICEBRIDGE_API CalleeStep callee_hangs_up();

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
