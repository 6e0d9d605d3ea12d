#include "voicebridge/openai/client_event.hpp"

#include "voicebridge/core/json.hpp"

namespace voicebridge::openai {
namespace {

/// Opens an event; the caller closes it.
JsonWriter begin(std::string_view type, std::string_view event_id) {
  JsonWriter json;
  json.object().field("type", type);
  if (!event_id.empty()) json.field("event_id", event_id);
  return json;
}

std::string close(JsonWriter& json) { return json.end().take(); }

}  // namespace

Result<std::string> session_update(const SessionConfig& session, std::string_view event_id) {
  const auto text = to_json(session, SessionUse::update);
  if (!text) return fail(text.error());
  JsonWriter json = begin("session.update", event_id);
  return close(json.key("session").raw(*text));
}

std::string input_audio_append(std::string_view audio) {
  JsonWriter json = begin("input_audio_buffer.append", {});
  return close(json.field("audio", audio));
}

std::string input_audio_commit(std::string_view event_id) {
  JsonWriter json = begin("input_audio_buffer.commit", event_id);
  return close(json);
}

std::string input_audio_clear(std::string_view event_id) {
  JsonWriter json = begin("input_audio_buffer.clear", event_id);
  return close(json);
}

std::string output_audio_clear(std::string_view event_id) {
  JsonWriter json = begin("output_audio_buffer.clear", event_id);
  return close(json);
}

std::string create_message(MessageRole role, std::string_view text, std::string_view item_id,
                           std::string_view event_id) {
  const std::string_view name = role == MessageRole::system ? "system"
                                : role == MessageRole::user ? "user"
                                                            : "assistant";
  JsonWriter json = begin("conversation.item.create", event_id);
  json.key("item").object();
  if (!item_id.empty()) json.field("id", item_id);
  json.field("type", "message").field("role", name).key("content").array();
  json.object()
      .field("type", role == MessageRole::assistant ? "output_text" : "input_text")
      .field("text", text)
      .end();
  return close(json.end().end());
}

std::string create_function_output(std::string_view call_id, std::string_view output,
                                   std::string_view item_id, std::string_view event_id) {
  JsonWriter json = begin("conversation.item.create", event_id);
  json.key("item").object();
  if (!item_id.empty()) json.field("id", item_id);
  json.field("type", "function_call_output")
      .field("call_id", call_id)
      .field("output", output)
      .end();
  return close(json);
}

std::string truncate_item(std::string_view item_id, Millis audio_end, std::string_view event_id) {
  JsonWriter json = begin("conversation.item.truncate", event_id);
  return close(json.field("item_id", item_id)
                   .field("content_index", 0)
                   .field("audio_end_ms", audio_end.count()));
}

std::string delete_item(std::string_view item_id, std::string_view event_id) {
  JsonWriter json = begin("conversation.item.delete", event_id);
  return close(json.field("item_id", item_id));
}

std::string retrieve_item(std::string_view item_id, std::string_view event_id) {
  JsonWriter json = begin("conversation.item.retrieve", event_id);
  return close(json.field("item_id", item_id));
}

std::string create_response(const ResponseRequest& request, std::string_view event_id) {
  JsonWriter json = begin("response.create", event_id);
  json.key("response").object();
  if (!request.instructions.empty()) json.field("instructions", request.instructions);
  if (!request.allow_tools) json.field("tool_choice", "none");
  if (!request.tag.empty()) json.key("metadata").object().field(kResponseTag, request.tag).end();
  json.end();
  return close(json);
}

std::string cancel_response(std::string_view response_id, std::string_view event_id) {
  JsonWriter json = begin("response.cancel", event_id);
  if (!response_id.empty()) json.field("response_id", response_id);
  return close(json);
}

}  // namespace voicebridge::openai
