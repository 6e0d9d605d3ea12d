#include "openai_mcp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

bool is_tunnel(std::string_view id) {
  constexpr std::string_view kPrefix = "tunnel_";
  if (id.size() != kPrefix.size() + 32 || id.substr(0, kPrefix.size()) != kPrefix) return false;
  return std::all_of(id.begin() + kPrefix.size(), id.end(), [](unsigned char c) {
    return std::isdigit(c) != 0 || (std::islower(c) != 0);
  });
}

bool has_authorization_header(JsonView headers) {
  for (const auto& member : headers.members()) {
    std::string name(member.key);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name == "authorization") return true;
  }
  return false;
}

std::optional<ApiError> check_server(JsonView tool, const std::string& path, bool known) {
  const auto wrong = [&](const char* key, std::string message) {
    return ApiError{"invalid_value", std::move(message), fmt::format("{}.{}", path, key)};
  };
  const int addresses = int{tool["server_url"].exists()} + int{tool["connector_id"].exists()} +
                        int{tool["tunnel_id"].exists()};
  if (addresses > 1) {
    return wrong("server_url",
                 "Only one of 'server_url', 'connector_id' and 'tunnel_id' may be given.");
  }
  if (addresses == 0 && !known) {
    return ApiError{"missing_required_parameter",
                    fmt::format("Missing required parameter: '{}.server_url'.", path),
                    path + ".server_url"};
  }
  if (tool["tunnel_id"].exists() && !is_tunnel(tool["tunnel_id"].string_or(""))) {
    return wrong("tunnel_id", "Invalid 'tunnel_id'.");
  }
  if (tool["authorization"].exists() && has_authorization_header(tool["headers"])) {
    return wrong("authorization",
                 "'authorization' and a header of that name cannot be given both.");
  }
  return std::nullopt;
}

std::string tools_of(const ScenarioMcpServer& server) {
  JsonWriter out;
  out.array();
  for (const auto& tool : server.tools) {
    out.object().field("name", tool.name).field("description", tool.description);
    out.key("input_schema").raw(tool.input_schema_json).key("annotations").null().end();
  }
  return out.end().take();
}

}  // namespace

std::optional<ApiError> check_mcp_tools(JsonView tools, const std::set<std::string>& known) {
  std::set<std::string> labels;
  const auto elements = tools.elements();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (elements[i]["type"].string_or("") != "mcp") continue;
    const std::string label = elements[i]["server_label"].string_or("");
    const std::string path = fmt::format("session.tools[{}]", i);
    if (!labels.insert(label).second) {
      return ApiError{"invalid_value", fmt::format("Duplicate server_label: '{}'.", label),
                      path + ".server_label"};
    }
    if (auto error = check_server(elements[i], path, known.count(label) != 0)) return error;
  }
  return std::nullopt;
}

McpServers::McpServers(EventOut& out, ItemEvents& items, IdGenerator& ids,
                       std::shared_ptr<const OpenAiScenario> scenario)
    : out_(out), items_(items), ids_(ids), scenario_(std::move(scenario)) {}

std::optional<ApiError> McpServers::check(JsonView tools) const {
  return check_mcp_tools(tools, listed_);
}

void McpServers::configure(const std::string& tools_json, TimePoint now) {
  const auto tools = Json::parse(tools_json);
  if (!tools) return;
  for (const JsonView tool : tools->root().elements()) {
    if (tool["type"].string_or("") != "mcp") continue;
    const std::string label = tool["server_label"].string_or("");
    if (listed_.insert(label).second) list(label, now);
  }
}

void McpServers::list(const std::string& label, TimePoint now) {
  const auto& servers = scenario_->mcp_servers;
  const auto found = std::find_if(servers.begin(), servers.end(),
                                  [&](const auto& server) { return server.label == label; });
  ScenarioMcpServer server;
  if (found != servers.end()) {
    server = *found;
  } else {
    server.label = label;
    server.fails = true;
  }
  const std::string item_id = ids_.make("mcpl_");
  out_.event("mcp_list_tools.in_progress", [&](JsonWriter& out) { out.field("item_id", item_id); });
  agenda_.add(now + server.delay, [this, item_id, server](TimePoint) { finish(item_id, server); });
}

void McpServers::finish(const std::string& item_id, const ScenarioMcpServer& server) {
  Item item;
  item.id = item_id;
  item.type = "mcp_list_tools";
  item.server_label = server.label;
  if (!server.fails) item.tools_json = tools_of(server);
  items_.announce(std::move(item));
  out_.event(server.fails ? "mcp_list_tools.failed" : "mcp_list_tools.completed",
             [&](JsonWriter& out) { out.field("item_id", item_id); });
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
