#pragma once

#include "agent/live_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What a call is to be made of: by its profile, or by the options of the agent. `lead` fills the
/// placeholders; null: nobody we know. `invalid_argument`: no carrier has the name of `facts`.
Result<LiveCall::Plan> plan_call(const CallShop& shop, CallFacts facts, const Lead* lead = nullptr,
                                 CallNotes notes = {});
Result<LiveCall::Plan> plan_service_call(const CallShop& shop, ServiceCall call);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
