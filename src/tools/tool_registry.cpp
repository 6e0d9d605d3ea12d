#include "voicebridge/tools/tool_registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "tools/tool.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kMaxNameSize = 64;
constexpr std::string_view kNoParameters =
    R"({"type":"object","properties":{},"additionalProperties":false})";

bool is_tool_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameSize &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

tl::unexpected<Error> fail_parameters(const ToolSpec& spec, std::string_view why) {
  return fail(Errc::invalid_argument,
              fmt::format("the parameters of tool \"{}\": {}", spec.name, why), "parameters");
}

Result<JsonSchema> compile_parameters(const ToolSpec& spec) {
  const auto schema = Json::parse(spec.parameters_json);
  if (!schema) return fail_parameters(spec, schema.error().message);
  if ((*schema)["type"].string() != "object") {
    return fail_parameters(spec, "the schema must say \"type\":\"object\"");
  }
  auto compiled = JsonSchema::compile(*schema);
  if (!compiled) return fail_parameters(spec, compiled.error().message);
  return compiled;
}

}  // namespace

struct Cancellation::State {
  std::atomic<bool> cancelled{false};
};

Cancellation::Cancellation() : state_(std::make_shared<State>()) {}
bool Cancellation::cancelled() const noexcept {
  return state_->cancelled.load(std::memory_order_acquire);
}
void Cancellation::cancel() const noexcept {
  state_->cancelled.store(true, std::memory_order_release);
}

struct ToolRegistry::Impl {
  std::vector<std::unique_ptr<const Tool>>
      tools;  ///< In the order they were added; few enough to search.
};

ToolRegistry::ToolRegistry() : impl_(std::make_unique<Impl>()) {}
ToolRegistry::~ToolRegistry() = default;

Result<> ToolRegistry::add(ToolSpec spec, ToolHandler handler, ToolOptions options) {
  if (!handler) return fail(Errc::invalid_argument, "a tool needs a handler", "handler");
  const auto answer_at_once = [handler = std::move(handler)](const ToolInvocation& call,
                                                             const ToolReply& reply) {
    reply(handler(call));
  };
  return add_async(std::move(spec), answer_at_once, std::move(options));
}

Result<> ToolRegistry::add_async(ToolSpec spec, AsyncToolHandler handler, ToolOptions options) {
  if (!handler) return fail(Errc::invalid_argument, "a tool needs a handler", "handler");
  if (!is_tool_name(spec.name)) {
    return fail(
        Errc::invalid_argument,
        fmt::format("a tool's name is 1 to 64 letters, digits, _ and -, not \"{}\"", spec.name),
        "name");
  }
  if (find(spec.name) != nullptr) {
    return fail(Errc::conflict, fmt::format("there is a tool \"{}\" already", spec.name), "name");
  }
  if (options.deadline <= Millis(0)) {
    return fail(Errc::invalid_argument, "a tool's deadline must be above 0 ms", "options");
  }
  if (options.filler_after < Millis(0)) {
    return fail(Errc::invalid_argument, "filler_after must be 0 ms, for never, or more", "options");
  }
  if (spec.parameters_json.empty()) spec.parameters_json = kNoParameters;
  auto parameters = compile_parameters(spec);
  if (!parameters) return fail(parameters.error());
  impl_->tools.push_back(std::make_unique<const Tool>(
      Tool{std::move(spec), std::move(handler), std::move(options), std::move(*parameters)}));
  return {};
}

const ToolRegistry::Tool* ToolRegistry::find(std::string_view name) const {
  const auto found = std::find_if(impl_->tools.begin(), impl_->tools.end(),
                                  [&](const auto& tool) { return tool->spec.name == name; });
  return found == impl_->tools.end() ? nullptr : found->get();
}

std::vector<ToolSpec> ToolRegistry::specs() const {
  std::vector<ToolSpec> specs;
  for (const auto& tool : impl_->tools) specs.push_back(tool->spec);
  return specs;
}

std::vector<ToolSpec> ToolRegistry::specs(const std::vector<std::string>& names) const {
  std::vector<ToolSpec> specs;
  for (const std::string& name : names) {
    if (const Tool* tool = find(name)) specs.push_back(tool->spec);
  }
  return specs;
}

std::string tool_error_json(const Error& error) {
  JsonWriter json;
  json.object().key("error").object().field("code", to_string(error.code));
  if (!error.field.empty()) json.field("field", error.field);
  return json.field("message", error.message).end().end().take();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
