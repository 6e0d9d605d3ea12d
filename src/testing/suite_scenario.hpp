#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "testing/suite_call.hpp"
#include "voicebridge/testing/callee_steps.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

using namespace std::chrono_literals;

/// What a scenario found out about one call.
class SuiteVerdict {
 public:
  explicit SuiteVerdict(const SuiteCall& judged)
      : call(judged), record(judged.record()), far(judged.far_end()) {}

  /// The first thing that does not hold is the reason of the failure.
  void expect(bool holds, const std::string& what) {
    if (!holds && fault_.empty()) fault_ = what;
  }
  void expect_end(EndReason reason);
  void expect_end(EndReason one, EndReason other);
  /// Exactly these sentences were heard of the agent, in this order; an interrupted one counts by
  /// its text as it was meant.
  void expect_agent(const std::vector<std::string>& sentences);
  /// The caller's words were understood so many times.
  void expect_caller_turns(std::size_t turns);
  void expect_commands(CommandTrouble::Command which, std::size_t times);
  /// Nothing of what the agent said was lost: all was played, thrown away by a clear, or never
  /// sent; byte for byte where the model's format is the leg's.
  void expect_accounted(bool cut_short = false);
  /// The model was told where the hearing of an interrupted utterance ended, to 40 ms.
  void expect_truncated(Millis tolerance = Millis(40));
  /// No session, leg or timer is left, and neither the model nor the carrier found fault.
  void expect_clean();

  const std::string& fault() const { return fault_; }

  const SuiteCall& call;
  const CallRecord& record;
  const FarEnd far;

 private:
  void expect_books(bool cut_short);

  std::string fault_;
};

struct SuiteScenario {
  const char* name;
  const char* holds;
  void (*prepare)(SuiteSetup& setup, SeededRandom& random);
  void (*check)(SuiteVerdict& verdict);
  unsigned runs = 1;  ///< With as many seeds.
  /// The carrier is told of what it must be able to do beside what the plan shows.
  std::vector<CarrierAbility> needs = {};
};

/// A talk with a long greeting, which is interrupted unless a scenario changes that.
SuiteSetup usual_setup(AudioFormat format, std::uint64_t seed);
/// The model's part in it.
extern const char* const kUsualTalk;
/// Says "Stop, please." when the agent has been heard for so long, then "That is all."
CalleeScript interrupting(Millis after);
/// Lets the agent finish each time and answers with these sentences.
CalleeScript patient(const std::vector<std::string>& sentences);

/// One list out of several.
std::vector<SuiteScenario> join_scenarios(std::vector<std::vector<SuiteScenario>> lists);

std::vector<SuiteScenario> start_scenarios();
std::vector<SuiteScenario> barge_in_scenarios();
std::vector<SuiteScenario> audio_scenarios();
std::vector<SuiteScenario> hang_up_scenarios();
std::vector<SuiteScenario> event_scenarios();
std::vector<SuiteScenario> machine_scenarios();
std::vector<SuiteScenario> command_scenarios();
std::vector<SuiteScenario> socket_scenarios();
std::vector<SuiteScenario> ending_scenarios();
std::vector<SuiteScenario> model_scenarios();

/// All of them, in their order.
const std::vector<SuiteScenario>& suite_scenarios();

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
