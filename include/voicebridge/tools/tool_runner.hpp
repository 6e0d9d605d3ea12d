#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/log.hpp"
#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/tools/tool_registry.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What is particular to one call.
struct ToolRunnerLimits {
  std::size_t per_call =
      8;  ///< Handlers of one call at once; more get the error "resource_exhausted" at once.
  /// By a tool's name: in place of what it was added with.
  std::map<std::string, ToolOptions> options{};
};

/// How many handlers run in the whole process: a slow back end must not take the pool from
/// everybody.
/// @par Threads Any. Shared by the runners.
class VOICEBRIDGE_API ToolBulkhead {
 public:
  /// @param total Handlers that may run at once.
  explicit ToolBulkhead(std::size_t total = 64);
  bool enter() noexcept;  ///< False, and counted, when as many are running as may.
  /// For each `enter` that was true.
  void leave() noexcept;
  /// Handlers that run now.
  std::size_t running() const noexcept;
  /// How often `enter` was false.
  std::uint64_t refused() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Runs the tools of one call: checks arguments, runs handlers on the offload pool with a deadline,
/// tells when one is slow, keeps late results apart, and stops everything when the call ends.
/// @par Threads The call's own. The callbacks run there too, never inside `run`, and not after
/// `cancel_all`.
class VOICEBRIDGE_API ToolRunner {
 public:
  /// Where a runner tells what came of calls.
  struct Callbacks {
    /// A result or an error as JSON, in time; once for each call that was run.
    std::function<void(const std::string& tool_call_id, const std::string& output_json)> on_result;
    /// The filler's time has come: once in a batch, with the tool's own filler.
    std::function<void(std::string_view filler)> on_slow;
    /// A result that came after its deadline; only successes.
    std::function<void(std::string_view tool, const std::string& output_json)> on_late;
  };

  /// @param tools,scheduler  Must outlive the runner; the scheduler also every handler that still
  /// runs.
  ToolRunner(const ToolRegistry& tools, Scheduler& scheduler, std::string call_id,
             Callbacks callbacks, ToolRunnerLimits limits = {},
             ToolBulkhead bulkhead = ToolBulkhead(), Logger log = {});
  ~ToolRunner();  ///< As `cancel_all`.
  ToolRunner(const ToolRunner&) = delete;
  ToolRunner& operator=(const ToolRunner&) = delete;

  /// Runs the calls of one answer side by side. An id that was run before is ignored (the last 1024
  /// are known). Unknown tools, wrong arguments and exceeded limits come back by `on_result` like
  /// any other failure.
  void run(const std::vector<ToolCall>& calls, const std::map<std::string, std::string>& context);
  /// Tells the handlers that nobody waits; no callback comes any more.
  void cancel_all();
  std::size_t running() const;  ///< Calls that have not been answered by `on_result`.

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
