#pragma once

#include <memory>

#include "voicebridge/testing/scripted_call.hpp"

namespace voicebridge::testing {

/// The carriers of the library for a scripted call.
std::unique_ptr<CarrierRig> make_telnyx_rig(const ScriptedCallOptions& options);
std::unique_ptr<CarrierRig> make_twilio_rig(const ScriptedCallOptions& options);

}  // namespace voicebridge::testing
