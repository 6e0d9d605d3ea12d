#pragma once

#include <functional>
#include <memory>
#include <string>

#include "voicebridge/testing/carrier_under_test.hpp"
#include "voicebridge/testing/scripted_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// How a simulated carrier names what a plan speaks of.
struct RigWords {
  /// `WebhookFaults::Rule::event_type`; empty: it has no such event.
  std::function<std::string(LegEventKind)> event;
  /// `SimApiFault::command`; empty: it has no such command.
  std::function<std::string(CommandTrouble::Command)> command;
};

/// A lane for the behavioural suite from both sides of a carrier: the code that runs in production
/// and the simulated service, as a `CarrierRig` joins them.
VOICEBRIDGE_API CarrierLane
rig_lane(std::string name, AudioFormat format,
         std::function<std::unique_ptr<CarrierRig>(const ScriptedCallOptions& options)> make_rig,
         RigWords words, std::function<std::string(CarrierAbility)> cannot = {});

/// Telnyx. @param name  "telnyx-pcmu"
/// @param format  Asked of the carrier, and what the leg speaks.
VOICEBRIDGE_API CarrierLane telnyx_lane(std::string name, AudioFormat format);
/// Twilio, which has PCMU only.
VOICEBRIDGE_API CarrierLane twilio_lane(std::string name);
/// A web page over `WebStreamServer`. Nobody can dial a page: a call out is a visitor who presses
/// the button when it rings.
VOICEBRIDGE_API CarrierLane web_lane(std::string name);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
