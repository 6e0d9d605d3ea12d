#include "openai_item_events.hpp"

#include <fmt/format.h>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

ApiError no_such_item(std::string_view verb, const std::string& id) {
  return {fmt::format("item_{}_invalid_item_id", verb),
          fmt::format("Error {} item: the item with id '{}' does not exist.", verb, id), "item_id"};
}

}  // namespace

ItemEvents::ItemEvents(EventOut& out, Conversation& conversation, IdGenerator& ids, Script& script,
                       Unanswered& unanswered, OpenAiSimRecord& record)
    : out_(out),
      conversation_(conversation),
      ids_(ids),
      script_(script),
      unanswered_(unanswered),
      record_(record) {}

std::optional<ApiError> ItemEvents::create(JsonView event, AudioFormat input_format) {
  auto item = read_item(event["item"], input_format);
  if (!item) return ApiError{"invalid_value", "Invalid 'audio': expected base64.", "item.content"};
  if (auto error = check_new(*item, event)) return error;
  if (item->id.empty()) item->id = ids_.make("item_");
  if (item->type == "function_call" && item->call_id.empty()) item->call_id = ids_.make("call_");
  note(*item);
  std::optional<std::string> previous;
  if (const auto id = event["previous_item_id"].string()) previous = std::string(*id);
  announce(std::move(*item), previous);
  return std::nullopt;
}

std::optional<ApiError> ItemEvents::check_new(const Item& item, JsonView event) {
  const auto previous = event["previous_item_id"].string();
  if (previous && *previous != "root" && conversation_.find(*previous) == nullptr) {
    return ApiError{
        "item_create_invalid_previous_item_id",
        fmt::format("Error creating item: the previous item with id '{}' does not exist.",
                    *previous),
        "previous_item_id"};
  }
  if (!item.id.empty() && conversation_.find(item.id) != nullptr) {
    return ApiError{
        "item_create_duplicate_item_id",
        fmt::format("Error creating item: the item with id '{}' already exists.", item.id),
        "item.id"};
  }
  if (item.type == "mcp_approval_response") {
    const Item* request = conversation_.find(item.approval_request_id);
    if (request == nullptr || request->type != "mcp_approval_request") {
      return ApiError{
          "invalid_value",
          fmt::format("Approval request '{}' not found in conversation.", item.approval_request_id),
          "item.approval_request_id"};
    }
  }
  if (item.type == "function_call_output" && conversation_.find_call(item.call_id) == nullptr) {
    return ApiError{"invalid_tool_call_id",
                    fmt::format("Tool call ID '{}' not found in conversation.", item.call_id),
                    "item.call_id"};
  }
  return std::nullopt;
}

/// What the item means for the next response.
void ItemEvents::note(const Item& item) {
  if (item.is_user_text()) unanswered_.text = true;
  if (item.role == "assistant") unanswered_ = {};  // an earlier conversation, already answered
  if (item.type == "message" && !item.content.empty()) {
    script_.recall_words(item.role, item.content.front().text);
  }
  if (item.type == "function_call") script_.recall_call(item.name);
  if (item.type != "function_call_output") return;
  unanswered_.tool_output = true;
  const std::string name = conversation_.find_call(item.call_id)->name;
  script_.tool_answered(name, item.output);
  record_.add(record_.tool_results, {item.call_id, name, item.output});
}

bool ItemEvents::announce(Item item, const std::optional<std::string>& previous) {
  const std::string id = item.id;
  if (!conversation_.insert(std::move(item), previous)) return false;
  const Item& kept = *conversation_.find(id);
  for (const char* type : {"conversation.item.added", "conversation.item.done"}) {
    out_.event(type, [&](JsonWriter& out) {
      write_previous(out, conversation_.previous_of(id));
      out.key("item");
      kept.write(out);
    });
  }
  return true;
}

std::optional<ApiError> ItemEvents::retrieve(JsonView event) {
  const std::string id = event["item_id"].string_or("");
  const Item* item = conversation_.find(id);
  if (item == nullptr) return no_such_item("retrieve", id);
  out_.event("conversation.item.retrieved", [&](JsonWriter& out) {
    out.key("item");
    item->write(out, true);
  });
  return std::nullopt;
}

std::optional<ApiError> ItemEvents::truncate(JsonView event) {
  const std::string id = event["item_id"].string_or("");
  const Millis end(event["audio_end_ms"].integer_or(0));
  Item* item = conversation_.find(id);
  if (item == nullptr) return no_such_item("truncate", id);
  if (!item->is_agent_audio() || item->content.front().audio_bytes == 0 || end == Millis(0)) {
    return ApiError{"unsupported_content_type",
                    "Only model output audio messages can be truncated.", ""};
  }
  const ContentPart& part = item->content.front();
  if (end > part.duration()) {
    return ApiError{"invalid_value",
                    fmt::format("Audio content of {}ms is already shorter than {}ms",
                                part.duration().count(), end.count()),
                    "audio_end_ms"};
  }
  cut(id, end);
  return std::nullopt;
}

void ItemEvents::cut(const std::string& id, Millis end) {
  Item* item = conversation_.find(id);
  if (item == nullptr || !item->is_agent_audio()) return;
  ContentPart& part = item->content.front();
  part.audio_bytes = static_cast<std::size_t>(end.count()) * part.format.bytes_per_second() / 1000;
  part.transcript.reset();
  item->status = "incomplete";
  if (auto* said = utterance(id)) said->heard = end;
  out_.event("conversation.item.truncated", [&](JsonWriter& out) {
    out.field("item_id", id).field("content_index", 0).field("audio_end_ms", end.count());
  });
}

std::optional<ApiError> ItemEvents::erase(JsonView event) {
  const std::string id = event["item_id"].string_or("");
  if (!conversation_.erase(id)) return no_such_item("delete", id);
  if (auto* said = utterance(id)) said->deleted = true;
  out_.event("conversation.item.deleted", [&](JsonWriter& out) { out.field("item_id", id); });
  return std::nullopt;
}

OpenAiSimRecord::Utterance* ItemEvents::utterance(const std::string& item_id) {
  for (auto& said : record_.utterances) {
    if (said.item_id == item_id) return &said;
  }
  return nullptr;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
