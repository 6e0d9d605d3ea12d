#pragma once

#include <memory>
#include <string>

#include "voicebridge/call/carrier.hpp"
#include "voicebridge/openai/realtime_api.hpp"
#include "voicebridge/openai/session_config.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// How a SIP call is answered and handed on.
struct SipLegOptions {
  /// How long from `answer` on the caller can be expected to let it ring. A second try that would
  /// come later is not made.
  Millis ring_time{20000};
  Millis retry_pause{250};  ///< Before the second try, when the service names none.
  int refusal = 603;        ///< SIP status for a caller who is hung up on while it rings.
};

/// One call that came to the service by SIP, as a `Carrier`. The service carries the audio, so
/// there is no media to start, nothing to speak with and nobody to dial: those are
/// `Errc::unsupported`, except `start_media`, which is done at once. `leg_id` is the service's id
/// of the call.
class VOICEBRIDGE_API SipLeg final : public Carrier {
 public:
  /// `session` is what the call is accepted with: model, instructions, voice, tools.
  SipLeg(RealtimeApi api, std::string call_id, SessionConfig session, SipLegOptions options = {});

  void dial(const CarrierDial& dial, Scheduler& on,
            std::function<void(Result<std::string>)> done) override;
  /// Accepts the call; a second time when the first failed in a way that may pass.
  void answer(const std::string& leg_id, const std::string& call_id, Scheduler& on,
              Done done) override;
  /// Rejects the call when `answer` was not asked for.
  void hang_up(const std::string& leg_id, Scheduler& on, Done done) override;
  void speak(const std::string& leg_id, const std::string& text, Scheduler& on, Done done) override;
  void start_media(const std::string& leg_id, const std::string& call_id, Scheduler& on,
                   Done done) override;
  /// By REFER: the service tells that it has sent it, and nothing of what comes of it.
  void transfer(const std::string& leg_id, const CarrierTransfer& transfer, Scheduler& on,
                HandedOver done) override;

 private:
  struct State;
  bool is_ours(const std::string& leg_id, Scheduler& on, const Done& done) const;
  std::shared_ptr<State> state_;  ///< A second try may outlive the leg.
};

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
