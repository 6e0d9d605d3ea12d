#include "openai_conversation.hpp"

#include <algorithm>

#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

void write_part(JsonWriter& out, const ContentPart& part, bool with_audio) {
  out.object().field("type", part.type);
  if (part.type == "input_image") {
    out.field("image_url", part.text);
  } else if (part.type == "input_audio" || part.type == "output_audio") {
    if (part.transcript) {
      out.field("transcript", *part.transcript);
    } else if (part.type == "input_audio") {
      out.key("transcript").null();
    }
    if (with_audio && part.audio) {
      out.field("audio", base64_encode(ByteView(*part.audio).subview(0, part.audio_bytes)));
    }
  } else {
    out.field("text", part.text);
  }
  out.end();
}

void text_or_null(JsonWriter& out, std::string_view key, const std::string& text, bool given) {
  out.key(key);
  if (given) {
    out.string(text);
  } else {
    out.null();
  }
}

/// What the MCP kinds have besides `id` and `type`; they have neither object nor status.
void write_mcp(JsonWriter& out, const Item& item) {
  if (item.type == "mcp_approval_response") {
    out.field("approval_request_id", item.approval_request_id).field("approve", item.approve);
    return;
  }
  out.field("server_label", item.server_label);
  if (item.type == "mcp_list_tools") {
    out.key("tools").raw(item.tools_json);
    return;
  }
  out.field("name", item.name).field("arguments", item.arguments);
  if (item.type == "mcp_approval_request") return;
  const bool failed = !item.error.empty();
  text_or_null(out, "approval_request_id", item.approval_request_id,
               !item.approval_request_id.empty());
  text_or_null(out, "output", item.output, item.status == "completed" && !failed);
  out.key("error");
  if (item.status == "completed" && failed) {
    out.object().field("type", "tool_execution_error").field("message", item.error).end();
  } else {
    out.null();
  }
}

std::optional<ContentPart> read_part(JsonView json, AudioFormat input_format) {
  ContentPart part;
  part.type = json["type"].string_or("");
  part.text = json["text"].string_or(json["image_url"].string_or(""));
  if (part.type != "input_audio") return part;
  auto audio = base64_decode(*json["audio"].string());
  if (!audio) return std::nullopt;
  part.audio_bytes = audio->size();
  part.audio = std::make_shared<const Bytes>(std::move(*audio));
  part.format = input_format;
  if (const auto transcript = json["transcript"].string())
    part.transcript = std::string(*transcript);
  return part;
}

std::size_t audio_bytes(const Item& item) {
  std::size_t bytes = 0;
  for (const auto& part : item.content) bytes += part.audio_bytes;
  return bytes;
}

}  // namespace

Millis ContentPart::duration() const {
  return std::chrono::duration_cast<Millis>(format.duration(audio_bytes));
}

bool Item::is_agent_audio() const {
  return !content.empty() && content.front().type == "output_audio";
}

bool Item::is_user_text() const {
  return role == "user" && !content.empty() && content.front().type != "input_audio";
}

void Item::write(JsonWriter& out, bool with_audio) const {
  out.object().field("id", id).field("type", type);
  if (is_mcp()) {
    write_mcp(out, *this);
    out.end();
    return;
  }
  out.field("object", "realtime.item").field("status", status);
  if (type == "message") {
    out.field("role", role).key("content").array();
    for (const auto& part : content) write_part(out, part, with_audio);
    out.end();
  } else {
    out.field("call_id", call_id);
    if (type == "function_call") {
      out.field("name", name).field("arguments", arguments);
    } else {
      out.field("output", output);
    }
  }
  out.end();
}

void write_previous(JsonWriter& out, const std::optional<std::string>& previous) {
  out.key("previous_item_id");
  if (previous) {
    out.string(*previous);
  } else {
    out.null();
  }
}

std::optional<Item> read_item(JsonView json, AudioFormat input_format) {
  Item item;
  item.id = json["id"].string_or("");
  item.type = json["type"].string_or("message");
  item.role = json["role"].string_or("");
  for (const JsonView element : json["content"].elements()) {
    auto part = read_part(element, input_format);
    if (!part) return std::nullopt;
    item.content.push_back(std::move(*part));
  }
  item.call_id = json["call_id"].string_or("");
  item.name = json["name"].string_or("");
  item.arguments = json["arguments"].string_or("");
  item.output = json["output"].string_or("");
  item.approval_request_id = json["approval_request_id"].string_or("");
  item.approve = json["approve"].bool_or(false);
  return item;
}

TokenCount& TokenCount::operator+=(TokenCount other) {
  text += other.text;
  audio += other.audio;
  return *this;
}

std::int64_t text_tokens(std::string_view text) {
  return static_cast<std::int64_t>((text.size() + 3) / 4);
}

TokenCount count_tokens(const Item& item) {
  TokenCount tokens;
  for (const auto& part : item.content) {
    if (part.type == "input_audio") {
      tokens.audio += part.duration() / Millis(100);
    } else if (part.type == "output_audio") {
      tokens.audio += part.duration() / Millis(50);
      tokens.text += text_tokens(part.transcript.value_or(""));
    } else if (part.type != "input_image") {
      tokens.text += text_tokens(part.text);
    }
  }
  tokens.text += text_tokens(item.name) + text_tokens(item.arguments) + text_tokens(item.output);
  if (item.type == "mcp_list_tools") tokens.text += text_tokens(item.tools_json);
  return tokens;
}

bool Conversation::insert(Item item, const std::optional<std::string>& previous) {
  auto position = items_.end();
  if (previous == "root") {
    position = items_.begin();
  } else if (previous) {
    position = std::find_if(items_.begin(), items_.end(),
                            [&](const Item& i) { return i.id == *previous; });
    if (position == items_.end()) return false;
    ++position;
  }
  enforce_limits(items_.insert(position, std::move(item)));
  return true;
}

void Conversation::enforce_limits(std::list<Item>::iterator newest) {
  std::size_t bytes = 0;
  for (const auto& item : items_) bytes += audio_bytes(item);
  while (items_.size() > 1 && (items_.size() > kMaxItems || bytes > kMaxAudioBytes)) {
    const auto oldest = items_.begin() == newest ? std::next(newest) : items_.begin();
    bytes -= audio_bytes(*oldest);
    items_.erase(oldest);
    ++dropped_;
  }
}

Item* Conversation::find(std::string_view id) {
  const auto item =
      std::find_if(items_.begin(), items_.end(), [&](const Item& i) { return i.id == id; });
  return item == items_.end() ? nullptr : &*item;
}

const Item* Conversation::find_call(std::string_view call_id) const {
  const auto item = std::find_if(items_.begin(), items_.end(), [&](const Item& i) {
    return i.type == "function_call" && i.call_id == call_id;
  });
  return item == items_.end() ? nullptr : &*item;
}

bool Conversation::erase(std::string_view id) {
  const auto item =
      std::find_if(items_.begin(), items_.end(), [&](const Item& i) { return i.id == id; });
  if (item == items_.end()) return false;
  items_.erase(item);
  return true;
}

std::optional<std::string> Conversation::previous_of(std::string_view id) const {
  std::optional<std::string> previous;
  for (const auto& item : items_) {
    if (item.id == id) return previous;
    previous = item.id;
  }
  return std::nullopt;
}

std::optional<std::string> Conversation::last_id() const {
  if (items_.empty()) return std::nullopt;
  return items_.back().id;
}

TokenCount Conversation::tokens() const {
  TokenCount tokens;
  for (const auto& item : items_) tokens += count_tokens(item);
  return tokens;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
