#pragma once

#include "agent/live_call.hpp"

namespace voicebridge {

/// What a call is to be made of: by its profile, or by the options of the agent. `lead` fills the
/// placeholders; null: nobody we know.
Result<LiveCall::Plan> plan_call(const CallShop& shop, const CallFacts& facts,
                                 const Lead* lead = nullptr);
Result<LiveCall::Plan> plan_service_call(const CallShop& shop, ServiceCall call);

}  // namespace voicebridge
