#include "voicebridge/openai/conversation.hpp"

#include <algorithm>
#include <array>

#include "openai/conversation_shapes.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

/// What the service wants of an item, although it may be empty.
struct Requirement {
  std::string_view type;
  std::array<std::string_view, 4> members;
};

constexpr Requirement kRequirements[] = {
    {"message", {"role", "content"}},
    {"function_call", {"name", "arguments"}},
    {"function_call_output", {"call_id", "output"}},
    {"mcp_list_tools", {"server_label", "tools"}},
    {"mcp_call", {"id", "server_label", "name", "arguments"}},
    {"mcp_approval_request", {"id", "server_label", "name", "arguments"}},
    {"mcp_approval_response", {"id", "approval_request_id"}},
    {"item_reference", {"id"}},
};

}  // namespace

bool operator==(const ConversationItem& a, const ConversationItem& b) { return detail::same(a, b); }

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace wire {

bool Shape<ConversationItem>::must(const ConversationItem& item, std::string_view name) {
  return std::any_of(
      std::begin(openai::kRequirements), std::end(openai::kRequirements), [&](const auto& each) {
        return each.type == item.type &&
               std::find(each.members.begin(), each.members.end(), name) != each.members.end();
      });
}

void Shape<ConversationItem>::tidy(ConversationItem& item, JsonView) {
  if (item.role != "assistant") return;
  for (ContentPart& part : item.content) {
    if (part.type == "text" || part.type == "audio") part.type = "output_" + part.type;
  }
}

}  // namespace wire
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
