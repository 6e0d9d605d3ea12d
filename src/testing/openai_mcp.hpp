#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "openai_api_error.hpp"
#include "openai_event_out.hpp"
#include "openai_item_events.hpp"
#include "testing/agenda.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// The MCP servers that a session names in its tools: fetches the list of each one's tools, once.
class McpServers {
 public:
  McpServers(EventOut& out, ItemEvents& items, IdGenerator& ids,
             std::shared_ptr<const OpenAiScenario> scenario);

  /// What no shape can say of the checked `tools`.
  std::optional<ApiError> check(JsonView tools) const;
  /// The tools that the session has now.
  void configure(const std::string& tools_json, TimePoint now);

  Deadline next_deadline() const { return agenda_.next_deadline(); }
  void on_deadline(TimePoint now) { agenda_.run(now); }

 private:
  void list(const std::string& label, TimePoint now);
  void finish(const std::string& item_id, const ScenarioMcpServer& server);

  EventOut& out_;
  ItemEvents& items_;
  IdGenerator& ids_;
  const std::shared_ptr<const OpenAiScenario> scenario_;
  std::set<std::string> listed_;  ///< Asked for, that is; by label.
  Agenda agenda_;
};

/// The rules for the MCP servers in `tools`, apart from those that earlier tools of the session
/// have made known.
std::optional<ApiError> check_mcp_tools(JsonView tools, const std::set<std::string>& known);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
