#include "voicebridge/testing/openai_scenario.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>

#include "openai_shape.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using detail::Shape;
using FaultKind = ReplyFault::Kind;

template <class Enum>
struct Named {
  std::string_view name;
  Enum value;
};

constexpr std::array<Named<ReplyCause>, 7> kCauses = {{{"start", ReplyCause::start},
                                                       {"turn", ReplyCause::turn},
                                                       {"text", ReplyCause::text},
                                                       {"tool_result", ReplyCause::tool_result},
                                                       {"idle", ReplyCause::idle},
                                                       {"response", ReplyCause::response},
                                                       {"aside", ReplyCause::aside}}};

constexpr std::array<Named<FaultKind>, 11> kFaults = {
    {{"no_response", FaultKind::no_response},
     {"error", FaultKind::error},
     {"failed", FaultKind::failed},
     {"incomplete", FaultKind::incomplete},
     {"silent", FaultKind::silent},
     {"cut", FaultKind::cut},
     {"malformed_frame", FaultKind::malformed_frame},
     {"unknown_event", FaultKind::unknown_event},
     {"late_deltas", FaultKind::late_deltas},
     {"text_only", FaultKind::text_only},
     {"two_items", FaultKind::two_items}}};

/// The shape check comes first, so the name is always there.
template <class Table>
auto value_of(const Table& table, std::string_view name) {
  for (const auto& entry : table) {
    if (entry.name == name) return entry.value;
  }
  return table.front().value;
}

template <class Table>
Shape choice_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& entry : table) names.emplace_back(entry.name);
  return Shape::choice(std::move(names));
}

Shape count() { return Shape::integer(0, std::numeric_limits<std::int32_t>::max()); }

Shape reply_shape() {
  const Shape call = Shape::object(
      {{"name", Shape::text(), true}, {"arguments", Shape::map(Shape::any(), 1000, 1000)}});
  const Shape mcp_call = Shape::object({{"server", Shape::text(), true},
                                        {"name", Shape::text(), true},
                                        {"arguments", Shape::map(Shape::any(), 1000, 1000)},
                                        {"output", Shape::text()},
                                        {"error", Shape::text()}});
  const Shape fault = Shape::object({{"kind", choice_of(kFaults), true},
                                     {"code", Shape::text()},
                                     {"message", Shape::text()},
                                     {"after", count()}});
  return Shape::object({{"on", choice_of(kCauses), true},
                        {"transcript_of_caller", Shape::text()},
                        {"say", Shape::text()},
                        {"calls", Shape::array(call)},
                        {"mcp_calls", Shape::array(mcp_call)},
                        {"delay_ms", count()},
                        {"speed", Shape::number(0.01, 1000)},
                        {"fault", fault}});
}

Shape scenario_shape() {
  const Shape agent = Shape::object({{"name", Shape::text()},
                                     {"match", Shape::text()},
                                     {"order", count()},
                                     {"language", Shape::text()},
                                     {"default_line", Shape::text()},
                                     {"lines", Shape::array(Shape::text())},
                                     {"replies", Shape::array(reply_shape())}});
  const Shape connection = Shape::object({{"http_status", Shape::integer(400, 599)},
                                          {"code", Shape::text()},
                                          {"message", Shape::text()},
                                          {"error_at", count()},
                                          {"slow_ms", count()},
                                          {"session_length_ms", count()},
                                          {"mute_after", count()},
                                          {"cut_after", count()},
                                          {"malformed_at", count()},
                                          {"unknown_at", count()},
                                          {"close_code", Shape::integer(1000, 4999)},
                                          {"repeat", Shape::boolean()}});
  const Shape tool = Shape::object({{"name", Shape::text(), true},
                                    {"description", Shape::text()},
                                    {"input_schema", Shape::map(Shape::any(), 1000, 256)}});
  const Shape server = Shape::object({{"label", Shape::text(), true},
                                      {"tools", Shape::array(tool)},
                                      {"delay_ms", count()},
                                      {"fails", Shape::boolean()}});
  return Shape::object({{"agents", Shape::array(agent), true},
                        {"connections", Shape::array(connection)},
                        {"mcp_servers", Shape::array(server)}});
}

