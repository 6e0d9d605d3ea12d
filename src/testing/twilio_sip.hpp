#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/testing/openai_simulator.hpp"
#include "voicebridge/testing/twilio_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// The way from the Twilio simulator to the SIP connector of the OpenAI simulator. What becomes of
/// a call there is looked at every 20 ms, as a phone would hear of it.
/// @par Threads Any; must be owned by a shared pointer.
class TwilioSip final : public SimSipConnector, public std::enable_shared_from_this<TwilioSip> {
 public:
  struct Told {
    std::function<void(const std::string& call_sid)> answered;
    std::function<void(const std::string& call_sid, int sip_status)> ended;
  };

  TwilioSip(OpenAiSimulator& openai, SimCallerPlan caller, Scheduler& shard);

  void tell(Told told) { told_ = std::move(told); }
  void invite(const SimSipInvite& invite) override;
  void bye(const std::string& call_sid) override;
  void stop();

 private:
  struct Call {
    std::string call_id;  ///< Of the connector.
    bool answered = false;
  };

  void begin(const SimSipInvite& invite);
  void watch();
  void look(const std::string& call_sid);

  OpenAiSimulator& openai_;
  const SimCallerPlan caller_;
  Scheduler& shard_;
  Told told_;

  // On the shard only.
  std::map<std::string, Call> calls_;
  bool watching_ = false;
  bool stopped_ = false;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
