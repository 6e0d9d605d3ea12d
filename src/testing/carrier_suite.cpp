#include "voicebridge/testing/carrier_suite.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using SuiteWord = CarrierSuiteResult::Verdict;

/// The timeline, for whoever has to find out what went wrong.
std::string story_of(const SuiteCall& call) {
  std::string text;
  for (const TimelineEntry& entry : call.record().timeline) {
    text += "    " + std::to_string(entry.at.count()) + " " + entry.kind + ": " + entry.detail;
    for (const auto& [key, value] : entry.fields) text += " " + key + "=" + value;
    text += "\n";
  }
  return text;
}

/// Why the lane cannot run it; empty: it can.
std::string unable(const CarrierLane& lane, const SuiteScenario& scenario,
                   const SuiteSetup& setup) {
  if (!lane.cannot) return {};
  std::vector<CarrierAbility> wanted = abilities_of(setup.plan);
  wanted.insert(wanted.end(), scenario.needs.begin(), scenario.needs.end());
  if (setup.expects_machine) wanted.push_back(CarrierAbility::machine_detection);
  for (const CarrierAbility ability : wanted) {
    std::string why = lane.cannot(ability);
    if (!why.empty()) return why;
  }
  return {};
}

/// One call of a scenario.
void run_once(const CarrierLane& lane, const SuiteScenario& scenario, std::uint64_t seed,
              CarrierSuiteResult& result) {
  SeededRandom random(seed);
  SuiteSetup setup = usual_setup(lane.format, seed);
  scenario.prepare(setup, random);
  result.reason = unable(lane, scenario, setup);
  if (!result.reason.empty()) {
    result.verdict = SuiteWord::not_applicable;
    return;
  }
  auto call = SuiteCall::create(lane, std::move(setup));
  if (!call) {
    result.verdict = SuiteWord::fail;
    result.reason = "it could not be set up: " + to_string(call.error());
    return;
  }
  (*call)->run();
  SuiteVerdict verdict(**call);
  verdict.expect_clean();
  scenario.check(verdict);
  if (verdict.fault().empty()) return;
  result.verdict = SuiteWord::fail;
  result.reason = verdict.fault() + " [seed " + std::to_string(seed) + "]";
  result.story = story_of(**call);
}

bool is_wanted(const CarrierSuiteOptions& options, const char* name) {
  return options.only.empty() ||
         std::find(options.only.begin(), options.only.end(), name) != options.only.end();
}

struct SuiteArguments {
  CarrierSuiteOptions options;
  std::vector<std::string> lanes;
  bool list = false;
  bool markdown = false;
  std::string fault;
};

/// A scenario or a lane that is not there would pass by not being run.
void refuse_unknown(SuiteArguments& arguments, const std::vector<CarrierLane>& lanes) {
  for (const std::string& name : arguments.options.only) {
    const auto& all = suite_scenarios();
    const bool known =
        std::any_of(all.begin(), all.end(), [&](const SuiteScenario& s) { return name == s.name; });
    if (!known) arguments.fault = "no such scenario: " + name;
  }
  for (const std::string& name : arguments.lanes) {
    const bool known = std::any_of(lanes.begin(), lanes.end(),
                                   [&](const CarrierLane& lane) { return name == lane.name; });
    if (!known) arguments.fault = "no such lane: " + name;
  }
}

SuiteArguments parse_suite_arguments(int argc, const char* const* argv) {
  SuiteArguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--list") {
      arguments.list = true;
    } else if (word == "--markdown") {
      arguments.markdown = true;
    } else if (word == "--only" && has_value) {
      arguments.options.only.emplace_back(argv[++i]);
    } else if (word == "--lane" && has_value) {
      arguments.lanes.emplace_back(argv[++i]);
    } else if (word == "--seed" && has_value) {
      char* end = nullptr;
      arguments.options.seed = std::strtoull(argv[++i], &end, 10);
      if (end == argv[i] || *end != '\0') arguments.fault = "--seed wants a number";
    } else {
      arguments.fault = "unknown argument: " + word;
    }
  }
  return arguments;
}

const CarrierSuiteResult* find_result(const std::vector<CarrierSuiteResult>& results,
                                      const std::string& lane, const std::string& scenario) {
  const auto found = std::find_if(results.begin(), results.end(), [&](const auto& result) {
    return result.lane == lane && result.scenario == scenario;
  });
  return found == results.end() ? nullptr : &*found;
}

std::string_view word_of(const CarrierSuiteResult* result) {
  if (result == nullptr) return "";
  switch (result->verdict) {
    case SuiteWord::pass:
      return "pass";
    case SuiteWord::fail:
      return "**FAIL**";
    case SuiteWord::not_applicable:
      return "n/a";
  }
  return "";
}

std::vector<std::string> lanes_of(const std::vector<CarrierSuiteResult>& results) {
  std::vector<std::string> lanes;
  for (const CarrierSuiteResult& result : results) {
    if (std::find(lanes.begin(), lanes.end(), result.lane) == lanes.end()) {
      lanes.push_back(result.lane);
    }
  }
  return lanes;
}

/// Lane and reason, and the scenarios it holds for; in the order they came.
using Reasons = std::vector<std::pair<std::string, std::string>>;

void add_reason(Reasons& reasons, const std::string& lane, const std::string& reason,
                const std::string& scenario) {
  const std::string key = "`" + lane + "`, " + reason;
  const auto found = std::find_if(reasons.begin(), reasons.end(),
                                  [&](const auto& known) { return known.first == key; });
  const std::string name = " `" + scenario + "`";
  found == reasons.end() ? reasons.emplace_back(key, name) : * found = {key, found->second + name};
}