std::optional<std::size_t> optional_count(JsonView value) {
  const auto number = value.integer();
  if (!number) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

ReplyFault read_fault(JsonView json) {
  ReplyFault fault;
  if (!json.exists()) return fault;
  fault.kind = value_of(kFaults, json["kind"].string_or(""));
  if (fault.kind == FaultKind::incomplete) fault.code = "max_output_tokens";
  fault.code = json["code"].string_or(fault.code);
  fault.message = json["message"].string_or(fault.message);
  fault.after = static_cast<unsigned>(json["after"].integer_or(fault.after));
  return fault;
}

ScenarioReply read_reply(JsonView json) {
  ScenarioReply reply;
  reply.on = value_of(kCauses, json["on"].string_or(""));
  reply.transcript_of_caller = json["transcript_of_caller"].string_or("");
  reply.say = json["say"].string_or("");
  for (const JsonView call : json["calls"].elements()) {
    const JsonView arguments = call["arguments"];
    reply.calls.push_back(
        {call["name"].string_or(""), arguments.exists() ? arguments.dump() : "{}"});
  }
  for (const JsonView call : json["mcp_calls"].elements()) {
    const JsonView arguments = call["arguments"];
    reply.mcp_calls.push_back({call["server"].string_or(""), call["name"].string_or(""),
                               arguments.exists() ? arguments.dump() : "{}",
                               call["output"].string_or(""), call["error"].string_or("")});
  }
  reply.delay = Millis(json["delay_ms"].integer_or(0));
  reply.speed = json["speed"].number_or(0);
  reply.fault = read_fault(json["fault"]);
  return reply;
}

ScenarioAgent read_agent(JsonView json) {
  ScenarioAgent agent;
  agent.name = json["name"].string_or("");
  agent.match = json["match"].string_or("");
  agent.order = optional_count(json["order"]);
  agent.language = json["language"].string_or(agent.language);
  agent.default_line = json["default_line"].string_or(agent.default_line);
  for (const JsonView line : json["lines"].elements()) agent.lines.push_back(line.string_or(""));
  for (const JsonView reply : json["replies"].elements())
    agent.replies.push_back(read_reply(reply));
  return agent;
}

ConnectionFault read_connection(JsonView json) {
  ConnectionFault fault;
  fault.http_status = static_cast<int>(json["http_status"].integer_or(0));
  fault.code = json["code"].string_or(fault.code);
  fault.message = json["message"].string_or(fault.message);
  fault.error_at = optional_count(json["error_at"]);
  fault.slow = Millis(json["slow_ms"].integer_or(0));
  if (const auto length = json["session_length_ms"].integer())
    fault.session_length = Millis(*length);
  fault.mute_after = optional_count(json["mute_after"]);
  fault.cut_after = optional_count(json["cut_after"]);
  fault.malformed_at = optional_count(json["malformed_at"]);
  fault.unknown_at = optional_count(json["unknown_at"]);
  fault.close_code = static_cast<unsigned>(json["close_code"].integer_or(fault.close_code));
  return fault;
}

ScenarioMcpServer read_server(JsonView json) {
  ScenarioMcpServer server;
  server.label = json["label"].string_or("");
  server.delay = Millis(json["delay_ms"].integer_or(server.delay.count()));
  server.fails = json["fails"].bool_or(false);
  for (const JsonView tool : json["tools"].elements()) {
    server.tools.push_back({tool["name"].string_or(""), tool["description"].string_or("")});
    if (const JsonView schema = tool["input_schema"]; schema.exists()) {
      server.tools.back().input_schema_json = schema.dump();
    }
  }
  return server;
}

bool has_placeholder(std::string_view text) { return text.find("{{") != std::string_view::npos; }

}  // namespace

std::string_view to_string(ReplyCause cause) noexcept {
  for (const auto& entry : kCauses) {
    if (entry.value == cause) return entry.name;
  }
  return "response";
}

Result<OpenAiScenario> OpenAiScenario::parse(std::string_view json) {
  auto document = Json::parse(json);
  if (!document) return fail(std::move(document.error()));
  if (auto error = scenario_shape().check(*document, "")) {
    return fail(Errc::invalid_argument, std::move(error->message), std::move(error->param));
  }
  OpenAiScenario scenario;
  for (const JsonView agent : (*document)["agents"].elements())
    scenario.agents.push_back(read_agent(agent));
  for (const JsonView connection : (*document)["connections"].elements()) {
    scenario.connections.push_back(read_connection(connection));
    scenario.repeat_last_connection = connection["repeat"].bool_or(false);
  }
  for (const JsonView server : (*document)["mcp_servers"].elements())
    scenario.mcp_servers.push_back(read_server(server));
  return scenario;
}

ConnectionFault OpenAiScenario::connection_fault(std::size_t connection) const {
  if (connection < connections.size()) return connections[connection];
  return repeat_last_connection && !connections.empty() ? connections.back() : ConnectionFault{};
}

std::vector<std::pair<std::string, std::string>> OpenAiScenario::lines() const {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& agent : agents) {
    lines.emplace_back(agent.language, agent.default_line);
    for (const auto& line : agent.lines) lines.emplace_back(agent.language, line);
    for (const auto& reply : agent.replies) {
      if (!reply.say.empty() && !has_placeholder(reply.say))
        lines.emplace_back(agent.language, reply.say);
    }
  }
  return lines;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
