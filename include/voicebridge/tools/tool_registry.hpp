#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/call/speech_session.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Tells a handler that nobody waits for its result any more: the call is over. A deadline that has
/// passed does not cancel, because a late result is still worth something.
/// @par Threads Any. Copies share.
class VOICEBRIDGE_API Cancellation {
 public:
  Cancellation();
  /// Whether nobody waits any more.
  bool cancelled() const noexcept;
  /// Nobody waits any more; copies see it.
  void cancel() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// One call of a tool, as its handler gets it.
struct ToolInvocation {
  std::string call_id;                         ///< The phone or web call; empty outside of one.
  std::string tool_call_id;                    ///< Unique: the key of idempotency.
  std::string tool;                            ///< The tool's name.
  Json arguments;                              ///< Checked against the tool's schema.
  std::map<std::string, std::string> context;  ///< What the call knows, such as "lead_id".
  Cancellation cancellation;  ///< To be asked now and then by handlers that take long.
};

/// What the model gets: JSON text.
using ToolOutput = Result<std::string>;

/// Runs on the offload pool and may block. An error goes to the model as `{"error":{…}}`; so does
/// an exception, without its text. An output that is not JSON goes as a JSON string; one beyond 64
/// KiB is an error.
using ToolHandler = std::function<ToolOutput(const ToolInvocation&)>;

/// Takes the result of an asynchronous tool, from any thread. The first one counts; dropping the
/// last copy without one is an error for the model.
using ToolReply = std::function<void(ToolOutput)>;
/// Starts the work and returns. Runs on the offload pool.
using AsyncToolHandler = std::function<void(const ToolInvocation&, ToolReply)>;

/// How long a tool may take, and what the caller hears meanwhile.
struct ToolOptions {
  Millis deadline{
      10000};  ///< Then the model is told that there is no result; a later one is kept as context.
  Millis filler_after{900};  ///< Then the caller hears a filler. 0: never.
  std::string filler;        ///< What to say, as an instruction; empty: the call's own filler.
};

/// The tools of an agent. Adding one is one call:
/// @code
/// tools.add({"check_stock", "How many of an article are in stock",
///            R"({"type":"object","properties":{"article":{"type":"string"}},"required":["article"]})"},
///           [](const ToolInvocation& call) -> ToolOutput {
///             return count_as_json(call.arguments["article"].string_or(""));
///           });
/// @endcode
/// @par Threads Add everything before the first call; after that any thread may read.
class VOICEBRIDGE_API ToolRegistry {
 public:
  ToolRegistry();
  ~ToolRegistry();
  ToolRegistry(const ToolRegistry&) = delete;
  ToolRegistry& operator=(const ToolRegistry&) = delete;

  /// @return `Errc::invalid_argument` naming `name` (1 to 64 letters, digits, _ and -),
  /// `parameters` (not a JSON Schema of an object) or `options`; `Errc::conflict` for a name that
  /// is taken.
  Result<> add(ToolSpec spec, ToolHandler handler, ToolOptions options = {});
  /// As `add`, for a handler that gives its result later.
  Result<> add_async(ToolSpec spec, AsyncToolHandler handler, ToolOptions options = {});

  /// The tools as a session is told of them; with `names` only those, in that order, unknown ones
  /// left out.
  std::vector<ToolSpec> specs() const;
  /// Those of these names.
  std::vector<ToolSpec> specs(const std::vector<std::string>& names) const;

  struct Tool;                                    ///< Of use to `ToolRunner` only.
  const Tool* find(std::string_view name) const;  ///< Null when there is none.

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// `{"error":{"code":"invalid_argument","field":"phone","message":"…"}}`: an error as the model
/// gets it.
VOICEBRIDGE_API std::string tool_error_json(const Error& error);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
