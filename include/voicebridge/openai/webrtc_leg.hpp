#pragma once

#include <string>

#include "voicebridge/call/carrier.hpp"
#include "voicebridge/openai/realtime_api.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// A WebRTC call that `RealtimeApi::create_call` has made, as a `Carrier`. The service has taken it
/// already, so `answer` and `start_media` are done at once, and `hang_up` ends it; there is nobody
/// to dial, no voice to speak with and nobody to hand a browser on to: those are
/// `Errc::unsupported`. `leg_id` is the service's id of the call.
class VOICEBRIDGE_API WebrtcLeg final : public Carrier {
 public:
  /// A leg for the call that `RealtimeApi::create_call` made.
  WebrtcLeg(RealtimeApi api, std::string call_id);

  void dial(const CarrierDial& dial, Scheduler& on,
            std::function<void(Result<std::string>)> done) override;
  /// Succeeds at once: the browser's call is up when it is made.
  void answer(const std::string& leg_id, const std::string& call_id, Scheduler& on,
              Done done) override;
  void hang_up(const std::string& leg_id, Scheduler& on, Done done) override;
  void speak(const std::string& leg_id, const std::string& text, Scheduler& on, Done done) override;
  void start_media(const std::string& leg_id, const std::string& call_id, Scheduler& on,
                   Done done) override;
  void transfer(const std::string& leg_id, const CarrierTransfer& transfer, Scheduler& on,
                HandedOver done) override;

 private:
  bool is_ours(const std::string& leg_id, Scheduler& on, const Done& done) const;

  const RealtimeApi api_;
  const std::string call_id_;
};

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
