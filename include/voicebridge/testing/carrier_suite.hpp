#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/testing/carrier_under_test.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// One scenario on one lane.
struct CarrierSuiteResult {
  /// What came of it.
  /// What came of a scenario.
  enum class Verdict { pass, fail, not_applicable } verdict = Verdict::pass;  ///< What it was.
  std::string lane;      ///< `CarrierLane::name`
  std::string scenario;  ///< `CarrierScenarioInfo::name`
  std::string reason;  ///< Of what is not a pass: what did not hold, or what the carrier cannot do.
  std::string story;   ///< Of a failure: the timeline of the call.
};

/// Which scenarios, and by which chance.
struct CarrierSuiteOptions {
  std::vector<std::string> only;  ///< Names of scenarios; empty: all.
  std::uint64_t seed = 1;         ///< Of everything that happens by chance.
};

/// What a scenario says must hold.
struct CarrierScenarioInfo {
  std::string name;   ///< As `--only` wants it.
  std::string holds;  ///< One line.
};

/// The behavioural suite that every carrier has to pass: whole calls in virtual time, each between
/// the simulated speech service and a carrier under test, with `PhoneAgent` as it runs in
/// production between them. No network, no thread; the same seed gives the same run.
/// @code
/// int main(int argc, char** argv) { return carrier_suite_main(argc, argv, {my_lane()}); }
/// @endcode
VOICEBRIDGE_API std::vector<CarrierScenarioInfo> carrier_scenarios();

/// Runs the scenarios on a lane, in their order.
VOICEBRIDGE_API std::vector<CarrierSuiteResult> run_carrier_suite(
    const CarrierLane& lane, const CarrierSuiteOptions& options = {});

/// A table in Markdown, a line for each scenario and a column for each lane, and below it why what
/// is not applicable is not.
VOICEBRIDGE_API std::string carrier_matrix(const std::vector<CarrierSuiteResult>& results);

/// The suite as a program: `--list`, `--only NAME` and `--lane NAME` (both may be repeated),
/// `--seed N`, `--markdown`. Prints a line for each scenario, or the matrix; on the error output
/// what failed, with the story of the call.
/// @return 0 when nothing failed, 1 when something did, 2 for arguments nobody knows.
VOICEBRIDGE_API int carrier_suite_main(int argc, const char* const* argv,
                                       const std::vector<CarrierLane>& lanes);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
