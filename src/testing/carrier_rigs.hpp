#pragma once

#include <memory>

#include "voicebridge/testing/scripted_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// The carriers of the library for a scripted call.
std::unique_ptr<CarrierRig> make_telnyx_rig(const ScriptedCallOptions& options);
std::unique_ptr<CarrierRig> make_twilio_rig(const ScriptedCallOptions& options);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
