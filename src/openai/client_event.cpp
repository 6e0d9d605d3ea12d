#include "voicebridge/openai/client_event.hpp"

#include <fmt/format.h>

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

std::string_view format_name(AudioFormat format) {
  if (format == AudioFormat::pcmu()) return "audio/pcmu";
  if (format == AudioFormat::pcma()) return "audio/pcma";
  if (format == AudioFormat::l16(24000)) return "audio/pcm";
  return {};
}

Result<> check_format(const std::optional<AudioFormat>& format, std::string_view field) {
  if (!format || !format_name(*format).empty()) return {};
  return fail(Errc::unsupported,
              fmt::format("the service speaks PCMU/8000, PCMA/8000 and L16/24000, not {}",
                          to_string(*format)),
              std::string(field));
}

Result<> check_tools(const std::optional<std::vector<ToolSpec>>& tools) {
  if (!tools) return {};
  for (const ToolSpec& tool : *tools) {
    if (tool.name.empty()) return fail(Errc::invalid_argument, "a tool needs a name", "tools.name");
    const auto parameters = Json::parse(tool.parameters_json);
    if (!parameters || !parameters->root().is_object()) {
      return fail(Errc::invalid_argument,
                  fmt::format("the parameters of {} must be a JSON object", tool.name),
                  "tools.parameters");
    }
  }
  return {};
}

void write_format(JsonWriter& json, AudioFormat format) {
  json.key("format").object().field("type", format_name(format));
  if (format.encoding == AudioEncoding::l16le) json.field("rate", format.sample_rate);
  json.end();
}

void write_transcription(JsonWriter& json, const SessionUpdate::Transcription& transcription) {
  json.key("transcription");
  if (transcription.model.empty()) {
    json.null();
    return;
  }
  json.object().field("model", transcription.model);
  if (!transcription.language.empty()) json.field("language", transcription.language);
  json.end();
}

void write_turn_detection(JsonWriter& json, const TurnDetection& turns) {
  json.key("turn_detection");
  if (turns.mode == TurnDetection::Mode::manual) {
    json.null();
    return;
  }
  json.object();
  if (turns.mode == TurnDetection::Mode::server_vad) {
    json.field("type", "server_vad")
        .field("threshold", turns.threshold)
        .field("prefix_padding_ms", turns.prefix_padding.count())
        .field("silence_duration_ms", turns.silence.count());
  } else {
    json.field("type", "semantic_vad");
  }
  json.field("create_response", turns.respond).field("interrupt_response", turns.interrupt).end();
}

void write_noise_reduction(JsonWriter& json, const std::string& type) {
  json.key("noise_reduction");
  if (type.empty()) {
    json.null();
  } else {
    json.object().field("type", type).end();
  }
}

void write_audio(JsonWriter& json, const SessionUpdate& update) {
  const bool input = update.input || update.transcription || update.turns || update.noise_reduction;
  const bool output = update.output || update.voice || update.speed;
  if (!input && !output) return;
  json.key("audio").object();
  if (input) {
    json.key("input").object();
    if (update.input) write_format(json, *update.input);
    if (update.noise_reduction) write_noise_reduction(json, *update.noise_reduction);
    if (update.transcription) write_transcription(json, *update.transcription);
    if (update.turns) write_turn_detection(json, *update.turns);
    json.end();
  }
  if (output) {
    json.key("output").object();
    if (update.output) write_format(json, *update.output);
    json.field("voice", update.voice).field("speed", update.speed).end();
  }
  json.end();
}

void write_tools(JsonWriter& json, const std::vector<ToolSpec>& tools) {
  json.key("tools").array();
  for (const ToolSpec& tool : tools) {
    json.object()
        .field("type", "function")
        .field("name", tool.name)
        .field("description", tool.description)
        .key("parameters")
        .raw(tool.parameters_json)
        .end();
  }
  json.end().field("tool_choice", "auto");
}

std::string close(JsonWriter& json) { return json.end().take(); }

}  // namespace

Result<std::string> session_update(const SessionUpdate& update, std::string_view event_id) {
  if (auto ok = check_format(update.input, "input"); !ok) return fail(ok.error());
  if (auto ok = check_format(update.output, "output"); !ok) return fail(ok.error());
  if (auto ok = check_tools(update.tools); !ok) return fail(ok.error());

  JsonWriter json = begin("session.update", event_id);
  json.key("session").object().field("type", "realtime");
  if (update.output) json.key("output_modalities").array().string("audio").end();
  json.field("instructions", update.instructions);
  write_audio(json, update);
  if (update.tools) write_tools(json, *update.tools);
  if (update.reasoning_effort) {
    json.key("reasoning").object().field("effort", *update.reasoning_effort).end();
  }
  json.field("max_output_tokens", update.max_output_tokens).end();
  return close(json);
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