void print_text(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// What failed, and how the call went.
void print_failures(const std::vector<CarrierSuiteResult>& results) {
  for (const CarrierSuiteResult& result : results) {
    if (result.verdict != SuiteWord::fail) continue;
    std::fprintf(stderr, "\n%s on %s: %s\n%s", result.scenario.c_str(), result.lane.c_str(),
                 result.reason.c_str(), result.story.c_str());
  }
}

/// For a person at a terminal: a line for each scenario.
void print_report(const std::vector<CarrierSuiteResult>& results) {
  std::size_t counts[3] = {};
  for (const CarrierSuiteResult& result : results) {
    const auto verdict = static_cast<std::size_t>(result.verdict);
    ++counts[verdict];
    static constexpr const char* kWords[] = {"pass", "FAIL", "n/a "};
    std::printf("%s  %-14s %-28s %s\n", kWords[verdict], result.lane.c_str(),
                result.scenario.c_str(), result.reason.c_str());
  }
  std::printf("\n%zu passed, %zu failed, %zu not applicable\n", counts[0], counts[1], counts[2]);
}

}  // namespace

std::vector<SuiteScenario> join_scenarios(std::vector<std::vector<SuiteScenario>> lists) {
  std::vector<SuiteScenario> all;
  for (auto& list : lists) std::move(list.begin(), list.end(), std::back_inserter(all));
  return all;
}

const std::vector<SuiteScenario>& suite_scenarios() {
  static const std::vector<SuiteScenario> all = join_scenarios(
      {start_scenarios(), barge_in_scenarios(), audio_scenarios(), hang_up_scenarios(),
       event_scenarios(), machine_scenarios(), command_scenarios(), socket_scenarios(),
       ending_scenarios(), model_scenarios()});
  return all;
}

std::vector<CarrierScenarioInfo> carrier_scenarios() {
  std::vector<CarrierScenarioInfo> all;
  for (const SuiteScenario& scenario : suite_scenarios()) {
    all.push_back({scenario.name, scenario.holds});
  }
  return all;
}

std::vector<CarrierSuiteResult> run_carrier_suite(const CarrierLane& lane,
                                                  const CarrierSuiteOptions& options) {
  std::vector<CarrierSuiteResult> results;
  for (const SuiteScenario& scenario : suite_scenarios()) {
    if (!is_wanted(options, scenario.name)) continue;
    CarrierSuiteResult result;
    result.lane = lane.name;
    result.scenario = scenario.name;
    for (unsigned run = 0; run < scenario.runs && result.verdict == SuiteWord::pass; ++run) {
      run_once(lane, scenario, options.seed + run, result);
    }
    results.push_back(std::move(result));
  }
  return results;
}

std::string carrier_matrix(const std::vector<CarrierSuiteResult>& results) {
  const std::vector<std::string> lanes = lanes_of(results);
  std::string text = "| scenario | what must hold |";
  for (const std::string& lane : lanes) text += " " + lane + " |";
  text += "\n|---|---|";
  for (std::size_t i = 0; i < lanes.size(); ++i) text += "---|";
  text += "\n";
  Reasons reasons;
  for (const SuiteScenario& scenario : suite_scenarios()) {
    std::string line = "| `" + std::string(scenario.name) + "` | " + scenario.holds + " |";
    bool any = false;
    for (const std::string& lane : lanes) {
      const CarrierSuiteResult* result = find_result(results, lane, scenario.name);
      any = any || result != nullptr;
      line += " " + std::string(word_of(result)) + " |";
      if (result == nullptr || result->verdict != SuiteWord::not_applicable) continue;
      add_reason(reasons, lane, result->reason, scenario.name);
    }
    if (any) text += line + "\n";
  }
  if (!reasons.empty()) text += "\nNot applicable:\n\n";
  for (const auto& [reason, names] : reasons) text += "* " + reason + ":" + names + "\n";
  return text;
}

int carrier_suite_main(int argc, const char* const* argv, const std::vector<CarrierLane>& lanes) {
  SuiteArguments arguments = parse_suite_arguments(argc, argv);
  refuse_unknown(arguments, lanes);
  if (!arguments.fault.empty()) {
    std::fprintf(stderr,
                 "%s\nusage: [--list] [--only SCENARIO]... [--lane LANE]... [--seed N] "
                 "[--markdown]\n",
                 arguments.fault.c_str());
    return 2;
  }
  if (arguments.list) {
    for (const CarrierLane& lane : lanes) std::printf("lane      %s\n", lane.name.c_str());
    for (const SuiteScenario& scenario : suite_scenarios()) {
      std::printf("scenario  %-28s %s\n", scenario.name, scenario.holds);
    }
    return 0;
  }
  std::vector<CarrierSuiteResult> results;
  for (const CarrierLane& lane : lanes) {
    const auto& names = arguments.lanes;
    if (!names.empty() && std::find(names.begin(), names.end(), lane.name) == names.end()) continue;
    auto more = run_carrier_suite(lane, arguments.options);
    std::move(more.begin(), more.end(), std::back_inserter(results));
  }
  arguments.markdown ? print_text(carrier_matrix(results)) : print_report(results);
  print_failures(results);
  return std::any_of(results.begin(), results.end(),
                     [](const auto& result) { return result.verdict == SuiteWord::fail; })
             ? 1
             : 0;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
