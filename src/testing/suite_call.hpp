#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "testing/virtual_model.hpp"
#include "voicebridge/testing/audio_account.hpp"
#include "voicebridge/testing/carrier_under_test.hpp"
#include "voicebridge/testing/scripted_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

class SuiteCall;

/// All that a scenario chooses of its call.
struct SuiteSetup {
  CarrierPlan plan;
  PhoneAgentOptions agent;
  std::string script;         ///< What the model does, as `OpenAiScenario::parse` reads it.
  ScriptedCallOptions model;  ///< Those of its fields that are about the model.
  Millis tool_takes{300};     ///< The tool `count`, which says {"n":3}.
  bool tool_fails = false;
  bool expects_machine = false;
  /// The model gets the caller's speech of before at once, and is asked to speak at the same time:
  /// it may have begun an answer by itself, and says so.
  bool answers_may_race = false;
  Millis longest{240000};
  /// What is done from outside, so long after the begin.
  struct Deed {
    Millis at{0};
    std::function<void(SuiteCall&)> act;
  };
  std::vector<Deed> deeds;
};

/// One call of the suite: the agent as it runs in production between the simulated model and a
/// carrier under test.
class SuiteCall {
 public:
  static Result<std::unique_ptr<SuiteCall>> create(const CarrierLane& lane, SuiteSetup setup);
  ~SuiteCall();
  SuiteCall(const SuiteCall&) = delete;
  SuiteCall& operator=(const SuiteCall&) = delete;

  /// From the dialing, or the ringing, to the end of the call and of what follows it.
  void run();

  const SuiteSetup& setup() const { return setup_; }
  const CarrierLane& lane() const { return lane_; }
  PhoneAgent& agent() { return *agent_; }
  const PhoneAgent& agent() const { return *agent_; }
  CarrierUnderTest& carrier() { return *carrier_; }
  const CarrierUnderTest& carrier() const { return *carrier_; }
  ManualScheduler& clock() { return clock_; }
  const ManualScheduler& clock() const { return clock_; }
  std::size_t ended() const { return ended_; }
  /// Empty before the call has ended.
  const CallRecord& record() const { return record_; }
  std::vector<const OpenAiSimRecord*> model() const { return model_->records(); }
  FarEnd far_end() const { return carrier_->far_end(); }
  /// How often the tool has begun to count.
  std::size_t counted() const { return counted_; }
  /// When it all began.
  TimePoint began() const { return began_; }
  std::size_t commands(CommandTrouble::Command which) const;
  bool passes_through() const;

 private:
  SuiteCall(CarrierLane lane, SuiteSetup setup)
      : lane_(std::move(lane)), setup_(std::move(setup)) {}
  Result<> assemble();
  Result<> add_tools();
  Result<> add_lead();
  void begin();

  const CarrierLane lane_;
  SuiteSetup setup_;
  ManualScheduler clock_;
  std::unique_ptr<VirtualModel> model_;
  ToolRegistry tools_;
  std::shared_ptr<LeadStore> leads_ = make_memory_lead_store();
  std::unique_ptr<CarrierUnderTest> carrier_;
  std::unique_ptr<PhoneAgent> agent_;
  std::string lead_id_;
  std::size_t ended_ = 0;
  std::size_t counted_ = 0;
  CallRecord record_;
  TimePoint began_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
